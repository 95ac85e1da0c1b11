/* SPDX-License-Identifier: MIT */
#include "form.h"

#include <string.h>

static int
hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *hit = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

    return hit != NULL ? (int)(hit - digits) : -1;
}

static struct str
decoded(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;

    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '%') {
            int high = text.len - i > 2 ? hex_digit(text.ptr[i + 1]) : -1;
            int low = text.len - i > 2 ? hex_digit(text.ptr[i + 2]) : -1;

            if (high < 0 || low < 0)
                return (struct str){ 0 };
            out[len++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[len++] = text.ptr[i] == '+' ? ' ' : text.ptr[i];
        }
    }
    return (struct str){ out, len };
}

struct str
form_field(struct arena *arena, struct str text, const char *name)
{
    struct str pair, rest = text, key, value;

    while (str_present(rest)) {
        str_cut(rest, '&', &pair, &rest);
        if (str_cut(pair, '=', &key, &value) && str_eq_c(key, name))
            return decoded(arena, value);
    }
    return (struct str){ 0 };
}

struct str
form_path(struct str target)
{
    struct str path, query;

    str_cut(target, '?', &path, &query);
    return path;
}

struct str
form_query(struct str target)
{
    struct str path, query;

    str_cut(target, '?', &path, &query);
    return query;
}

struct str
form_cookie(const struct headers *headers, const char *name)
{
    struct str pair, rest = headers_get(headers, "Cookie"), key, value;

    while (str_present(rest)) {
        str_cut(rest, ';', &pair, &rest);
        if (str_cut(str_trim(pair), '=', &key, &value) && str_eq_c(key, name))
            return value;
    }
    return (struct str){ 0 };
}
