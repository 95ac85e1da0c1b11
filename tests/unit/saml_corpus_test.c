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

#include "corpus_rows.h"
#include "saml.h"

enum { ARENA_BYTES = 64 << 20 };

struct tally {
    unsigned rows;
    unsigned agreed;
    unsigned skipped;
};

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
    print_message("  %.*s: label %.*s, ours %s", STR_ARG(row[CORPUS_ID]), STR_ARG(row[CORPUS_SIGNATURE]), ours);
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
    if (str_eq_c(row[CORPUS_SIGNATURE], "unchecked") || !corpus_xml(arena, folder, row, &xml)) {
        tally->skipped++;
        arena_free(arena);
        return;
    }
    keys = corpus_keys(arena, folder, row);
    options.keys = keys;
    message = saml_read(arena, xml, &options, &status);
    ours = our_word(message);
    tally->rows++;
    if (str_eq_c(row[CORPUS_SIGNATURE], ours))
        tally->agreed++;
    else
        print_disagreement(row, message, &status, ours);
    for (size_t i = 0; message != NULL && i < message->signature_count; i++) {
        const struct dsig_signature *signature = &message->signatures[i];

        if (signature->valid && signature->second_opinion != DSIG_NOT_CHECKED && signature->second_opinion != DSIG_OK)
            fail_msg("%.*s: xmlsec1 disagrees: %.*s", STR_ARG(row[CORPUS_ID]), STR_ARG(signature->second_opinion_why));
    }
    key_set_free(keys);
    arena_free(arena);
}

static void
check_source(const char *folder)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct str manifest, line, row[CORPUS_COLUMNS];
    struct tally tally = { 0 };
    bool head = true;

    assert_non_null(arena);
    manifest = corpus_file(arena, folder, STR("manifest.tsv"));
    if (!str_present(manifest)) {
        print_message("the corpus is not beside the project: skipped\n");
        arena_free(arena);
        skip();
    }
    while (manifest.len > 0) {
        struct str rest;

        str_cut(manifest, '\n', &line, &rest);
        if (!head && corpus_split(line, row))
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
