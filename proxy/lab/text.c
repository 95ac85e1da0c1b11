/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <string.h>

void
text_copy(char *out, size_t size, struct str text)
{
    size_t len = text.len < size ? text.len : size - 1;

    if (len > 0)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}

/* Length of the UTF-8 sequence that begins at text[i], and its character; 0 when it is none. */
static size_t
utf8_next(struct str text, size_t i, uint32_t *character)
{
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = (unsigned char)text.ptr[i];
    size_t len = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;

    if (len == 0 || len > text.len - i)
        return 0;
    *character = len == 1 ? first : first & (0x7fu >> len);
    for (size_t k = 1; k < len; k++) {
        unsigned char next = (unsigned char)text.ptr[i + k];

        if ((next & 0xc0) != 0x80)
            return 0;
        *character = *character << 6 | (next & 0x3fu);
    }
    return *character < smallest[len] ? 0 : len;
}

bool
text_is_xml(struct str text)
{
    size_t len;

    for (size_t i = 0; i < text.len; i += len) {
        uint32_t c = 0;

        len = utf8_next(text, i, &c);
        if (len == 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0xd800 && c <= 0xdfff) ||
            c == 0xfffe || c == 0xffff || c > 0x10ffff)
            return false;
    }
    return true;
}
