/* SPDX-License-Identifier: MIT */
#include "str.h"

#include <string.h>

static unsigned char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : (unsigned char)c;
}

bool
str_same_letters(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

bool
str_starts_nocase(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq_nocase(str_slice(s, 0, prefix.len), prefix);
}

bool
str_ends_c(struct str s, const char *suffix)
{
    struct str end = str_from(suffix);

    return s.len >= end.len && str_eq(str_from_offset(s, s.len - end.len), end);
}

size_t
str_find(struct str s, struct str needle)
{
    const char *hit;

    if (needle.len == 0)
        return 0;
    if (s.len < needle.len)
        return SIZE_MAX;
    hit = memmem(s.ptr, s.len, needle.ptr, needle.len);
    return hit ? (size_t)(hit - s.ptr) : SIZE_MAX;
}

size_t
str_find_c(struct str s, const char *needle)
{
    return str_find(s, str_from(needle));
}

size_t
str_find_nocase(struct str s, struct str needle)
{
    unsigned char first;

    if (needle.len == 0)
        return 0;
    first = lower(needle.ptr[0]);
    for (size_t i = 0; i + needle.len <= s.len; i++)
        if (lower(s.ptr[i]) == first && str_eq_nocase((struct str){ s.ptr + i, needle.len }, needle))
            return i;
    return SIZE_MAX;
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_trim(struct str s)
{
    while (s.len > 0 && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool
str_to_u64(struct str s, uint64_t *value)
{
    uint64_t sum = 0;

    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)(unsigned char)s.ptr[i] - '0';

        if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

int
str_compare(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;

    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}
