/* SPDX-License-Identifier: MIT */
#include "find_parts.h"

#include "urlform.h"

/* What a byte is to find_sniff, which looks at all of the input. */
enum { IS_BASE64 = 1, IS_CONTROL = 2, IS_PERCENT = 4, IS_AMPERSAND = 8 };

/* clang-format off */
static const unsigned char kinds[256] = {
    [0 ... '\t' - 1] = IS_CONTROL, ['\t'] = IS_BASE64, ['\n'] = IS_BASE64,
    ['\n' + 1 ... '\r' - 1] = IS_CONTROL, ['\r'] = IS_BASE64, ['\r' + 1 ... ' ' - 1] = IS_CONTROL,
    [' '] = IS_BASE64, ['%'] = IS_PERCENT, ['&'] = IS_AMPERSAND, ['+'] = IS_BASE64, ['-'] = IS_BASE64,
    ['/'] = IS_BASE64, ['0' ... '9'] = IS_BASE64, ['='] = IS_BASE64, ['A' ... 'Z'] = IS_BASE64, ['_'] = IS_BASE64,
    ['a' ... 'z'] = IS_BASE64, [0x7f] = IS_CONTROL,
};
/* clang-format on */

static inline unsigned
kind_at(struct str s, size_t i)
{
    return kinds[(unsigned char)s.ptr[i]];
}

/* How many bytes base64 may hold, four at a time while there are no others; *seen: all kinds that occur. */
static size_t
count_digits(struct str s, unsigned *seen)
{
    size_t digits = 0, i = 0;

    *seen = 0;
    while (i < s.len) {
        unsigned four = IS_BASE64;

        if (s.len - i >= 4)
            four &= kind_at(s, i) & kind_at(s, i + 1) & kind_at(s, i + 2) & kind_at(s, i + 3);
        if (s.len - i >= 4 && four != 0) {
            digits += 4;
            i += 4;
            continue;
        }
        *seen |= kind_at(s, i);
        digits += kind_at(s, i++) & IS_BASE64;
    }
    return digits;
}

static bool
has_escape(struct str s)
{
    for (size_t i = 0; i + 2 < s.len; i++)
        if (s.ptr[i] == '%' && hex_value(s.ptr[i + 1]) >= 0 && hex_value(s.ptr[i + 2]) >= 0)
            return true;
    return false;
}

static bool
has_reference(struct str s)
{
    static const char *const marks[] = { "&#", "&plus;", "&equals;", "&sol;" };

    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (str_find_c(s, marks[i]) != SIZE_MAX)
            return true;
    return false;
}

/* "<" in UTF-8, UTF-16 or UTF-32, with or without byte order mark, behind white space or not. */
static bool
begins_like_xml(struct str s)
{
    struct find_charset charset = find_charset(s);
    struct str rest = str_trim(str_from_offset(s, charset.bom_length));

    return charset.wide || (rest.len > 0 && rest.ptr[0] == '<');
}

enum sniff
find_sniff(struct str bytes)
{
    struct str s = str_trim(bytes);
    size_t digits;
    unsigned seen;

    if (s.len == 0)
        return SNIFF_EMPTY;
    if (begins_like_xml(bytes))
        return SNIFF_XML;
    if (str_starts_c(s, "&lt;"))
        return SNIFF_ESCAPED;
    if (str_starts_c(s, "eyJ") && str_find_byte(s, '.') != SIZE_MAX)
        return SNIFF_JWT;
    digits = count_digits(s, &seen);
    if ((seen & IS_CONTROL) == 0) {
        if ((seen & IS_PERCENT) != 0 && has_escape(s))
            return SNIFF_PERCENT;
        if ((seen & IS_AMPERSAND) != 0 && has_reference(s))
            return SNIFF_ESCAPED;
    }
    return digits >= s.len - s.len / 4 ? SNIFF_BASE64 : SNIFF_BINARY;
}

static struct str
declared_encoding(struct str xml)
{
    struct str head = str_slice(xml, 0, 256), rest;
    size_t end = str_find_c(head, "?>"), at;
    char quote;

    if (!str_starts_c(head, "<?xml") || end == SIZE_MAX)
        return (struct str){ 0 };
    head.len = end;
    at = str_find_c(head, "encoding");
    if (at == SIZE_MAX)
        return (struct str){ 0 };
    rest = str_trim(str_from_offset(head, at + 8));
    if (rest.len == 0 || rest.ptr[0] != '=')
        return (struct str){ 0 };
    rest = str_trim(str_from_offset(rest, 1));
    if (rest.len == 0)
        return (struct str){ 0 };
    quote = rest.ptr[0];
    end = str_find_byte(str_from_offset(rest, 1), quote);
    if (end == SIZE_MAX)
        return (struct str){ 0 };
    return str_slice(rest, 1, end);
}

struct find_charset
find_charset(struct str xml)
{
    static const struct {
        struct str start;
        struct find_charset charset;
    } table[] = {
        { STR_INIT("\xff\xfe\0\0"), { STR_INIT("UTF-32LE"), 4, true } },
        { STR_INIT("\0\0\xfe\xff"), { STR_INIT("UTF-32BE"), 4, true } },
        { STR_INIT("<\0\0\0"), { STR_INIT("UTF-32LE"), 0, true } },
        { STR_INIT("\0\0\0<"), { STR_INIT("UTF-32BE"), 0, true } },
        { STR_INIT("\xff\xfe"), { STR_INIT("UTF-16LE"), 2, true } },
        { STR_INIT("\xfe\xff"), { STR_INIT("UTF-16BE"), 2, true } },
        { STR_INIT("<\0"), { STR_INIT("UTF-16LE"), 0, true } },
        { STR_INIT("\0<"), { STR_INIT("UTF-16BE"), 0, true } },
        { STR_INIT("\xef\xbb\xbf"), { STR_INIT("UTF-8"), 3, false } },
    };
    struct find_charset charset = { .name = STR_INIT("UTF-8") };
    struct str declared = { 0 };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (str_starts(xml, table[i].start)) {
            charset = table[i].charset;
            break;
        }
    if (!charset.wide)
        declared = declared_encoding(str_from_offset(xml, charset.bom_length));
    if (declared.len > 0)
        charset.name = declared;
    return charset;
}
