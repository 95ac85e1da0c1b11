/* SPDX-License-Identifier: MIT */
/* Before an input is told: what packs it, how it is encoded, what copying did to it. */
#include "find_parts.h"
#include "inflate.h"
#include "json_text.h"
#include "text_forms.h"
#include "utf16_stream.h"

enum { MAX_UNPACKED = 256 * 1024 * 1024, LOOK_AT = 4096 };

/* Name of the first element, behind declaration, comments and document type. */
static struct str
first_element(struct str text)
{
    size_t at;

    while ((at = str_find_byte(text, '<')) != SIZE_MAX) {
        size_t end = 0;

        text = str_from_offset(text, at + 1);
        if (str_starts_c(text, "!--")) {
            at = str_find_c(text, "-->");
            text = str_from_offset(text, at == SIZE_MAX ? text.len : at);
            continue;
        }
        if (text.len == 0 || text.ptr[0] == '!' || text.ptr[0] == '?')
            continue;
        while (end < text.len && str_find_byte(STR(" \t\r\n/>"), text.ptr[end]) == SIZE_MAX)
            end++;
        return str_slice(text, 0, end);
    }
    return (struct str){ 0 };
}

bool
find_is_html(struct str text)
{
    static const char *const names[] = { "html", "head", "body",   "form", "meta", "title",  "script", "input",
                                         "div",  "p",    "center", "base", "link", "button", "style",  "noscript" };
    struct str head = str_slice(text, 0, LOOK_AT), name;

    if (str_find_nocase(head, STR("<!doctype html")) != SIZE_MAX)
        return true;
    name = first_element(text);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq_nocase(name, str_from(names[i])))
            return true;
    return false;
}

bool
find_is_utf8(struct str s)
{
    const uint64_t high_bits = UINT64_MAX / 255 * 0x80;

    for (size_t i = 0; i < s.len;) {
        uint64_t eight = high_bits;
        size_t length;

        if (s.len - i >= sizeof eight)
            memcpy(&eight, s.ptr + i, sizeof eight);
        length = (eight & high_bits) == 0 ? sizeof eight : json_text_utf8_length(str_from_offset(s, i));
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

/*
 * Without typography that came with copying. In XML and JSON it may be meant, so only what is invisible in
 * front goes; and bytes that are no text stay what they are.
 */
static struct str
cleaned(struct arena *arena, struct str text)
{
    static const char *const invisible[] = { "\xe2\x80\x8b", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x81\xa0" };
    struct str s = str_trim(text);

    for (size_t i = 0; i < COUNT_OF(invisible); i++)
        if (str_starts_c(s, invisible[i])) {
            text = s = str_trim(str_from_offset(s, 3));
            i = SIZE_MAX; /* and again from the first */
        }
    if (str_starts_c(s, "\xef\xbb\xbf"))
        s = str_trim(str_from_offset(s, 3));
    if (s.len == 0 || str_find_byte(STR("<{["), s.ptr[0]) != SIZE_MAX || !find_is_utf8(s))
        return text;
    return text_cleaned(arena, text);
}

/* UTF-16 as UTF-8. XML stays: how it is encoded is a fact of the message. */
static struct str
narrowed(struct arena *arena, struct str bytes)
{
    struct utf16_stream stream;
    struct buf text;

    if (!utf16_stream_begins(&stream, bytes))
        return bytes;
    buf_init(&text, MAX_UNPACKED);
    utf16_stream_next(&stream, bytes, &text);
    bytes = buf_failed(&text) ? (struct str){ 0 } : arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return bytes;
}

struct str
find_prepared(struct arena *arena, struct str bytes)
{
    return cleaned(arena, narrowed(arena, bytes));
}

/* What somebody wrote behind a form: behind an empty line, in words. */
static struct str
without_words(struct str text)
{
    size_t end = str_find_c(text, "\n\n"), other = str_find_c(text, "\n\r\n");

    end = other < end ? other : end;
    return end != SIZE_MAX && str_find_byte(str_from_offset(text, end), ' ') != SIZE_MAX ? str_slice(text, 0, end)
                                                                                         : text;
}

struct str
find_joined_lines(struct arena *arena, struct str text)
{
    struct str name, rest;
    char *copy;
    size_t len = 0;

    text = str_trim(without_words(text));
    if (str_find_byte(text, '\n') == SIZE_MAX)
        return text;
    copy = arena_alloc(arena, text.len + 1);
    if (copy == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        bool next = text.ptr[i] == '\n' && str_cut(str_slice(text, i + 1, LOOK_AT), '=', &name, &rest) &&
                    find_is_binding_parameter(str_trim(name));

        if (next && len > 0 && copy[len - 1] == '\r')
            len--;
        copy[len++] = next ? '&' : text.ptr[i];
    }
    return (struct str){ copy, len };
}

/* zlib's two bytes as mitmproxy's .zhar begins; a text may begin so, too. */
static bool
may_be_zlib(struct str bytes)
{
    return bytes.len > 2 && bytes.ptr[0] == '\x78' &&
           (bytes.ptr[1] == '\x01' || bytes.ptr[1] == '\x5e' || bytes.ptr[1] == '\x9c' || bytes.ptr[1] == '\xda');
}

bool
find_unpack(struct arena *arena, struct str bytes, struct str *text, struct str *damage)
{
    bool gzip = str_starts_c(bytes, "\x1f\x8b");
    enum inflate_result result;
    size_t used;

    *text = bytes;
    *damage = (struct str){ 0 };
    if (!gzip && !may_be_zlib(bytes))
        return true;
    result = inflate_bytes(arena, bytes, gzip ? INFLATE_GZIP : INFLATE_ZLIB, MAX_UNPACKED, text, &used);
    if (result == INFLATE_OK || result == INFLATE_TRAILING)
        return true;
    if (!gzip) {
        *text = bytes;
        return true;
    }
    if (result == INFLATE_DAMAGED && text->len > 0)
        *damage = STR("the gzip data is damaged or cut off; what came out before is read");
    return str_present(*damage);
}
