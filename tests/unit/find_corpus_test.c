/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "find.h"

/*
 * Every message of the shared corpus that is decodable according to its manifest must yield at least
 * one message with well-formed XML. The corpus lies beside the project; without it the test says so.
 */
static const char *const folders[] = { "python3-saml", "php-saml", "java-saml", "derived-settings", "envelopes" };

enum { COLUMN_ID = 0, COLUMN_FILE = 1, COLUMN_DECODABLE = 13, COLUMN_COUNT = 14, CEILING = 64 << 20 };

/* The whole file in malloc'd memory of exactly its size, so that a sanitizer sees a read past the end. */
static char *
read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    long length;

    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        bytes = malloc(length ? (size_t)length : 1);
        assert_non_null(bytes);
        *size = fread(bytes, 1, (size_t)length, file);
        assert_int_equal(*size, length);
    }
    fclose(file);
    return bytes;
}

static bool
any_well_formed(const struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++)
        if (str_present(messages->items[i].xml) && messages->items[i].xml_status.result == XML_OK)
            return true;
    return false;
}

static bool
any_decoded(const struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++)
        if (str_present(messages->items[i].xml))
            return true;
    return false;
}

/* True when the bytes yield a message, with well-formed XML if so wanted. */
static bool
yields_message(struct str bytes, bool well_formed, struct str *why)
{
    static char text[512];
    struct arena *arena = arena_new(CEILING);
    const struct saml_options options = { 0 };
    struct messages messages = { 0 };
    struct input input;
    bool ok = find_input(arena, bytes, &options, &input);

    if (ok) {
        for (size_t i = 0; i < input.exchange_count; i++)
            assert_true(find_messages(arena, &input.exchanges[i], &options, &messages));
        ok = any_well_formed(&input.messages) || any_well_formed(&messages) ||
             (!well_formed && (any_decoded(&input.messages) || any_decoded(&messages)));
    }
    snprintf(text, sizeof(text), "%s, %zu messages, %.*s", input_kind_name(input.kind),
             input.messages.count + messages.count, STR_ARG(input.problem));
    *why = str_from(text);
    arena_free(arena);
    return ok;
}

static void
run_row(const char *folder, struct str line, size_t *rows, size_t *decodable, size_t *failed)
{
    struct str columns[COLUMN_COUNT], rest = line, why;
    char path[1024];
    char *bytes;
    size_t size;
    bool ok;

    for (int i = 0; i < COLUMN_COUNT; i++)
        str_cut(rest, '\t', &columns[i], &rest);
    if (columns[COLUMN_ID].len == 0)
        return;
    ++*rows;
    snprintf(path, sizeof(path), "../shared/corpus/%s/%.*s", folder, STR_ARG(columns[COLUMN_FILE]));
    bytes = read_file(path, &size);
    if (bytes == NULL)
        fail_msg("%s is in the manifest, but not there", path);
    /* The others are base64 whose XML is broken: they must be decoded, too; what the XML is worth is not asked here. */
    ok = yields_message((struct str){ bytes, size }, str_eq_c(columns[COLUMN_DECODABLE], "yes"), &why);
    *decodable += ok && str_eq_c(columns[COLUMN_DECODABLE], "yes");
    if (!ok) {
        ++*failed;
        print_message("not decoded: %.*s (%s)\n", STR_ARG(columns[COLUMN_ID]), why.ptr);
    }
    free(bytes);
}

static void
every_decodable_row_is_decoded(void **state)
{
    size_t rows = 0, decodable = 0, failed = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        char path[256];
        struct str rest, line;
        size_t size = 0;
        char *manifest;

        snprintf(path, sizeof(path), "../shared/corpus/%s/manifest.tsv", folders[i]);
        manifest = read_file(path, &size);
        if (manifest == NULL) {
            print_message("%s is not there: the corpus test is left out\n", path);
            skip();
        }
        str_cut((struct str){ manifest, size }, '\n', &line, &rest);
        assert_true(str_starts_c(line, "id\tfile\t"));
        while (str_cut(rest, '\n', &line, &rest) || line.len > 0)
            run_row(folders[i], line, &rows, &decodable, &failed);
        free(manifest);
    }
    print_message("%zu rows, %zu decoded to well-formed XML, %zu wrong\n", rows, decodable, failed);
    assert_int_equal(failed, 0);
    assert_true(decodable > 300);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_decodable_row_is_decoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
