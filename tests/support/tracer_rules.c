/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <zlib.h>

#include "har_rules.h"
#include "json_text.h"
#include "urlform.h"
#include "xstime.h"

enum { ROOM = 1 << 16 };

/* Appends text decoded as JavaScript's decodeURIComponent() does. False: it would throw. */
static bool
decode_component(struct str text, struct buf *out)
{
    size_t start = out->len;

    for (size_t i = 0; i < text.len; i++) {
        int high, low;

        if (text.ptr[i] != '%') {
            buf_add_byte(out, text.ptr[i]);
            continue;
        }
        high = i + 2 < text.len ? hex_value(text.ptr[i + 1]) : -1;
        low = i + 2 < text.len ? hex_value(text.ptr[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        buf_add_byte(out, (char)(high << 4 | low));
        i += 2;
    }
    for (size_t length; start < out->len; start += length) {
        length = json_text_utf8_length(str_from_offset(buf_str(out), start));
        if (length == 0)
            return false;
    }
    return true;
}

static int
digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* Appends what atob() gives of text without white space. False: it would throw. */
static bool
decode_base64(struct str text, struct buf *out)
{
    uint32_t bits = 0;
    size_t count = 0, padding = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (strchr(" \t\n\v\f\r", text.ptr[i]) != NULL && text.ptr[i] != '\0')
            continue;
        if (text.ptr[i] == '=') {
            padding++;
            continue;
        }
        if (digit_of(text.ptr[i]) < 0 || padding > 0)
            return false;
        bits = bits << 6 | (uint32_t)digit_of(text.ptr[i]);
        if (++count % 4 != 1)
            buf_add_byte(out, (char)(bits >> (6 - 2 * ((count - 1) % 4))));
    }
    return padding <= 2 && (count + padding) % 4 == 0 && (padding == 0 || count % 4 != 0);
}

static bool
inflates(struct str bytes)
{
    static unsigned char room[ROOM];
    z_stream stream = { 0 };
    int result;

    if (inflateInit2(&stream, -15) != Z_OK)
        return false;
    stream.next_in = (unsigned char *)(uintptr_t)bytes.ptr;
    stream.avail_in = (uInt)bytes.len;
    stream.next_out = room;
    stream.avail_out = sizeof(room);
    result = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    return result == Z_STREAM_END;
}

/* What the extension does with the first message parameter of that name in a URL. Appends a breach if it throws. */
static void
check_message(struct str value, struct buf *breaches)
{
    struct buf bytes;

    buf_init(&bytes, ROOM);
    if (value.len > 0 && (!decode_base64(value, &bytes) || !inflates(buf_str(&bytes))))
        buf_printf(breaches, "a message in a URL that does not inflate: %.*s\n", STR_ARG(value));
    buf_release(&bytes);
}

/* Takes a URL apart at "&", ";" and "?" and decodes each part. */
static void
check_url(struct str url, bool is_get, struct buf *breaches)
{
    static const char *const names[] = { "SAMLRequest", "SAMLResponse" };
    bool seen[COUNT_OF(names)] = { false }, first = true;
    struct buf name, value;

    buf_init(&name, ROOM);
    buf_init(&value, ROOM);
    while (str_present(url)) {
        size_t end = 0;
        struct str piece, raw_name, raw_value;

        while (end < url.len && memchr("&;?", url.ptr[end], 3) == NULL)
            end++;
        piece = str_slice(url, 0, end);
        url = end < url.len ? str_from_offset(url, end + 1) : (struct str){ 0 };
        str_cut(piece, '=', &raw_name, &raw_value);
        buf_reset(&name);
        buf_reset(&value);
        if (!first && (!decode_component(raw_name, &name) || !decode_component(raw_value, &value)))
            buf_printf(breaches, "a parameter that does not decode: %.*s\n", STR_ARG(piece));
        for (size_t i = 0; !first && is_get && i < COUNT_OF(names); i++)
            if (!seen[i] && str_eq_c(buf_str(&name), names[i])) {
                seen[i] = true;
                check_message(buf_str(&value), breaches);
            }
        first = false;
    }
    buf_release(&name);
    buf_release(&value);
}

static void
check_pairs(const json_t *pairs, bool decodes, struct buf *breaches)
{
    if (!json_is_array(pairs))
        buf_add_c(breaches, "post is no array\n");
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *pair = json_array_get(pairs, i);
        const char *name = json_string_value(json_array_get(pair, 0));
        struct str value = { json_string_value(json_array_get(pair, 1)), json_string_length(json_array_get(pair, 1)) };
        struct buf bytes;
        size_t length = 1;

        if (json_array_size(pair) != 2 || name == NULL || value.ptr == NULL) {
            buf_add_c(breaches, "post holds something else than pairs of strings\n");
            continue;
        }
        if (!decodes || (strcmp(name, "SAMLRequest") != 0 && strcmp(name, "SAMLResponse") != 0))
            continue;
        buf_init(&bytes, ROOM);
        if (!decode_base64(value, &bytes))
            buf_printf(breaches, "a posted message that is not base64: %.*s\n", STR_ARG(value));
        for (size_t at = 0; length > 0 && at < bytes.len; at += length)
            length = json_text_utf8_length(str_from_offset(buf_str(&bytes), at));
        if (length == 0)
            buf_add_c(breaches, "a posted message that is not UTF-8\n");
        buf_release(&bytes);
    }
}

static void
check_headers(const json_t *list, struct buf *breaches)
{
    if (!json_is_array(list))
        buf_add_c(breaches, "headers are no array\n");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *header = json_array_get(list, i);

        if (!json_is_string(json_object_get(header, "name")) || !json_is_string(json_object_get(header, "value")))
            buf_add_c(breaches, "a header without name or value\n");
    }
}

static void
check_request(const json_t *request, json_t *ids, struct buf *breaches)
{
    const json_t *id = json_object_get(request, "requestId"), *url = json_object_get(request, "url");
    const char *method = json_string_value(json_object_get(request, "method"));
    const json_t *saml = json_object_get(request, "saml");

    if (!json_is_string(id) || json_object_get(ids, json_string_value(id)) != NULL)
        buf_add_c(breaches, "requestId is missing or is there twice\n");
    else
        json_object_set_new(ids, json_string_value(id), json_true());
    if (method == NULL || !json_is_string(url)) {
        buf_add_c(breaches, "no method or URL\n");
        return;
    }
    check_url((struct str){ json_string_value(url), json_string_length(url) }, strcmp(method, "GET") == 0, breaches);
    check_pairs(json_object_get(request, "post"), strcmp(method, "POST") == 0 && json_string_length(saml) == 0,
                breaches);
    check_headers(json_object_get(request, "requestHeaders"), breaches);
    check_headers(json_object_get(request, "responseHeaders"), breaches);
    if (!json_is_integer(json_object_get(request, "responseStatus")) ||
        !json_is_string(json_object_get(request, "responseStatusText")))
        buf_add_c(breaches, "no status or status line\n");
}

void
tracer_rules_check(const json_t *root, struct buf *breaches)
{
    const json_t *requests = json_object_get(root, "requests"), *time = json_object_get(root, "timestamp");
    json_t *ids = json_object();
    struct xstime parsed;

    if (json_array_size(requests) == 0)
        buf_add_c(breaches, "no requests\n");
    if (!json_is_string(time) || !xstime_parse(str_from(json_string_value(time)), &parsed))
        buf_add_c(breaches, "no timestamp\n");
    for (size_t i = 0; i < json_array_size(requests); i++)
        check_request(json_array_get(requests, i), ids, breaches);
    json_decref(ids);
}
