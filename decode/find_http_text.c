/* SPDX-License-Identifier: MIT */
#include "find_parts.h"
#include "http1.h"

/*
 * HTTP messages as text: saved by a proxy, or copied by hand. Hands lose things, so a body without a
 * stated length runs to the next start line or the end.
 */
struct text_reader {
    struct arena *arena;
    struct http1_pair pair;
    struct exchange *items;
    size_t count;
    size_t capacity;
};

static bool
is_version(struct str s)
{
    return str_starts_c(s, "HTTP/1.") && s.len == 8;
}

bool
find_is_http_text(struct str text)
{
    struct str line, rest, method, target;
    size_t end;

    str_cut(str_slice(text, 0, HTTP1_MAX_HEAD), '\n', &line, &rest);
    line = str_trim(line);
    if (str_starts_c(line, "HTTP/1."))
        return line.len >= 12 && is_version(str_slice(line, 0, 8)) && line.ptr[8] == ' ';
    for (end = line.len; end > 0 && line.ptr[end - 1] != ' '; end--)
        ;
    if (!is_version(str_from_offset(line, end)) || !str_cut(line, ' ', &method, &target) || method.len > 20)
        return false;
    for (size_t i = 0; i < method.len; i++)
        if (method.ptr[i] < 'A' || method.ptr[i] > 'Z')
            return false;
    return method.len > 0;
}

/* Length of the text before the next line that begins a message; 0 when it does so itself. */
static size_t
before_next_start(struct str text)
{
    size_t at = 0;

    while (at < text.len && !find_is_http_text(str_from_offset(text, at))) {
        size_t newline = str_find_byte(str_from_offset(text, at), '\n');

        at = newline == SIZE_MAX ? text.len : at + newline + 1;
    }
    return at;
}

static struct exchange *
exchange_for(struct text_reader *reader, enum http1_side side)
{
    struct exchange *last = reader->count > 0 ? &reader->items[reader->count - 1] : NULL;

    if (side == HTTP1_RESPONSE && last != NULL && last->status == 0)
        return last;
    if (!arena_grow(reader->arena, (void **)&reader->items, reader->count, &reader->capacity, sizeof(*reader->items)))
        return NULL;
    last = &reader->items[reader->count];
    *last = (struct exchange){ .number = ++reader->count };
    return last;
}

static void
guess_scheme(struct exchange *exchange)
{
    if (str_present(exchange->scheme))
        return;
    exchange->scheme = exchange->port == 80 ? STR("http") : STR("https");
    if (exchange->port == 0)
        exchange->port = 443;
}

/* Reads one message. Takes its bytes off *text; returns false when that is not HTTP or memory is out. */
static bool
read_one(struct text_reader *reader, enum http1_side side, struct str *text)
{
    const struct http1_reader *head = side == HTTP1_REQUEST ? &reader->pair.request : &reader->pair.response;
    struct exchange *exchange;
    struct body *body;
    struct buf bytes;
    struct str slice;
    enum http1_event event;
    bool until_next;

    do
        event = http1_pair_next(&reader->pair, side, text, &slice);
    while (event == HTTP1_INTERIM);
    if (event == HTTP1_MORE) /* a head copied without its empty line */
        event = http1_pair_next(&reader->pair, side, &(struct str){ "\r\n\r\n", 4 }, &slice);
    if (event != HTTP1_HEAD)
        return false;
    exchange = exchange_for(reader, side);
    if (exchange == NULL || !http1_copy_head(reader->arena, head, exchange))
        return false;
    if (side == HTTP1_REQUEST)
        guess_scheme(exchange);
    body = side == HTTP1_REQUEST ? &exchange->request_body : &exchange->response_body;
    until_next = !head->has_length && (!head->has_body || head->state == HTTP1_STATE_UNTIL_CLOSE);
    if (until_next) {
        slice = str_slice(*text, 0, before_next_start(*text));
        *text = str_from_offset(*text, slice.len);
        *body = (struct body){ .bytes = str_trim(slice), .size = slice.len };
        return true;
    }
    buf_init(&bytes, SIZE_MAX / 2);
    while ((event = http1_pair_next(&reader->pair, side, text, &slice)) == HTTP1_BODY)
        buf_add_str(&bytes, slice);
    *body = (struct body){ .bytes = arena_copy(reader->arena, buf_str(&bytes)), .size = bytes.len };
    body->cut = event != HTTP1_END;
    buf_release(&bytes);
    return !arena_failed(reader->arena);
}

bool
find_http_text(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count)
{
    struct text_reader reader = { .arena = arena };

    /* Each message gets a fresh pair: what one lost must not confuse the next. */
    while (find_is_http_text(text)) {
        enum http1_side side = str_starts_c(text, "HTTP/1.") ? HTTP1_RESPONSE : HTTP1_REQUEST;
        bool ok;

        http1_pair_init(&reader.pair);
        ok = read_one(&reader, side, &text);
        http1_pair_release(&reader.pair);
        if (!ok)
            break;
        text = str_trim(text);
    }
    *exchanges = reader.items;
    *count = reader.count;
    return !arena_failed(arena);
}
