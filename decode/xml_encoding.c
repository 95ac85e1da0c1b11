/* SPDX-License-Identifier: MIT */
#include "xml_encoding.h"

#include <string.h>

/* windows-1252 0x80 … 0x9F; 0 where it has no character. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

static size_t
put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* Length of the valid UTF-8 character at s, 0 when there is none (RFC 3629). */
static size_t
utf8_length(const unsigned char *s, size_t room)
{
    static const struct {
        unsigned char first, last, low, high;
        size_t length;
    } rows[] = {
        { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 }, { 0xE1, 0xEC, 0x80, 0xBF, 3 },
        { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 },
        { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (s[0] < rows[i].first || s[0] > rows[i].last)
            continue;
        if (room < rows[i].length || s[1] < rows[i].low || s[1] > rows[i].high)
            return 0;
        for (size_t k = 2; k < rows[i].length; k++)
            if ((s[k] & 0xC0) != 0x80)
                return 0;
        return rows[i].length;
    }
    return 0;
}

static enum xml_result
check_utf8(struct str bytes, size_t *offset)
{
    const unsigned char *s = (const unsigned char *)bytes.ptr;

    for (size_t i = 0; i < bytes.len;) {
        size_t length = 1;
        uint64_t eight;

        /* Eight ASCII characters at a time: no high bit, and no zero byte (the classic borrow test). */
        if (bytes.len - i >= sizeof(eight)) {
            memcpy(&eight, s + i, sizeof(eight));
            if (((eight | (eight - 0x0101010101010101u)) & 0x8080808080808080u) == 0) {
                i += sizeof(eight);
                continue;
            }
        }
        if (s[i] >= 0x80)
            length = utf8_length(s + i, bytes.len - i);
        if (s[i] == 0 || length == 0) {
            *offset = i;
            return s[i] == 0 ? XML_NUL_BYTE : XML_BAD_ENCODING;
        }
        i += length;
    }
    return XML_OK;
}

static enum xml_result
from_single_byte(struct arena *arena, struct str bytes, bool windows, struct xml_text *text, size_t *offset)
{
    char *out = arena_alloc(arena, bytes.len * 3 + 1);
    size_t n = 0;

    if (out == NULL)
        return XML_NO_MEMORY;
    for (size_t i = 0; i < bytes.len; i++) {
        uint32_t c = (unsigned char)bytes.ptr[i];

        if (windows && c >= 0x80 && c < 0xA0)
            c = windows_1252[c - 0x80];
        if (c == 0) {
            *offset = i;
            return bytes.ptr[i] == 0 ? XML_NUL_BYTE : XML_BAD_ENCODING;
        }
        n += put_utf8(out + n, c);
    }
    text->utf8 = (struct str){ out, n };
    text->converted = true;
    return XML_OK;
}

static enum xml_result
from_utf16(struct arena *arena, struct str bytes, bool big_endian, struct xml_text *text, size_t *offset)
{
    const unsigned char *s = (const unsigned char *)bytes.ptr;
    char *out = arena_alloc(arena, bytes.len / 2 * 3 + 4);
    size_t n = 0;

    if (out == NULL)
        return XML_NO_MEMORY;
    for (size_t i = 0; i < bytes.len; i += 2) {
        uint32_t c, low;

        *offset = i;
        if (bytes.len - i < 2)
            return XML_BAD_ENCODING;
        c = big_endian ? (uint32_t)s[i] << 8 | s[i + 1] : (uint32_t)s[i + 1] << 8 | s[i];
        if (c == 0)
            return XML_NUL_BYTE;
        if (c >= 0xDC00 && c < 0xE000)
            return XML_BAD_ENCODING;
        if (c >= 0xD800 && c < 0xDC00) {
            if (bytes.len - i < 4)
                return XML_BAD_ENCODING;
            low = big_endian ? (uint32_t)s[i + 2] << 8 | s[i + 3] : (uint32_t)s[i + 3] << 8 | s[i + 2];
            if (low < 0xDC00 || low >= 0xE000)
                return XML_BAD_ENCODING;
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        }
        n += put_utf8(out + n, c);
    }
    text->utf8 = (struct str){ out, n };
    text->converted = true;
    return XML_OK;
}

/* encoding="…" of the XML declaration in bytes that contain ASCII. */
static struct str
declared_encoding(struct str bytes)
{
    struct str declaration, value;
    size_t at;
    char quote;

    if (!str_starts_c(bytes, "<?xml"))
        return (struct str){ 0 };
    at = str_find_c(bytes, "?>");
    declaration = str_slice(bytes, 0, at == SIZE_MAX || at > 256 ? 0 : at);
    at = str_find_c(declaration, "encoding");
    if (at == SIZE_MAX)
        return (struct str){ 0 };
    value = str_trim(str_from_offset(declaration, at + 8));
    if (!str_starts_c(value, "="))
        return (struct str){ 0 };
    value = str_trim(str_from_offset(value, 1));
    if (value.len == 0 || (value.ptr[0] != '"' && value.ptr[0] != '\''))
        return (struct str){ 0 };
    quote = value.ptr[0];
    value = str_from_offset(value, 1);
    at = str_find_byte(value, quote);
    if (at == SIZE_MAX)
        return (struct str){ 0 };
    return str_slice(value, 0, at);
}

enum encoding { ENCODING_UTF8, ENCODING_LATIN1, ENCODING_WINDOWS, ENCODING_REFUSED };

static enum encoding
encoding_of(struct str declared)
{
    static const struct {
        const char *name;
        enum encoding encoding;
    } rows[] = {
        { "UTF-8", ENCODING_UTF8 },
        { "UTF8", ENCODING_UTF8 },
        { "US-ASCII", ENCODING_UTF8 },
        { "ASCII", ENCODING_UTF8 },
        { "ISO-8859-1", ENCODING_LATIN1 },
        { "LATIN1", ENCODING_LATIN1 },
        { "WINDOWS-1252", ENCODING_WINDOWS },
        { "CP1252", ENCODING_WINDOWS },
        /* Bytes that contain ASCII cannot be UTF-16: somebody converted them and left the label. */
        { "UTF-16", ENCODING_UTF8 },
        { "UTF-16LE", ENCODING_UTF8 },
        { "UTF-16BE", ENCODING_UTF8 },
    };

    if (!str_present(declared))
        return ENCODING_UTF8;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_eq_nocase(declared, str_from(rows[i].name)))
            return rows[i].encoding;
    return ENCODING_REFUSED;
}

static enum xml_result
from_ascii_family(struct arena *arena, struct str bytes, struct xml_text *text, size_t *offset)
{
    struct str declared = declared_encoding(bytes);
    enum encoding encoding = encoding_of(declared);
    enum xml_result result;

    *offset = 0;
    if (encoding == ENCODING_REFUSED) {
        text->declared = declared;
        return XML_BAD_ENCODING;
    }
    text->utf8 = bytes;
    if (encoding == ENCODING_UTF8) {
        result = check_utf8(bytes, offset);
        *offset += text->skipped;
    } else {
        result = from_single_byte(arena, bytes, encoding == ENCODING_WINDOWS, text, offset);
    }
    return result;
}

enum xml_result
xml_to_utf8(struct arena *arena, struct str bytes, struct xml_text *text, size_t *offset)
{
    enum xml_result result;

    *text = (struct xml_text){ 0 };
    *offset = 0;
    if (str_starts_c(bytes, "\xFF\xFE") || str_starts_c(bytes, "\xFE\xFF")) {
        text->has_bom = true;
        result = from_utf16(arena, str_from_offset(bytes, 2), bytes.ptr[0] == '\xFE', text, offset);
        *offset += 2;
    } else if (str_starts(bytes, STR("<\0")) || str_starts(bytes, STR("\0<"))) {
        result = from_utf16(arena, bytes, bytes.ptr[0] == 0, text, offset);
    } else {
        if (str_starts_c(bytes, "\xEF\xBB\xBF")) {
            text->has_bom = true;
            text->skipped = 3;
        }
        result = from_ascii_family(arena, str_from_offset(bytes, text->skipped), text, offset);
    }
    if (result == XML_OK)
        text->declared = declared_encoding(text->utf8);
    return result;
}
