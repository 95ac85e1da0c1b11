/* SPDX-License-Identifier: MIT */
#include "base64url.h"

static int
digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool
base64url_decode(struct arena *arena, struct str text, struct str *bytes)
{
    char *out = arena_alloc(arena, text.len / 4 * 3 + 3);
    uint32_t bits = 0;
    unsigned held = 0;
    size_t len = 0;

    *bytes = (struct str){ 0 };
    if (out == NULL || text.len % 4 == 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int value = digit_value(text.ptr[i]);

        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xffffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[len++] = (char)(bits >> held & 0xff);
        }
    }
    if ((bits & ((1u << held) - 1)) != 0)
        return false;
    *bytes = (struct str){ out, len };
    return true;
}

struct str
base64url_encode(struct arena *arena, struct str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *out = arena_alloc(arena, bytes.len / 3 * 4 + 5);
    uint32_t bits = 0;
    unsigned held = 0;
    size_t len = 0;

    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < bytes.len; i++) {
        bits = (bits << 8 | (unsigned char)bytes.ptr[i]) & 0xffffff;
        held += 8;
        while (held >= 6) {
            held -= 6;
            out[len++] = digits[bits >> held & 63];
        }
    }
    if (held > 0)
        out[len++] = digits[bits << (6 - held) & 63];
    return (struct str){ out, len };
}
