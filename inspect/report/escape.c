/* SPDX-License-Identifier: MIT */
#include "escape.h"

#include <stdio.h>

#include "utf8.h"

struct range {
    uint32_t first;
    uint32_t last;
};

/* Characters that a reader cannot see, that move the cursor, or that turn the direction of text. */
static const struct range invisible[] = {
    { 0x00, 0x1f },     { 0x7f, 0xa0 },       { 0xad, 0xad },       { 0x34f, 0x34f },     { 0x61c, 0x61c },
    { 0x115f, 0x1160 }, { 0x1680, 0x1680 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },   { 0x2000, 0x200f },
    { 0x2028, 0x202f }, { 0x205f, 0x206f },   { 0x2800, 0x2800 },   { 0x3000, 0x3000 },   { 0x3164, 0x3164 },
    { 0xe000, 0xf8ff }, { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffc },
    { 0xfffe, 0xffff }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff }, { 0xf0000, 0x10ffff },
};

static bool
is_invisible(uint32_t code)
{
    if (code > 0xffff && (code & 0xfffe) == 0xfffe)
        return true;
    for (size_t i = 0; i < COUNT_OF(invisible) && code >= invisible[i].first; i++)
        if (code <= invisible[i].last)
            return true;
    return false;
}

/* The visible form of the character at i; its length in bytes goes to *used. Empty: it stays as it is. */
static const char *
visible(struct str text, size_t i, size_t *used, char out[16])
{
    uint32_t code;

    *used = utf8_at(text, i, &code);
    out[0] = '\0';
    if (code >= UTF8_INVALID)
        snprintf(out, 16, "\\x%02x", (unsigned)(code - UTF8_INVALID));
    else if (code == '\n')
        snprintf(out, 16, "\\n");
    else if (code == '\r')
        snprintf(out, 16, "\\r");
    else if (code == '\t')
        snprintf(out, 16, "\\t");
    else if (code < 0x80 && is_invisible(code))
        snprintf(out, 16, "\\x%02x", (unsigned)code);
    else if (is_invisible(code))
        snprintf(out, 16, "\\u{%x}", (unsigned)code);
    return out;
}

void
escape_text(struct buf *out, struct str text)
{
    char form[16];
    size_t used;

    for (size_t i = 0; i < text.len; i += used) {
        if (*visible(text, i, &used, form) != '\0')
            buf_add_c(out, form);
        else
            buf_add(out, text.ptr + i, used);
    }
}

void
escape_html(struct buf *out, struct str text)
{
    char form[16];
    size_t used;

    for (size_t i = 0; i < text.len; i += used) {
        if (*visible(text, i, &used, form) != '\0')
            buf_add_c(out, form);
        else if (text.ptr[i] == '&')
            buf_add_c(out, "&amp;");
        else if (text.ptr[i] == '<')
            buf_add_c(out, "&lt;");
        else if (text.ptr[i] == '>')
            buf_add_c(out, "&gt;");
        else if (text.ptr[i] == '"')
            buf_add_c(out, "&quot;");
        else if (text.ptr[i] == '\'')
            buf_add_c(out, "&#39;");
        else
            buf_add(out, text.ptr + i, used);
    }
}

size_t
escape_width(struct str text)
{
    char form[16];
    size_t used, width = 0;

    for (size_t i = 0; i < text.len; i += used) {
        size_t len = str_from(visible(text, i, &used, form)).len;

        width += len != 0 ? len : 1;
    }
    return width;
}
