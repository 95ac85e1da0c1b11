/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JSON_FIELD_H
#define SAMLTAP_JSON_FIELD_H

#include "arena.h"
#include "str.h"

/* A string member of a JSON document. */
struct json_field {
    struct str name;
    struct str value;
};

struct json_fields {
    struct json_field *items;
    size_t count;
};

enum { JSON_FIELD_MAX_BYTES = 4 * 1024 * 1024, JSON_FIELD_MAX_DEPTH = 6, JSON_FIELD_MAX = 256 };

/*
 * Gives the string members of a JSON object, also of objects and arrays inside it down to
 * JSON_FIELD_MAX_DEPTH, at most JSON_FIELD_MAX of them. Strings are copied into the arena. A text that
 * is no JSON gives none. Returns false when the arena refuses.
 */
bool json_fields_read(struct arena *arena, struct str text, struct json_fields *fields) CHECK_RESULT;

#endif
