/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JSON_READ_H
#define SAMLTAP_JSON_READ_H

#include <jansson.h>

#include "arena.h"

/* Strict JSON (RFC 8259): UTF-8, one document, no member named twice, no NUL in strings. */

/* Gives the object, or NULL when text is none, is longer than max_bytes, or is not strict. The caller owns it. */
json_t *json_read_object(struct str text, size_t max_bytes);

/* A string member copied into the arena; absent when it is not there or no string. */
struct str json_read_string(struct arena *arena, const json_t *object, const char *key);

/* True when the member is there and no string. */
bool json_read_is_other(const json_t *object, const char *key);

/* The bytes of a string, borrowed from value; absent when it is no string. */
struct str json_read_text(const json_t *value);

#endif
