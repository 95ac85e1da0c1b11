/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_URLFORM_H
#define SAMLTAP_URLFORM_H

#include "arena.h"
#include "str.h"

/* One name=value of a query or form body. All strings borrow from the text or live in the arena. */
struct urlform_field {
    struct str raw_name;  /* octets as received */
    struct str raw_value; /* absent: no "=" */
    struct str name;      /* decoded */
    struct str value;     /* decoded; absent: no "=" */
    size_t offset;        /* of raw_value in the text */
    size_t bad_at;        /* first "%" without two hex digits or byte over 0x7F in raw_value, SIZE_MAX: none */
};

struct urlform {
    struct urlform_field *items;
    size_t count;
    bool cut; /* there were more than URLFORM_MAX_FIELDS */
};

enum { URLFORM_MAX_FIELDS = 1000 };

/*
 * Reads application/x-www-form-urlencoded text (WHATWG URL 5.1: "&" separates, "+" is a space, a stray
 * "%" stays). Any bytes are fine. Returns false when the arena refuses.
 */
bool urlform_read(struct arena *arena, struct str text, struct urlform *form) CHECK_RESULT;

/* The first field of that exact decoded name, or NULL; and how many have it. */
const struct urlform_field *urlform_get(const struct urlform *form, const char *name);
size_t urlform_count(const struct urlform *form, const char *name);

/*
 * Percent-decodes. *bad_at is the offset of the first malformed escape or raw byte over 0x7F, SIZE_MAX when there is
 * none; malformed escapes stay as they are. Gives s itself when there is nothing to decode, the absent
 * str when the arena refuses.
 */
struct str percent_decode(struct arena *arena, struct str s, bool plus_is_space, size_t *bad_at);

/* Value of a hex digit, or -1. */
int hex_value(char c);

#endif
