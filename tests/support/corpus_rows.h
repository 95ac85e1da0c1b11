/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_CORPUS_ROWS_H
#define SAMLTAP_TESTS_CORPUS_ROWS_H

#include "arena.h"
#include "keys.h"
#include "str.h"

/* The labelled messages beside the project, ../shared/corpus: manifest.tsv of a folder, and what it names. */

enum corpus_column {
    CORPUS_ID = 0,
    CORPUS_FILE = 1,
    CORPUS_KIND = 2,
    CORPUS_ENCODING = 3,
    CORPUS_CERT = 4,
    CORPUS_METADATA = 5,
    CORPUS_DECRYPT_KEY = 11,
    CORPUS_SIGNATURE = 14,
    CORPUS_COLUMNS = 22,
};

/* Bytes of a file of a folder, in the arena; absent when there is none. */
struct str corpus_file(struct arena *arena, const char *folder, struct str name);

/* Cuts a line of a manifest. Returns false when it has not the columns that are needed. */
bool corpus_split(struct str line, struct str row[CORPUS_COLUMNS]);

/* The message of a row, decoded. Returns false when it is not XML, bare or in base64. */
bool corpus_xml(struct arena *arena, const char *folder, const struct str *row, struct str *xml);

/* Gives the keys of a row: certificate or metadata, and the private key. Free with key_set_free(). */
struct key_set *corpus_keys(struct arena *arena, const char *folder, const struct str *row);

#endif
