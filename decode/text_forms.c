/* SPDX-License-Identifier: MIT */
#include "text_forms.h"

#include <string.h>

#include "urlform.h"

enum { MAX_TAG = 4096 };

/* --- typography ------------------------------------------------------------------------------------------ */

static const struct {
    const char *from;
    const char *to;
} cleanings[] = {
    { "\xe2\x80\x8b", "" },                                                      /* zero width space */
    { "\xe2\x80\x8c", "" },                                                      /* zero width non-joiner */
    { "\xe2\x80\x8d", "" },                                                      /* zero width joiner */
    { "\xe2\x80\x8e", "" },                                                      /* left-to-right mark */
    { "\xe2\x80\x8f", "" },                                                      /* right-to-left mark */
    { "\xe2\x81\xa0", "" },                                                      /* word joiner */
    { "\xef\xbb\xbf", "" },                                                      /* byte order mark */
    { "\xc2\xad", "" },                                                          /* soft hyphen */
    { "\xc2\xa0", " " },                                                         /* no-break space */
    { "\xe2\x80\xaf", " " },                                                     /* narrow no-break space */
    { "\xe2\x80\x9c", "\"" },                                                    /* double quotes */
    { "\xe2\x80\x9d", "\"" }, { "\xe2\x80\x9e", "\"" }, { "\xe2\x80\x98", "'" }, /* single quotes */
    { "\xe2\x80\x99", "'" },  { "\xe2\x80\x9a", "'" },
};

/* Index into cleanings of what stands at the beginning of s; COUNT_OF: nothing. */
static size_t
cleaning_at(struct str s)
{
    size_t i = 0;

    while (i < COUNT_OF(cleanings) && !str_starts_c(s, cleanings[i].from))
        i++;
    return i;
}

static bool
may_need_cleaning(struct str text)
{
    return str_find_byte(text, '\xe2') != SIZE_MAX || str_find_byte(text, '\xc2') != SIZE_MAX ||
           str_find_byte(text, '\xef') != SIZE_MAX;
}

struct str
text_cleaned(struct arena *arena, struct str text)
{
    char *out;
    size_t len = 0;

    if (!may_need_cleaning(text))
        return text;
    out = arena_alloc(arena, text.len + 1);
    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        size_t found = (text.ptr[i] & '\x80') != 0 ? cleaning_at(str_slice(text, i, 3)) : COUNT_OF(cleanings);

        if (found == COUNT_OF(cleanings)) {
            out[len++] = text.ptr[i];
            continue;
        }
        if (cleanings[found].to[0] != '\0')
            out[len++] = cleanings[found].to[0];
        i += strlen(cleanings[found].from) - 1;
    }
    return (struct str){ out, len };
}

/* --- quoted-printable ------------------------------------------------------------------------------------ */

struct str
text_unquoted(struct arena *arena, struct str text)
{
    char *out;
    size_t length = 0;

    if (str_find_byte(text, '=') == SIZE_MAX)
        return text;
    out = arena_alloc(arena, text.len + 1);
    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        struct str rest = str_from_offset(text, i);

        if (str_starts_c(rest, "=\r\n")) {
            i += 2;
        } else if (str_starts_c(rest, "=\n")) {
            i++;
        } else if (rest.len >= 3 && rest.ptr[0] == '=' && hex_value(rest.ptr[1]) >= 0 && hex_value(rest.ptr[2]) >= 0) {
            out[length++] = (char)(hex_value(rest.ptr[1]) << 4 | hex_value(rest.ptr[2]));
            i += 2;
        } else {
            out[length++] = text.ptr[i];
        }
    }
    return (struct str){ out, length };
}

/* --- escapes of JSON --------------------------------------------------------------------------------------- */

size_t
text_put_utf8(char *out, unsigned code)
{
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

/* That many hexadecimal digits; false when they are not there. */
static bool
take_hex(struct str s, size_t digits, unsigned *code)
{
    *code = 0;
    for (size_t i = 0; i < digits; i++) {
        int digit = i < s.len ? hex_value(s.ptr[i]) : -1;

        if (digit < 0)
            return false;
        *code = *code << 4 | (unsigned)digit;
    }
    return true;
}

/* One escape, behind its backslash. Returns how many bytes of s it takes, 0: none. An escape is never shorter than its value. */
static size_t
take_escape(struct str s, char *out, size_t *len)
{
    static const char letters[] = "\"'/\\ntr", values[] = "\"'/\\\n\t\r";
    const char *letter = s.len > 0 && s.ptr[0] != '\0' ? strchr(letters, s.ptr[0]) : NULL;
    unsigned code;

    if (letter != NULL) {
        out[(*len)++] = values[letter - letters];
        return 1;
    }
    if (str_starts_c(s, "u") && take_hex(str_from_offset(s, 1), 4, &code)) {
        *len += text_put_utf8(out + *len, code);
        return 5;
    }
    if (str_starts_c(s, "x") && take_hex(str_from_offset(s, 1), 2, &code)) {
        *len += text_put_utf8(out + *len, code);
        return 3;
    }
    return 0;
}

struct str
text_unescaped(struct arena *arena, struct str text)
{
    char *out;
    size_t len = 0;

    if (str_find_byte(text, '\\') == SIZE_MAX)
        return text;
    out = arena_alloc(arena, text.len + 1);
    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        size_t taken = text.ptr[i] == '\\' ? take_escape(str_from_offset(text, i + 1), out, &len) : 0;

        if (taken == 0)
            out[len++] = text.ptr[i];
        i += taken;
    }
    return (struct str){ out, len };
}

/* --- HTML ---------------------------------------------------------------------------------------------------- */

static bool
breaks_line(struct str tag)
{
    static const char *const names[] = { "br", "p", "/p", "div", "/div", "tr", "/tr", "li", "/li", "pre", "/pre" };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct str name = str_from(names[i]);

        if (str_starts_nocase(tag, name) &&
            (tag.len == name.len || str_find_byte(STR(" \t\r\n/"), tag.ptr[name.len]) != SIZE_MAX))
            return true;
    }
    return false;
}

struct str
text_without_tags(struct arena *arena, struct str text)
{
    char *out;
    size_t len = 0;

    if (str_find_byte(text, '<') == SIZE_MAX)
        return text;
    out = arena_alloc(arena, text.len + 1);
    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        struct str tag = str_slice(text, i + 1, MAX_TAG);
        size_t end = text.ptr[i] == '<' ? str_find_byte(tag, '>') : SIZE_MAX;

        if (end == SIZE_MAX || end == 0 || str_find_byte(STR(" \t\r\n0123456789"), tag.ptr[0]) != SIZE_MAX) {
            out[len++] = text.ptr[i];
            continue;
        }
        if (breaks_line(str_slice(tag, 0, end)))
            out[len++] = '\n';
        i += end + 1;
    }
    return (struct str){ out, len };
}
