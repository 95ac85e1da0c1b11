/* SPDX-License-Identifier: MIT */
#include "xml_base64.h"

/* Value of a digit, or -1. */
static int
digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
xml_base64_decode(struct arena *arena, struct str text, struct str *bytes)
{
    char *out = arena_alloc(arena, text.len / 4 * 3 + 4);
    uint32_t bits = 0;
    size_t n = 0, digits = 0, padding = 0;

    if (out == NULL)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int value;

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        if (c == '=') {
            padding++;
            continue;
        }
        value = digit(c);
        if (value < 0 || padding > 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (++digits % 4 == 0) {
            out[n++] = (char)(bits >> 16);
            out[n++] = (char)(bits >> 8);
            out[n++] = (char)bits;
        }
    }
    if (padding > 2 || (digits + padding) % 4 != 0)
        return false;
    if (padding == 1) {
        if ((bits & 3) != 0)
            return false;
        out[n++] = (char)(bits >> 10);
        out[n++] = (char)(bits >> 2);
    } else if (padding == 2) {
        if ((bits & 15) != 0)
            return false;
        out[n++] = (char)(bits >> 4);
    }
    *bytes = (struct str){ out, n };
    return true;
}

struct str
xml_base64_encode(struct arena *arena, struct str bytes)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = (const unsigned char *)bytes.ptr;
    char *out = arena_alloc(arena, (bytes.len + 2) / 3 * 4 + 1);
    size_t n = 0;

    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t bits = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0u);

        out[n++] = alphabet[bits >> 18];
        out[n++] = alphabet[bits >> 12 & 63];
        out[n++] = left > 1 ? alphabet[bits >> 6 & 63] : '=';
        out[n++] = left > 2 ? alphabet[bits & 63] : '=';
    }
    return (struct str){ out, n };
}
