/* SPDX-License-Identifier: MIT */
#include "corpus_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "metadata.h"
#include "xml_base64.h"

#define CORPUS "../shared/corpus/"

struct str
corpus_file(struct arena *arena, const char *folder, struct str name)
{
    char path[1024], *bytes = NULL;
    long size = 0;
    size_t len = 0;
    FILE *file;

    snprintf(path, sizeof(path), CORPUS "%s/%.*s", folder, STR_ARG(name));
    file = fopen(path, "rb");
    if (file == NULL)
        return (struct str){ 0 };
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0)
        bytes = arena_alloc(arena, (size_t)size + 1);
    if (bytes != NULL)
        len = fread(bytes, 1, (size_t)size, file);
    fclose(file);
    return (struct str){ bytes, len };
}

struct key_set *
corpus_keys(struct arena *arena, const char *folder, const struct str *row)
{
    struct key_set *keys = key_set_new();
    struct metadata metadata;
    struct str file, reason;
    const char *why;

    assert_non_null(keys);
    if (row[CORPUS_CERT].len > 0) {
        file = corpus_file(arena, folder, row[CORPUS_CERT]);
        if (key_set_add_trusted(keys, file, row[CORPUS_CERT], (struct str){ 0 }, &why) == 0)
            print_message("  %.*s: %s\n", STR_ARG(row[CORPUS_CERT]), why);
    } else if (row[CORPUS_METADATA].len > 0) {
        file = corpus_file(arena, folder, row[CORPUS_METADATA]);
        if (metadata_read(arena, file, row[CORPUS_METADATA], &metadata, &reason))
            metadata_add_keys(&metadata, keys);
    }
    if (row[CORPUS_DECRYPT_KEY].len > 0) {
        file = corpus_file(arena, folder, row[CORPUS_DECRYPT_KEY]);
        if (!key_set_add_decryption(keys, file, (struct str){ 0 }, &why))
            print_message("  %.*s: %s\n", STR_ARG(row[CORPUS_DECRYPT_KEY]), why);
    }
    return keys;
}

bool
corpus_split(struct str line, struct str row[CORPUS_COLUMNS])
{
    memset(row, 0, CORPUS_COLUMNS * sizeof(*row));
    for (size_t i = 0; i < CORPUS_COLUMNS; i++) {
        struct str rest;

        str_cut(line, '\t', &row[i], &rest);
        line = rest;
        if (!str_present(line))
            return i + 1 >= CORPUS_SIGNATURE;
    }
    return true;
}

bool
corpus_xml(struct arena *arena, const char *folder, const struct str *row, struct str *xml)
{
    *xml = corpus_file(arena, folder, row[CORPUS_FILE]);
    if (str_eq_c(row[CORPUS_ENCODING], "base64"))
        return xml_base64_decode(arena, *xml, xml);
    return str_present(*xml) && str_eq_c(row[CORPUS_ENCODING], "xml");
}
