/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JSON_TEXT_H
#define SAMLTAP_JSON_TEXT_H

#include <jansson.h>

#include "exchange.h"

/* Help for the readers of JSON captures. */

/*
 * Parses a JSON document as browsers and extensions write it: byte order mark, NUL and lone surrogates
 * in strings and stray bytes are put up with. Returns NULL and one line in *problem (in the arena) when
 * it is none. The caller owns the result.
 */
json_t *json_text_load(struct arena *arena, struct str text, struct str *problem);

/*
 * The beginning of a JSON document that was cut off, without what is incomplete at its end and with all brackets
 * closed. Lives in the arena; absent when nothing can be made of it, or the arena refuses.
 */
struct str json_text_close(struct arena *arena, struct str text);

/* A string member copied into the arena; absent when it is not there or no string. */
struct str json_text_string(struct arena *arena, const json_t *object, const char *key);

/* A number member rounded to an integer, fallback when it is not there. */
int64_t json_text_number(const json_t *object, const char *key, int64_t fallback);

/* Headers: an array of { "name", "value" } objects or of [name, value] pairs. False: the arena refuses. */
bool json_text_headers(struct arena *arena, const json_t *array, struct headers *headers) CHECK_RESULT;

/* Appends one header; both strings are borrowed. */
bool json_text_add_header(struct arena *arena, struct headers *headers, struct str name, struct str value) CHECK_RESULT;

/* Appends name=value to a form body, "&" before all but the first; percent-encodes unless encoded says it is so. */
void json_text_add_pair(struct buf *form, struct str name, struct str value, bool encoded);

/* Length of a well-formed UTF-8 sequence at the beginning of s, which is not empty; 0 when it is none. */
size_t json_text_utf8_length(struct str s);

#endif
