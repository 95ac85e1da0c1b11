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

enum { VERSION_BYTES = 8 };

/* Version of a start line. Tools print HTTP/2 and 3 in the form of HTTP/1, too. */
static bool
is_version(struct str s)
{
    return (str_starts_c(s, "HTTP/1.") && s.len == VERSION_BYTES) || str_eq_c(s, "HTTP/2") || str_eq_c(s, "HTTP/2.0") ||
           str_eq_c(s, "HTTP/3");
}

/* The first line, and its version; false when it begins no message. */
static bool
start_line(struct str text, struct str *line, struct str *version)
{
    struct str rest, method;
    size_t end;

    str_cut(str_slice(text, 0, HTTP1_MAX_HEAD), '\n', line, &rest);
    *line = str_trim(*line);
    if (str_starts_c(*line, "HTTP/"))
        return str_cut(*line, ' ', version, &rest) && is_version(*version) && rest.len >= 3;
    for (end = line->len; end > 0 && line->len - end <= VERSION_BYTES && line->ptr[end - 1] != ' '; end--)
        ;
    *version = str_from_offset(*line, end);
    if (!is_version(*version) || !str_cut(*line, ' ', &method, &rest) || method.len > 20)
        return false;
    for (size_t i = 0; i < method.len; i++)
        if (method.ptr[i] < 'A' || method.ptr[i] > 'Z')
            return false;
    return method.len > 0;
}

bool
find_is_http_text(struct str text)
{
    struct str line, version;

    return start_line(text, &line, &version);
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

/*
 * Gives the reader the start line of another version as one of HTTP/1.1, and takes it off *text. *version is
 * what it was, absent for HTTP/1. False: the arena refuses.
 */
static bool
translate_start(struct text_reader *reader, enum http1_side side, struct str *text, struct str *version)
{
    struct str line, slice, translated;
    size_t newline = str_find_byte(*text, '\n');

    if (!start_line(*text, &line, version) || str_starts_c(*version, "HTTP/1.")) {
        *version = (struct str){ 0 };
        return true;
    }
    if (side == HTTP1_RESPONSE)
        translated = arena_printf(reader->arena, "HTTP/1.1%.*s\r\n", STR_ARG(str_from_offset(line, version->len)));
    else
        translated =
            arena_printf(reader->arena, "%.*sHTTP/1.1\r\n", STR_ARG(str_slice(line, 0, line.len - version->len)));
    *text = str_from_offset(*text, newline == SIZE_MAX ? text->len : newline + 1);
    return str_present(translated) && http1_pair_next(&reader->pair, side, &translated, &slice) == HTTP1_MORE;
}

/* Reads one message. Takes its bytes off *text; returns false when that is not HTTP or memory is out. */
static bool
read_one(struct text_reader *reader, enum http1_side side, struct str *text)
{
    const struct http1_reader *head = side == HTTP1_REQUEST ? &reader->pair.request : &reader->pair.response;
    struct exchange *exchange;
    struct body *body;
    struct buf bytes;
    struct str slice, version;
    enum http1_event event;
    bool until_next;

    if (!translate_start(reader, side, text, &version))
        return false;
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
    if (side == HTTP1_REQUEST && str_present(version))
        exchange->version = version;
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
        enum http1_side side = str_starts_c(text, "HTTP/") ? HTTP1_RESPONSE : HTTP1_REQUEST;
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
