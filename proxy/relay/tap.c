/* SPDX-License-Identifier: MIT */
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

#include "find.h"
#include "http1.h"
#include "memory.h"

enum { HEAD_CEILING = 1 << 20, PAGE_CEILING = 256 * 1024, NOTE_SIZE = 600 };

struct body_copy {
    struct buf bytes;
    size_t ceiling; /* 0: not kept */
    uint64_t size;
    bool cut;
};

/* An exchange under way. */
struct open_exchange {
    struct open_exchange *next;
    uint64_t number; /* of the request on this connection, as the reader counts */
    struct arena *arena;
    struct exchange exchange;
    struct body_copy request, response;
    bool matters; /* may carry a sign-in */
    bool request_ended, response_ended;
};

struct note {
    enum exchange_problem problem;
    char text[NOTE_SIZE];
};

struct tap {
    struct tap_rules *rules;
    const struct tap_origin *origin;
    struct http1_pair *pair;    /* NULL between messages */
    struct open_exchange *open; /* oldest first */
    struct note *note;
    uint64_t requests;
    bool is_off; /* nothing more can be read */
};

struct tap *
tap_new(struct tap_rules *rules, const struct tap_origin *origin)
{
    struct tap *tap = xcalloc(1, sizeof *tap);

    tap->rules = rules;
    tap->origin = origin;
    return tap;
}

void
tap_rules_release(struct tap_rules *rules)
{
    if (rules->spare_pair != NULL)
        http1_pair_release(rules->spare_pair);
    free(rules->spare_pair);
    arena_free(rules->spare_arena);
    rules->spare_pair = NULL;
    rules->spare_arena = NULL;
}

static struct http1_pair *
take_pair(struct tap_rules *rules)
{
    struct http1_pair *pair = rules->spare_pair;

    if (pair != NULL) {
        rules->spare_pair = NULL;
        return pair;
    }
    pair = xcalloc(1, sizeof *pair);
    http1_pair_init(pair);
    return pair;
}

static void
release_pair(struct tap *tap)
{
    if (tap->pair == NULL)
        return;
    if (tap->rules->spare_pair == NULL) {
        http1_pair_reset(tap->pair);
        tap->rules->spare_pair = tap->pair;
    } else {
        http1_pair_release(tap->pair);
        free(tap->pair);
    }
    tap->pair = NULL;
}

static struct arena *
take_arena(struct tap_rules *rules)
{
    struct arena *arena = rules->spare_arena != NULL ? rules->spare_arena : arena_new(HEAD_CEILING);

    rules->spare_arena = NULL;
    return arena;
}

static void
release_arena(struct tap_rules *rules, struct arena *arena)
{
    if (arena == NULL || rules->spare_arena != NULL) {
        arena_free(arena);
        return;
    }
    arena_reset(arena);
    rules->spare_arena = arena;
}

/* --- bodies --------------------------------------------------------------------------------------- */

static void
body_keep(struct body_copy *body, size_t ceiling)
{
    body->ceiling = ceiling;
    buf_init(&body->bytes, ceiling);
}

static void
body_add(struct body_copy *body, struct tap_rules *rules, struct str slice)
{
    size_t room = body->ceiling - body->bytes.len;

    body->size += slice.len;
    if (body->ceiling == 0 || body->cut)
        return;
    if (room > rules->budget - rules->kept)
        room = rules->budget - rules->kept;
    if (slice.len > room) {
        slice.len = room;
        body->cut = true;
    }
    buf_add_str(&body->bytes, slice);
    if (buf_failed(&body->bytes))
        body->cut = true;
    else
        rules->kept += slice.len;
}

static struct body
body_of(const struct body_copy *body, bool complete)
{
    if (body->ceiling == 0)
        return (struct body){ .size = body->size };
    return (struct body){ .bytes = buf_str(&body->bytes), .size = body->size, .cut = body->cut || !complete };
}

static void
body_release(struct body_copy *body, struct tap_rules *rules)
{
    rules->kept -= body->bytes.len;
    buf_release(&body->bytes);
}

/* --- exchanges ------------------------------------------------------------------------------------ */

static struct open_exchange *
find_open(struct tap *tap, uint64_t number)
{
    struct open_exchange *open = tap->open;

    while (open != NULL && open->number != number)
        open = open->next;
    return open;
}

/* Unlinks, tells and frees. problem is what is known beside what was read. */
static void
finish(struct tap *tap, struct open_exchange *open, enum exchange_problem problem)
{
    struct open_exchange **link = &tap->open;
    struct exchange *exchange = &open->exchange;
    bool noted = tap->note != NULL && (problem != EXCHANGE_OK || exchange->status == 0 || exchange->status >= 400);

    while (*link != open)
        link = &(*link)->next;
    *link = open->next;
    exchange->finished_ms = tap->rules->now_ms(tap->rules->data);
    exchange->request_body = body_of(&open->request, open->request_ended);
    exchange->response_body = body_of(&open->response, open->response_ended);
    exchange->problem = problem;
    if (noted) {
        exchange->problem = tap->note->problem;
        exchange->problem_text = str_from(tap->note->text);
    }
    tap->rules->emit(tap->rules->data, exchange);
    if (noted) {
        free(tap->note);
        tap->note = NULL;
    }
    body_release(&open->request, tap->rules);
    body_release(&open->response, tap->rules);
    release_arena(tap->rules, open->arena);
    free(open);
}

static struct open_exchange *
start(struct tap *tap, uint64_t number)
{
    struct open_exchange *open = xcalloc(1, sizeof *open), **link = &tap->open;
    struct exchange *exchange = &open->exchange;

    while (*link != NULL)
        link = &(*link)->next;
    *link = open;
    open->number = number;
    open->arena = take_arena(tap->rules);
    exchange->connection = tap->origin->connection;
    exchange->client = tap->origin->client;
    exchange->scheme = tap->origin->scheme;
    exchange->host = tap->origin->host;
    exchange->port = tap->origin->port;
    exchange->started_ms = tap->rules->now_ms(tap->rules->data);
    tap->requests++;
    return open;
}

static void
on_request_head(struct tap *tap)
{
    const struct http1_reader *reader = &tap->pair->request;
    struct open_exchange *open = start(tap, reader->number);
    bool preset = str_present(tap->origin->host);

    if (open->arena == NULL || !http1_copy_head(open->arena, reader, &open->exchange))
        return;
    if (preset) { /* inside TLS the connection says where it goes, whatever the request claims */
        open->exchange.scheme = tap->origin->scheme;
        open->exchange.host = tap->origin->host;
        open->exchange.port = tap->origin->port;
    }
    open->matters = find_body_may_matter(&open->exchange);
    if (!open->matters)
        return;
    signin_hosts_add(tap->rules->hosts, open->exchange.host);
    body_keep(&open->request, tap->rules->body_ceiling);
}

static bool
is_page(const struct headers *headers)
{
    static const struct str types[] = { STR_INIT("text/"),
                                        STR_INIT("application/json"),
                                        STR_INIT("application/problem+json"),
                                        STR_INIT("application/xhtml+xml"),
                                        STR_INIT("application/xml"),
                                        STR_INIT("application/soap+xml") };
    struct str type = headers_get(headers, "Content-Type");

    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_starts_nocase(type, types[i]))
            return !str_starts_nocase(type, STR("text/css")) && !str_starts_nocase(type, STR("text/javascript"));
    return false;
}

/* The next step of a sign-in may be at another host. */
static void
follow_location(struct tap *tap, struct open_exchange *open)
{
    struct str location = headers_get(&open->exchange.response_headers, "Location"), host;
    size_t at = str_find_c(location, "://"), end;
    unsigned port = 0;

    if (at == SIZE_MAX)
        return;
    location = str_from_offset(location, at + 3);
    for (end = 0; end < location.len && location.ptr[end] != '/' && location.ptr[end] != '?'; end++)
        continue;
    if (http1_split_authority(open->arena, str_slice(location, 0, end), &host, &port))
        signin_hosts_add(tap->rules->hosts, host);
}

static void
on_response_head(struct tap *tap)
{
    const struct http1_reader *reader = &tap->pair->response;
    struct open_exchange *open = find_open(tap, reader->number);

    if (open == NULL || open->arena == NULL || !http1_copy_head(open->arena, reader, &open->exchange))
        return;
    if (open->matters) {
        follow_location(tap, open);
        body_keep(&open->response, tap->rules->body_ceiling);
    } else if (signin_hosts_has(tap->rules->hosts, open->exchange.host) && is_page(&open->exchange.response_headers) &&
               (!reader->has_length || reader->content_length <= PAGE_CEILING)) {
        body_keep(&open->response, tap->rules->body_ceiling < PAGE_CEILING ? tap->rules->body_ceiling : PAGE_CEILING);
    }
}

static void
on_end(struct tap *tap, enum tap_side side, enum exchange_problem problem)
{
    const struct http1_reader *reader = side == TAP_REQUEST ? &tap->pair->request : &tap->pair->response;
    struct open_exchange *open = find_open(tap, reader->number);

    if (open == NULL)
        return;
    if (problem == EXCHANGE_OK && side == TAP_REQUEST)
        open->request_ended = true;
    if (problem == EXCHANGE_OK && side == TAP_RESPONSE)
        open->response_ended = true;
    if ((open->request_ended && open->response_ended) || (problem != EXCHANGE_OK && side == TAP_RESPONSE))
        finish(tap, open, problem);
}

static void
finish_all(struct tap *tap, enum exchange_problem problem)
{
    while (tap->open != NULL)
        finish(tap, tap->open, problem);
}

/* From here on it is another protocol, or nothing that can be read. */
static void
switch_off(struct tap *tap, enum tap_side side)
{
    const struct http1_reader *reader = side == TAP_REQUEST ? &tap->pair->request : &tap->pair->response;
    bool asked_for = reader->opaque_reason == HTTP1_OPAQUE_SWITCHED;

    tap->is_off = true;
    if (!asked_for && tap->open == NULL)
        start(tap, 0); /* so that it is told that something went by unread */
    for (struct open_exchange *open = tap->open; asked_for && open != NULL; open = open->next)
        open->request_ended = open->response_ended = true;
    finish_all(tap, asked_for ? EXCHANGE_OK : EXCHANGE_BAD_HTTP);
    release_pair(tap);
}

void
tap_bytes(struct tap *tap, enum tap_side side, struct str bytes)
{
    enum http1_side reader_side = side == TAP_REQUEST ? HTTP1_REQUEST : HTTP1_RESPONSE;
    struct str slice;

    if (tap->is_off)
        return;
    if (tap->pair == NULL)
        tap->pair = take_pair(tap->rules);
    for (;;) {
        struct open_exchange *open;

        switch (http1_pair_next(tap->pair, reader_side, &bytes, &slice)) {
        case HTTP1_MORE:
            if (tap->open == NULL && http1_pair_idle(tap->pair))
                release_pair(tap);
            return;
        case HTTP1_HEAD:
            if (side == TAP_REQUEST)
                on_request_head(tap);
            else
                on_response_head(tap);
            break;
        case HTTP1_BODY:
            open = find_open(tap, side == TAP_REQUEST ? tap->pair->request.number : tap->pair->response.number);
            if (open != NULL)
                body_add(side == TAP_REQUEST ? &open->request : &open->response, tap->rules, slice);
            break;
        case HTTP1_END:
            on_end(tap, side, EXCHANGE_OK);
            break;
        case HTTP1_OPAQUE:
            switch_off(tap, side);
            return;
        case HTTP1_INTERIM:
        case HTTP1_CUT:
            break;
        }
    }
}

void
tap_eof(struct tap *tap, enum tap_side side)
{
    if (tap->is_off || tap->pair == NULL)
        return;
    switch (http1_pair_eof(tap->pair, side == TAP_REQUEST ? HTTP1_REQUEST : HTTP1_RESPONSE)) {
    case HTTP1_END:
        on_end(tap, side, EXCHANGE_OK);
        break;
    case HTTP1_CUT:
        on_end(tap, side, EXCHANGE_CUT_SHORT);
        break;
    default:
        break;
    }
}

void
tap_note(struct tap *tap, enum exchange_problem problem, const char *text)
{
    if (tap->note == NULL)
        tap->note = xcalloc(1, sizeof *tap->note);
    tap->note->problem = problem;
    snprintf(tap->note->text, sizeof tap->note->text, "%s", text);
}

uint64_t
tap_requests(const struct tap *tap)
{
    return tap->requests;
}

bool
tap_awaits_response(const struct tap *tap)
{
    return tap->open != NULL && tap->open->exchange.status == 0;
}

void
tap_free(struct tap *tap)
{
    if (tap == NULL)
        return;
    finish_all(tap, EXCHANGE_CUT_SHORT);
    release_pair(tap);
    free(tap->note);
    free(tap);
}
