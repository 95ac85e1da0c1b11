/* SPDX-License-Identifier: MIT */
#include "htmlform.h"

#include "urlform.h"

struct entity {
    struct str name;
    const char *bytes;
    bool legacy; /* also without the semicolon */
};

static const struct entity entities[] = {
    { STR_INIT("amp"), "&", true },       { STR_INIT("AMP"), "&", true },       { STR_INIT("lt"), "<", true },
    { STR_INIT("LT"), "<", true },        { STR_INIT("gt"), ">", true },        { STR_INIT("GT"), ">", true },
    { STR_INIT("quot"), "\"", true },     { STR_INIT("QUOT"), "\"", true },     { STR_INIT("nbsp"), "\xc2\xa0", true },
    { STR_INIT("apos"), "'", false },     { STR_INIT("plus"), "+", false },     { STR_INIT("equals"), "=", false },
    { STR_INIT("sol"), "/", false },      { STR_INIT("NewLine"), "\n", false }, { STR_INIT("Tab"), "\t", false },
    { STR_INIT("newline"), "\n", false }, { STR_INIT("tab"), "\t", false },     { STR_INIT("colon"), ":", false },
};

static size_t
put_utf8(char *out, uint32_t code)
{
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        code = 0xfffd;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* "#43;" or "#x2B;" with or without its semicolon. Returns how many bytes were read, 0: none. */
static size_t
numeric(struct str s, uint32_t *code)
{
    bool hex = s.len > 1 && (s.ptr[1] == 'x' || s.ptr[1] == 'X');
    size_t i = hex ? 2 : 1, first = i;

    *code = 0;
    for (; i < s.len; i++) {
        int digit = hex_value(s.ptr[i]);

        if (digit < 0 || (!hex && digit > 9))
            break;
        if (*code <= 0x10ffff)
            *code = *code * (hex ? 16 : 10) + (unsigned)digit;
    }
    if (i == first)
        return 0;
    return i < s.len && s.ptr[i] == ';' ? i + 1 : i;
}

static bool
is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A legacy name without semicolon counts unless more name, or "=", follows (HTML 13.2.5.73). */
static size_t
named(struct str s, const char **bytes)
{
    for (size_t i = 0; i < COUNT_OF(entities); i++) {
        size_t len = entities[i].name.len;

        if (!str_starts(s, entities[i].name))
            continue;
        *bytes = entities[i].bytes;
        if (s.len > len && s.ptr[len] == ';')
            return len + 1;
        if (entities[i].legacy && (s.len == len || (s.ptr[len] != '=' && !is_alphanumeric(s.ptr[len]))))
            return len;
    }
    return 0;
}

struct str
html_unescape(struct arena *arena, struct str s)
{
    char *out;
    size_t len = 0;

    if (str_find_byte(s, '&') == SIZE_MAX)
        return s;
    out = arena_alloc(arena, s.len + 4); /* no reference is shorter than what it stands for */
    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < s.len;) {
        struct str rest = str_from_offset(s, i + 1);
        const char *bytes;
        uint32_t code;
        size_t used = 0;

        if (s.ptr[i] == '&' && rest.len > 0 && rest.ptr[0] == '#') {
            used = numeric(rest, &code);
            if (used > 0)
                len += put_utf8(out + len, code);
        } else if (s.ptr[i] == '&') {
            used = named(rest, &bytes);
            if (used > 0) {
                while (*bytes != '\0')
                    out[len++] = *bytes++;
            }
        }
        if (used == 0)
            out[len++] = s.ptr[i];
        i += used + 1;
    }
    return (struct str){ out, len };
}
