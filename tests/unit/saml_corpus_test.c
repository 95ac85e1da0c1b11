/* SPDX-License-Identifier: MIT */
/*
 * Every SAML message of the corpus, read with the row's certificate and private key: does our word on
 * the signatures agree with the label? Skips when the corpus is not beside the project.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metadata.h"
#include "saml.h"
#include "xml_base64.h"

#define CORPUS "../shared/corpus/"

enum {
    COLUMN_ID = 0,
    COLUMN_FILE = 1,
    COLUMN_KIND = 2,
    COLUMN_ENCODING = 3,
    COLUMN_CERT = 4,
    COLUMN_METADATA = 5,
    COLUMN_DECRYPT_KEY = 11,
    COLUMN_SIGNATURE = 14,
    COLUMN_COUNT = 22,
    ARENA_BYTES = 64 << 20
};

struct tally {
    unsigned rows;
    unsigned agreed;
    unsigned skipped;
};

static struct str
read_file(struct arena *arena, const char *folder, struct str name)
{
    char path[1024];
    FILE *file;
    char *bytes = arena_alloc(arena, 8 << 20);
    size_t len;

    snprintf(path, sizeof(path), CORPUS "%s/%.*s", folder, STR_ARG(name));
    file = fopen(path, "rb");
    if (file == NULL || bytes == NULL)
        return (struct str){ 0 };
    len = fread(bytes, 1, 8 << 20, file);
    fclose(file);
    return (struct str){ bytes, len };
}

/* Gives the keys of a row: certificate or metadata, and the private key. */
static struct key_set *
keys_of(struct arena *arena, const char *folder, const struct str *row)
{
    struct key_set *keys = key_set_new();
    struct metadata metadata;
    struct str file, reason;
    const char *why;

    assert_non_null(keys);
    if (row[COLUMN_CERT].len > 0) {
        file = read_file(arena, folder, row[COLUMN_CERT]);
        if (key_set_add_trusted(keys, file, row[COLUMN_CERT], (struct str){ 0 }, &why) == 0)
            print_message("  %.*s: %s\n", STR_ARG(row[COLUMN_CERT]), why);
    } else if (row[COLUMN_METADATA].len > 0) {
        file = read_file(arena, folder, row[COLUMN_METADATA]);
        if (metadata_read(arena, file, row[COLUMN_METADATA], &metadata, &reason))
            metadata_add_keys(&metadata, keys);
    }
    if (row[COLUMN_DECRYPT_KEY].len > 0) {
        file = read_file(arena, folder, row[COLUMN_DECRYPT_KEY]);
        if (!key_set_add_decryption(keys, file, (struct str){ 0 }, &why))
            print_message("  %.*s: %s\n", STR_ARG(row[COLUMN_DECRYPT_KEY]), why);
    }
    return keys;
}

static bool
is_moved(const struct dsig_signature *signature)
{
    return dsig_has_problem(signature, DSIG_PROBLEM_PLACEMENT) ||
           dsig_has_problem(signature, DSIG_PROBLEM_URI_MISMATCH) ||
           dsig_has_problem(signature, DSIG_PROBLEM_URI_MISSING);
}

/* Our own word, in the words of the column. */
static const char *
our_word(const struct saml_message *message)
{
    bool moved = false;

    if (message == NULL)
        return "none";
    if (message->signature_count == 0)
        return "none";
    for (size_t i = 0; i < message->signature_count; i++) {
        const struct dsig_signature *signature = &message->signatures[i];

        if (signature->valid && signature->trusted)
            continue;
        if (signature->value == DSIG_OK && is_moved(signature) &&
            !dsig_has_problem(signature, DSIG_PROBLEM_DUPLICATE_ID) &&
            (signature->digest == DSIG_OK || signature->digest_cause == DSIG_CAUSE_OTHER_ELEMENT))
            moved = true;
        else
            return "invalid";
    }
    return moved ? "valid-but-misplaced" : "valid";
}

static void
print_disagreement(const struct str *row, const struct saml_message *message, const struct xml_status *status,
                   const char *ours)
{
    print_message("  %.*s: label %.*s, ours %s", STR_ARG(row[COLUMN_ID]), STR_ARG(row[COLUMN_SIGNATURE]), ours);
    if (message == NULL)
        print_message(" (%s: %.*s)", xml_result_name(status->result), STR_ARG(status->text));
    for (size_t i = 0; message != NULL && i < message->signature_count; i++) {
        const struct dsig_signature *signature = &message->signatures[i];

        print_message(" [%.*s digest=%s value=%s keyinfo=%d problems=%x %.*s]", STR_ARG(signature->parent_name),
                      dsig_state_name(signature->digest), dsig_state_name(signature->value),
                      signature->verified_by_keyinfo, signature->problems, STR_ARG(signature->problem_detail));
    }
    print_message("\n");
}

static void
check_row(const char *folder, const struct str *row, struct tally *tally)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct saml_options options = { .explain = true, .second_opinion = true };
    struct key_set *keys;
    struct saml_message *message;
    struct xml_status status;
    struct str xml;
    const char *ours;

    assert_non_null(arena);
    xml = read_file(arena, folder, row[COLUMN_FILE]);
    if (str_eq_c(row[COLUMN_SIGNATURE], "unchecked") ||
        (!str_eq_c(row[COLUMN_ENCODING], "xml") && !str_eq_c(row[COLUMN_ENCODING], "base64")) ||
        (str_eq_c(row[COLUMN_ENCODING], "base64") && !xml_base64_decode(arena, xml, &xml))) {
        tally->skipped++;
        arena_free(arena);
        return;
    }
    keys = keys_of(arena, folder, row);
    options.keys = keys;
    message = saml_read(arena, xml, &options, &status);
    ours = our_word(message);
    tally->rows++;
    if (str_eq_c(row[COLUMN_SIGNATURE], ours))
        tally->agreed++;
    else
        print_disagreement(row, message, &status, ours);
    for (size_t i = 0; message != NULL && i < message->signature_count; i++) {
        const struct dsig_signature *signature = &message->signatures[i];

        if (signature->valid && signature->second_opinion != DSIG_NOT_CHECKED && signature->second_opinion != DSIG_OK)
            fail_msg("%.*s: xmlsec1 disagrees: %.*s", STR_ARG(row[COLUMN_ID]), STR_ARG(signature->second_opinion_why));
    }
    key_set_free(keys);
    arena_free(arena);
}

static bool
split_row(struct str line, struct str row[COLUMN_COUNT])
{
    memset(row, 0, COLUMN_COUNT * sizeof(*row));
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        struct str rest;

        str_cut(line, '\t', &row[i], &rest);
        line = rest;
        if (!str_present(line))
            return i + 1 >= COLUMN_SIGNATURE;
    }
    return true;
}

static void
check_source(const char *folder)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct str manifest, line, row[COLUMN_COUNT];
    struct tally tally = { 0 };
    bool head = true;

    assert_non_null(arena);
    manifest = read_file(arena, folder, STR("manifest.tsv"));
    if (!str_present(manifest)) {
        print_message("the corpus is not beside the project: skipped\n");
        arena_free(arena);
        skip();
    }
    while (manifest.len > 0) {
        struct str rest;

        str_cut(manifest, '\n', &line, &rest);
        if (!head && split_row(line, row))
            check_row(folder, row, &tally);
        head = false;
        manifest = rest;
    }
    print_message("%s: %u rows, %u agree (%.1f %%), %u skipped\n", folder, tally.rows, tally.agreed,
                  tally.rows ? 100.0 * tally.agreed / tally.rows : 0.0, tally.skipped);
    arena_free(arena);
    assert_true(tally.rows > 0);
    assert_true(tally.agreed * 100 >= tally.rows * 97);
}

static void
test_python3_saml(void **state)
{
    (void)state;
    check_source("python3-saml");
}

static void
test_php_saml(void **state)
{
    (void)state;
    check_source("php-saml");
}

static void
test_java_saml(void **state)
{
    (void)state;
    check_source("java-saml");
}

static void
test_derived_settings(void **state)
{
    (void)state;
    check_source("derived-settings");
}

static int
set_up(void **state)
{
    const char *why;

    (void)state;
    return saml_library_init(&why) ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    saml_library_cleanup();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_python3_saml),
        cmocka_unit_test(test_php_saml),
        cmocka_unit_test(test_java_saml),
        cmocka_unit_test(test_derived_settings),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
