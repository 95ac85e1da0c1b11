/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_STR_H
#define SAMLTAP_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A borrowed run of bytes. It owns nothing: whoever made it says in its header how long the
 * bytes live (usually: as long as an arena). Not NUL-terminated, may hold any byte.
 * { NULL, 0 } means "absent"; a non-NULL pointer with length 0 means "present and empty".
 */
struct str {
    const char *ptr;
    size_t len;
};

/* printf helper: printf("%.*s", STR_ARG(s)). Never for untrusted bytes on a terminal: see escape.h. */
#define STR_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""
/* A constant from a string literal. */
#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
/* The same for static initialisers. */
#define STR_INIT(literal)                                                                                              \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

/* Borrows a C string (NULL gives the absent str). */
struct str str_from(const char *c_string);

/* True when s is present (its pointer is not NULL), also when it is empty. */
bool str_present(struct str s);

/* Byte equality. Two absent strings are equal; absent and empty are not told apart. */
bool str_eq(struct str a, struct str b);
bool str_eq_c(struct str a, const char *b);

/* ASCII case-insensitive equality. */
bool str_eq_nocase(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_starts_c(struct str s, const char *prefix);
bool str_starts_nocase(struct str s, struct str prefix);
bool str_ends_c(struct str s, const char *suffix);

/* Offset of the first occurrence of needle in s, or SIZE_MAX. An empty needle is at 0. */
size_t str_find(struct str s, struct str needle);
size_t str_find_c(struct str s, const char *needle);
size_t str_find_nocase(struct str s, struct str needle);
/* Offset of the first byte c, or SIZE_MAX. */
size_t str_find_byte(struct str s, char c);

/* The part [from, from + len), clipped to s. */
struct str str_slice(struct str s, size_t from, size_t len);
/* From offset to the end. */
struct str str_from_offset(struct str s, size_t from);

/* Without leading and trailing space, tab, CR and LF (XML white space). */
struct str str_trim(struct str s);

/*
 * Cuts at the first byte c: *head gets what is before it, *tail what follows. Returns false, with
 * *head = s and *tail absent, when c does not occur.
 */
bool str_cut(struct str s, char c, struct str *head, struct str *tail);

/* Parses an unsigned decimal without sign or blanks. Returns false on anything else or overflow. */
bool str_to_u64(struct str s, uint64_t *value);

/* Orders by bytes, then by length: for sorting and look-up. */
int str_compare(struct str a, struct str b);

#endif
