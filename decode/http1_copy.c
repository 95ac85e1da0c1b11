/* SPDX-License-Identifier: MIT */
#include "http1.h"

/* A head in the arena: what lay in the reader's head lies at the same offset there. */
struct head_copy {
    const char *from;
    const char *to;
};

static struct str
moved(const struct head_copy *copy, struct str s)
{
    return str_present(s) ? (struct str){ copy->to + (s.ptr - copy->from), s.len } : s;
}

static bool
copy_bytes(struct arena *arena, const struct http1_reader *reader, struct head_copy *copy)
{
    copy->from = reader->head.bytes;
    copy->to = arena_copy(arena, buf_str(&reader->head)).ptr;
    return copy->to != NULL;
}

static bool
copy_headers(struct arena *arena, const struct head_copy *copy, const struct headers *from, struct headers *to)
{
    *to = (struct headers){ 0 };
    if (from->count == 0)
        return true;
    to->items = arena_calloc(arena, from->count, sizeof(*to->items));
    if (to->items == NULL)
        return false;
    for (size_t i = 0; i < from->count; i++)
        to->items[i] = (struct header){ moved(copy, from->items[i].name), moved(copy, from->items[i].value) };
    to->count = from->count;
    return true;
}

static struct str
lower_copy(struct arena *arena, struct str s)
{
    char *copy = arena_alloc(arena, s.len + 1);

    if (copy == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < s.len; i++)
        copy[i] = s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? (char)(s.ptr[i] - 'A' + 'a') : s.ptr[i];
    return (struct str){ copy, s.len };
}

bool
http1_split_authority(struct arena *arena, struct str authority, struct str *host, unsigned *port)
{
    struct str name, rest = STR("");
    uint64_t number;
    size_t at;

    for (at = authority.len; at > 0 && authority.ptr[at - 1] != '@'; at--)
        ;
    name = str_from_offset(authority, at); /* user information is not part of the host */
    if (name.len > 0 && name.ptr[0] == '[') {
        at = str_find_byte(name, ']');
        if (at == SIZE_MAX)
            return false;
        rest = str_from_offset(name, at + 1);
        name = str_slice(name, 1, at - 1);
    } else if ((at = str_find_byte(name, ':')) != SIZE_MAX) {
        rest = str_from_offset(name, at);
        name = str_slice(name, 0, at);
    }
    if (name.len == 0 || (rest.len > 0 && rest.ptr[0] != ':'))
        return false;
    if (rest.len > 1) {
        if (!str_to_u64(str_from_offset(rest, 1), &number) || number == 0 || number > 65535)
            return false;
        *port = (unsigned)number;
    }
    *host = lower_copy(arena, name);
    return str_present(*host);
}

static void
copy_request(struct arena *arena, const struct head_copy *copy, const struct http1_reader *reader,
             struct exchange *exchange)
{
    struct str host;

    exchange->method = moved(copy, reader->method);
    exchange->target = moved(copy, reader->target);
    exchange->version = moved(copy, reader->version);
    if (exchange_set_url(arena, exchange, exchange->target))
        return;
    if (str_eq_c(exchange->method, "CONNECT") && !str_present(exchange->host)) {
        if (!http1_split_authority(arena, exchange->target, &exchange->host, &exchange->port))
            exchange->host = (struct str){ 0 };
        return;
    }
    host = headers_get(&exchange->request_headers, "Host");
    if (!str_present(exchange->host) && host.len > 0 &&
        !http1_split_authority(arena, host, &exchange->host, &exchange->port))
        exchange->host = (struct str){ 0 };
}

bool
http1_copy_head(struct arena *arena, const struct http1_reader *reader, struct exchange *exchange)
{
    struct head_copy copy;

    if (!copy_bytes(arena, reader, &copy))
        return false;
    if (reader->side == HTTP1_REQUEST) {
        if (!copy_headers(arena, &copy, &reader->headers, &exchange->request_headers))
            return false;
        copy_request(arena, &copy, reader, exchange);
    } else {
        if (!copy_headers(arena, &copy, &reader->headers, &exchange->response_headers))
            return false;
        exchange->status = reader->status;
        exchange->reason = reader->reason.len > 0 ? moved(&copy, reader->reason) : STR("");
    }
    return !arena_failed(arena);
}

const char *
http1_deviation_name(enum http1_deviation deviation)
{
    static const char *const names[HTTP1_DEVIATION_COUNT] = {
        [HTTP1_LEADING_EMPTY_LINE] = "leading-empty-line",
        [HTTP1_BARE_LF] = "bare-lf",
        [HTTP1_BARE_CR] = "bare-cr",
        [HTTP1_CONTROL_BYTE] = "control-byte",
        [HTTP1_OBS_FOLD] = "obs-fold",
        [HTTP1_SPACE_BEFORE_COLON] = "space-before-colon",
        [HTTP1_FIELD_NAME] = "field-name",
        [HTTP1_TARGET] = "target",
        [HTTP1_LINE_TOO_LONG] = "line-too-long",
        [HTTP1_TOO_MANY_FIELDS] = "too-many-fields",
        [HTTP1_HOST_MISSING] = "host-missing",
        [HTTP1_HOST_REPEATED] = "host-repeated",
        [HTTP1_LENGTH_REPEATED] = "length-repeated",
        [HTTP1_LENGTH_AND_CHUNKED] = "length-and-chunked",
        [HTTP1_TRANSFER_CODING] = "transfer-coding",
        [HTTP1_TRANSFER_CODING_IN_10] = "transfer-coding-in-1.0",
        [HTTP1_CHUNK_BLANK] = "chunk-blank",
        [HTTP1_CHUNK_EXTENSION] = "chunk-extension",
        [HTTP1_TRAILERS] = "trailers",
        [HTTP1_UNASKED] = "unasked",
        [HTTP1_BAD_LENGTH] = "bad-length",
        [HTTP1_BAD_CHUNK] = "bad-chunk",
        [HTTP1_HEAD_TOO_BIG] = "head-too-big",
        [HTTP1_NOT_HTTP] = "not-http",
        [HTTP1_PIPELINE_FULL] = "pipeline-full",
        [HTTP1_NO_MEMORY] = "no-memory",
    };

    return (unsigned)deviation < HTTP1_DEVIATION_COUNT ? names[deviation] : "unknown";
}
