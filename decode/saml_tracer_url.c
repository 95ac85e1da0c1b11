/* SPDX-License-Identifier: MIT */
#include "saml_tracer_url.h"

#include "base64.h"
#include "inflate.h"
#include "json_text.h"
#include "urlform.h"

enum {
    MAX_URL = 4 * 1024 * 1024,
    MAX_INFLATED = 60000, /* the extension makes a string of it in one call, whose arguments are limited */
};

/* Length of the escapes of one character of UTF-8 at the beginning of s, 0 when there is none. */
static size_t
escapes_length(struct str s)
{
    char bytes[4];
    size_t count = 0;

    while (count < sizeof(bytes) && s.len >= 3 * (count + 1) && s.ptr[3 * count] == '%') {
        int high = hex_value(s.ptr[3 * count + 1]), low = hex_value(s.ptr[3 * count + 2]);

        if (high < 0 || low < 0)
            break;
        bytes[count++] = (char)(high << 4 | low);
    }
    return count == 0 ? 0 : 3 * json_text_utf8_length((struct str){ bytes, count });
}

static void
add_mended(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len;) {
        size_t length = text.ptr[i] == '%' ? escapes_length(str_from_offset(text, i)) : 1;

        if (length == 0)
            buf_add_c(out, "%25");
        else
            buf_add_str(out, str_slice(text, i, length));
        i += length == 0 ? 1 : length;
    }
}

static struct str
without_blanks(struct arena *arena, struct str text)
{
    char *copy = arena_alloc(arena, text.len + 1);
    size_t kept = 0;

    for (size_t i = 0; copy != NULL && i < text.len; i++)
        if (text.ptr[i] != ' ' && (text.ptr[i] < '\t' || text.ptr[i] > '\r'))
            copy[kept++] = text.ptr[i];
    return (struct str){ copy, kept };
}

/* As a browser's atob() does: the alphabet, and padding that is right or left out. */
static bool
decode_strictly(struct arena *arena, struct str text, struct str *bytes)
{
    struct base64_notes notes;

    return text.len % 4 == 0 && base64_decode(arena, text, bytes, &notes) && notes.oddities == 0;
}

bool
saml_tracer_can_decode_post(struct arena *arena, struct str value)
{
    struct str bytes, text = without_blanks(arena, value);

    if (text.len == 0)
        return true;
    if (!decode_strictly(arena, text, &bytes))
        return false;
    while (bytes.len > 0) {
        size_t length = json_text_utf8_length(bytes);

        if (length == 0)
            return false;
        bytes = str_from_offset(bytes, length);
    }
    return true;
}

static bool
can_inflate(struct arena *arena, struct str value)
{
    struct str bytes, text = without_blanks(arena, value), out;
    enum inflate_result result;
    size_t used;

    if (value.len == 0)
        return true;
    if (text.len < 4 || !decode_strictly(arena, text, &bytes))
        return false;
    result = inflate_bytes(arena, bytes, INFLATE_RAW, MAX_INFLATED, &out, &used);
    return result == INFLATE_OK || result == INFLATE_TRAILING;
}

/* The next piece of a query as the extension takes it apart. */
static struct str
next_piece(struct str *rest)
{
    size_t end = 0;
    struct str piece;

    while (end < rest->len && rest->ptr[end] != '&' && rest->ptr[end] != ';' && rest->ptr[end] != '?')
        end++;
    piece = str_slice(*rest, 0, end);
    *rest = end < rest->len ? str_from_offset(*rest, end + 1) : (struct str){ 0 };
    return piece;
}

/* The value of the first parameter of that name, decoded as the extension does: only the first "+" is a blank. */
static struct str
value_of(struct arena *arena, struct str query, const char *wanted)
{
    while (str_present(query)) {
        struct str name, value;
        size_t bad_at, plus;

        if (!str_cut(next_piece(&query), '=', &name, &value) ||
            !str_eq_c(percent_decode(arena, name, false, &bad_at), wanted))
            continue;
        plus = str_find_byte(value, '+');
        if (plus != SIZE_MAX)
            value = arena_printf(arena, "%.*s %.*s", STR_ARG(str_slice(value, 0, plus)),
                                 STR_ARG(str_from_offset(value, plus + 1)));
        return percent_decode(arena, value, false, &bad_at);
    }
    return (struct str){ 0 };
}

struct str
saml_tracer_url(struct arena *arena, struct str url, bool is_get)
{
    static const char *const names[] = { "SAMLRequest", "SAMLResponse" };
    struct str rest = url, head = next_piece(&rest), mended = { 0 };
    struct buf out;

    if (!str_present(rest))
        return url;
    buf_init(&out, MAX_URL);
    buf_add_str(&out, head);
    buf_add_byte(&out, url.ptr[head.len]);
    for (size_t i = 0; is_get && i < COUNT_OF(names); i++) {
        struct str value = value_of(arena, rest, names[i]);

        if (str_present(value) && !can_inflate(arena, value))
            buf_printf(&out, "%s=&", names[i]);
    }
    add_mended(&out, rest);
    if (!buf_failed(&out))
        mended = str_eq(buf_str(&out), url) ? url : arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return mended;
}
