/* SPDX-License-Identifier: MIT */
#include "xml_base64.h"

/* Value of a digit plus one; 0: not of the alphabet. */
static const unsigned char digits_of[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

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
        uint32_t value = digits_of[(unsigned char)c];

        if (value == 0) {
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
                continue;
            if (c != '=')
                return false;
            padding++;
            continue;
        }
        if (padding > 0)
            return false;
        bits = bits << 6 | (value - 1);
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
