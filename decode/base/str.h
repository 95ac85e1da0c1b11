/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_STR_H
#define SAMLTAP_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A borrowed run of bytes. It owns nothing: whoever made it says in its header how long the
 * bytes live (usually: as long as an arena). Not NUL-terminated, may hold any byte.
 * What every request that passes through the relay uses several times is inline.
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
static inline struct str
str_from(const char *c_string)
{
    return (struct str){ c_string, c_string ? strlen(c_string) : 0 };
}

/* True when s is present (its pointer is not NULL), also when it is empty. */
static inline bool
str_present(struct str s)
{
    return s.ptr != NULL;
}

/* Byte equality. Two absent strings are equal; absent and empty are not told apart. */
static inline bool
str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
str_eq_c(struct str a, const char *b)
{
    return str_eq(a, str_from(b));
}

/* The slow half of str_eq_nocase: the first len bytes of a and b. */
bool str_same_letters(const char *a, const char *b, size_t len);

/* ASCII case-insensitive equality. */
static inline bool
str_eq_nocase(struct str a, struct str b)
{
    return a.len == b.len && str_same_letters(a.ptr, b.ptr, a.len);
}

static inline bool
str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool
str_starts_c(struct str s, const char *prefix)
{
    return str_starts(s, str_from(prefix));
}

bool str_starts_nocase(struct str s, struct str prefix);
bool str_ends_c(struct str s, const char *suffix);

/* Offset of the first occurrence of needle in s, or SIZE_MAX. An empty needle is at 0. */
size_t str_find(struct str s, struct str needle);
size_t str_find_c(struct str s, const char *needle);
size_t str_find_nocase(struct str s, struct str needle);
/* Offset of the first byte c, or SIZE_MAX. */
static inline size_t
str_find_byte(struct str s, char c)
{
    const char *hit = s.len ? memchr(s.ptr, c, s.len) : NULL;

    return hit ? (size_t)(hit - s.ptr) : SIZE_MAX;
}

/* The part [from, from + len), clipped to s. */
static inline struct str
str_slice(struct str s, size_t from, size_t len)
{
    if (s.ptr == NULL)
        return s;
    if (from > s.len)
        from = s.len;
    if (len > s.len - from)
        len = s.len - from;
    return (struct str){ s.ptr + from, len };
}

/* From offset to the end. */
static inline struct str
str_from_offset(struct str s, size_t from)
{
    return str_slice(s, from, s.len);
}

/* Without leading and trailing space, tab, CR and LF (XML white space). */
struct str str_trim(struct str s);

/*
 * Cuts at the first byte c: *head gets what is before it, *tail what follows. Returns false, with
 * *head = s and *tail absent, when c does not occur.
 */
static inline bool
str_cut(struct str s, char c, struct str *head, struct str *tail)
{
    size_t at = str_find_byte(s, c);

    if (at == SIZE_MAX) {
        *head = s;
        *tail = (struct str){ 0 };
        return false;
    }
    *head = (struct str){ s.ptr, at };
    *tail = (struct str){ s.ptr + at + 1, s.len - at - 1 };
    return true;
}

/* Parses an unsigned decimal without sign or blanks. Returns false on anything else or overflow. */
bool str_to_u64(struct str s, uint64_t *value);

/* Orders by bytes, then by length: for sorting and look-up. */
int str_compare(struct str a, struct str b);

#endif
