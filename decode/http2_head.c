/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "http1.h"
#include "http2_parts.h"

enum { FIELD_OVERHEAD = 32, MAX_LENGTH_BITS = 53 };

/* In front of every field of a block. */
struct field_size {
    uint32_t name, value;
};

void
http2_block_begin(struct http2_reader *reader, uint32_t stream, uint32_t promise, bool ends_stream)
{
    reader->in_block = true;
    reader->block_stream = stream;
    reader->block_promise = promise;
    reader->block_ends_stream = ends_stream;
    reader->continuations = 0;
    reader->list_size = 0;
    buf_reset(&reader->block);
}

static enum http2_error
add_field(struct http2_reader *reader, const nghttp2_nv *field)
{
    struct field_size size = { (uint32_t)field->namelen, (uint32_t)field->valuelen };

    reader->list_size += field->namelen + field->valuelen + FIELD_OVERHEAD;
    if (reader->list_size > HTTP2_MAX_LIST)
        return HTTP2_HEAD_TOO_BIG;
    buf_add(&reader->block, &size, sizeof size);
    buf_add(&reader->block, field->name, field->namelen);
    buf_add(&reader->block, field->value, field->valuelen);
    return buf_failed(&reader->block) ? HTTP2_NO_MEMORY : HTTP2_NO_ERROR;
}

enum http2_error
http2_block_add(struct http2_reader *reader, struct str bytes, bool is_last)
{
    const uint8_t *at = (const uint8_t *)(bytes.len > 0 ? bytes.ptr : ""); /* an empty block has no address */
    size_t left = bytes.len;
    enum http2_error error = HTTP2_NO_ERROR;

    for (;;) {
        nghttp2_nv field;
        int flags = 0;
        ssize_t used = nghttp2_hd_inflate_hd2(reader->inflater, &field, &flags, at, left, is_last);

        if (used < 0)
            return used == NGHTTP2_ERR_NOMEM ? HTTP2_NO_MEMORY : HTTP2_BAD_COMPRESSION;
        at += used;
        left -= (size_t)used;
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
            error = add_field(reader, &field);
        if (error != HTTP2_NO_ERROR)
            return error;
        if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
            nghttp2_hd_inflate_end_headers(reader->inflater);
            return HTTP2_NO_ERROR;
        }
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0)
            return is_last ? HTTP2_BAD_COMPRESSION : HTTP2_NO_ERROR;
    }
}

/* Cuts one field off the front of *fields. False at the end. */
static bool
next_field(struct str *fields, struct header *field)
{
    struct field_size size;

    if (fields->len < sizeof size)
        return false;
    memcpy(&size, fields->ptr, sizeof size);
    field->name = str_slice(*fields, sizeof size, size.name);
    field->value = str_slice(*fields, sizeof size + size.name, size.value);
    *fields = str_from_offset(*fields, sizeof size + size.name + size.value);
    return true;
}

static bool
is_pseudo(struct str name)
{
    return name.len > 0 && name.ptr[0] == ':';
}

/*
 * Only what would make the head ambiguous in another notation counts: clients differ in what else
 * they accept, and what they accepted is to be told.
 */
static bool
is_sound(const struct header *field)
{
    for (size_t i = 0; i < field->name.len; i++) {
        unsigned char c = (unsigned char)field->name.ptr[i];

        if (c <= 0x20 || c >= 0x7f || (c == ':' && i > 0))
            return false;
    }
    for (size_t i = 0; i < field->value.len; i++)
        if (field->value.ptr[i] == '\0' || field->value.ptr[i] == '\r' || field->value.ptr[i] == '\n')
            return false;
    return field->name.len > 0;
}

static bool
take_status(struct str value, unsigned *status)
{
    uint64_t number;

    if (*status != 0 || value.len != 3 || !str_to_u64(value, &number) || number < 100)
        return false;
    *status = (unsigned)number;
    return true;
}

static bool
take_once(struct str *where, struct str value)
{
    if (str_present(*where))
        return false;
    *where = value;
    return true;
}

static bool
take_pseudo(const struct header *field, bool is_request, struct http2_message *message)
{
    if (!is_request)
        return str_eq_c(field->name, ":status") && take_status(field->value, &message->status);
    if (str_eq_c(field->name, ":method"))
        return take_once(&message->method, field->value);
    if (str_eq_c(field->name, ":scheme"))
        return take_once(&message->scheme, field->value);
    if (str_eq_c(field->name, ":authority"))
        return take_once(&message->authority, field->value);
    if (str_eq_c(field->name, ":path"))
        return take_once(&message->path, field->value);
    return str_eq_c(field->name, ":protocol") && take_once(&message->protocol, field->value);
}

static bool
take_length(struct str value, struct http2_message *message)
{
    uint64_t length;

    if (!str_to_u64(str_trim(value), &length) || length >> MAX_LENGTH_BITS != 0 ||
        (message->has_length && message->content_length != length))
        return false;
    message->has_length = true;
    message->content_length = length;
    return true;
}

static bool
is_request_complete(const struct http2_message *message)
{
    if (message->method.len == 0)
        return false;
    if (str_eq_c(message->method, "CONNECT") && !str_present(message->protocol))
        return message->authority.len > 0;
    return message->path.len > 0;
}

bool
http2_block_parse(const struct http2_reader *reader, bool is_request, struct http2_message *message)
{
    struct str rest = buf_str(&reader->block);
    struct header field;
    bool ok = true, in_pseudo = true;

    message->fields = rest;
    while (next_field(&rest, &field)) {
        if (!is_sound(&field)) {
            ok = false;
        } else if (is_pseudo(field.name)) {
            ok = in_pseudo && take_pseudo(&field, is_request, message) && ok;
        } else {
            in_pseudo = false;
            if (str_eq_nocase(field.name, STR("content-length")))
                ok = take_length(field.value, message) && ok;
        }
    }
    return ok && (is_request ? is_request_complete(message) : message->status != 0);
}

/* --- as HTTP/1.1 would have told it ---------------------------------------------------------------- */

/* RFC 9113 8.2.3: a cookie may come in pieces, which "; " joins. */
static struct str
join_cookies(struct arena *arena, struct str fields)
{
    struct str rest = fields;
    struct header field;
    size_t size = 0, len = 0;
    char *joined;

    while (next_field(&rest, &field))
        if (str_eq_nocase(field.name, STR("cookie")))
            size += field.value.len + 2;
    joined = arena_alloc(arena, size + 1);
    if (joined == NULL)
        return (struct str){ 0 };
    for (rest = fields; next_field(&rest, &field);) {
        if (!str_eq_nocase(field.name, STR("cookie")))
            continue;
        if (len > 0) {
            memcpy(joined + len, "; ", 2);
            len += 2;
        }
        memcpy(joined + len, field.value.ptr, field.value.len);
        len += field.value.len;
    }
    return (struct str){ joined, len };
}

/* Fields are already the arena's. authority: absent, or to become Host when there is none. */
static bool
copy_fields(struct arena *arena, struct str fields, struct str authority, bool joins_cookies, struct headers *headers)
{
    struct str rest = fields;
    struct header field;
    bool has_cookie = false;
    size_t count = 1;

    while (next_field(&rest, &field)) {
        count++;
        if (str_eq_nocase(field.name, STR("host")))
            authority = (struct str){ 0 };
    }
    *headers = (struct headers){ .items = arena_calloc(arena, count, sizeof(*headers->items)) };
    if (headers->items == NULL)
        return false;
    if (str_present(authority))
        headers->items[headers->count++] = (struct header){ STR("host"), authority };
    for (rest = fields; next_field(&rest, &field);) {
        bool is_cookie = joins_cookies && str_eq_nocase(field.name, STR("cookie"));

        if (is_pseudo(field.name) || (is_cookie && has_cookie))
            continue;
        if (is_cookie)
            field.value = join_cookies(arena, fields);
        has_cookie = has_cookie || is_cookie;
        headers->items[headers->count++] = field;
    }
    return !arena_failed(arena);
}

static bool
copy_request(struct arena *arena, const struct http2_message *message, struct str fields, struct exchange *exchange)
{
    bool is_tunnel = str_eq_c(message->method, "CONNECT") && !str_present(message->protocol);
    struct str authority = arena_copy(arena, message->authority);

    exchange->method = arena_copy(arena, message->method);
    exchange->target = is_tunnel ? authority : arena_copy(arena, message->path);
    exchange->version = STR("HTTP/2");
    if (!copy_fields(arena, fields, authority, true, &exchange->request_headers))
        return false;
    if (!str_present(exchange->scheme))
        exchange->scheme = arena_copy(arena, message->scheme);
    if (!str_present(authority))
        authority = headers_get(&exchange->request_headers, "Host");
    if (!str_present(exchange->host) && authority.len > 0 &&
        !http1_split_authority(arena, authority, &exchange->host, &exchange->port))
        exchange->host = (struct str){ 0 };
    return !arena_failed(arena);
}

bool
http2_copy_head(struct arena *arena, const struct http2_message *message, struct exchange *exchange)
{
    struct str fields = arena_copy(arena, message->fields);

    if (!str_present(fields))
        return false;
    if (message->status == 0)
        return copy_request(arena, message, fields, exchange);
    exchange->status = message->status;
    exchange->reason = STR("");
    return copy_fields(arena, fields, (struct str){ 0 }, false, &exchange->response_headers);
}
