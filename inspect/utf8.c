/* SPDX-License-Identifier: MIT */
#include "utf8.h"

size_t
utf8_at(struct str s, size_t i, uint32_t *code)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = (unsigned char)s.ptr[i];
    size_t len = first < 0x80                     ? 1
                 : first >= 0xc2 && first < 0xe0  ? 2
                 : first >= 0xe0 && first < 0xf0  ? 3
                 : first >= 0xf0 && first <= 0xf4 ? 4
                                                  : 0;
    uint32_t value;

    *code = UTF8_INVALID + first;
    if (len == 0 || i + len > s.len)
        return 1;
    value = len == 1 ? first : first & (0xffu >> (len + 1));
    for (size_t k = 1; k < len; k++) {
        unsigned char next = (unsigned char)s.ptr[i + k];

        if ((next & 0xc0) != 0x80)
            return 1;
        value = value << 6 | (next & 0x3f);
    }
    if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 1;
    *code = value;
    return len;
}
