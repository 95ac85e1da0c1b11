/* SPDX-License-Identifier: MIT */
#include "tap_exchange.h"

#include <stdlib.h>

#include "find.h"
#include "http1.h"
#include "memory.h"

enum { HEAD_CEILING = 1 << 20, PAGE_CEILING = 256 * 1024 };

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
body_keep(struct tap_body *body, size_t ceiling)
{
    body->ceiling = ceiling;
    buf_init(&body->bytes, ceiling);
}

static void
body_add(struct tap_body *body, struct tap_rules *rules, struct str slice)
{
    size_t room = body->ceiling - body->bytes.len;

    body->size += slice.len;
    if (body->ceiling == 0 || body->cut)
        return;
    if (room > rules->budget - rules->kept)
        room = rules->budget - rules->kept;
    if (slice.len > room) {
        rules->over_budget += room < body->ceiling - body->bytes.len;
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
body_of(const struct tap_body *body, bool complete)
{
    if (body->ceiling == 0)
        return (struct body){ .size = body->size };
    return (struct body){ .bytes = buf_str(&body->bytes), .size = body->size, .cut = body->cut || !complete };
}

static void
body_release(struct tap_body *body, struct tap_rules *rules)
{
    rules->kept -= body->bytes.len;
    buf_release(&body->bytes);
}

/* --- exchanges ------------------------------------------------------------------------------------ */

struct tap_exchange *
tap_exchange_find(const struct tap *tap, uint64_t number)
{
    struct tap_exchange *open = tap->open;

    while (open != NULL && open->number != number)
        open = open->next;
    return open;
}

void
tap_exchange_finish(struct tap *tap, struct tap_exchange *open, enum exchange_problem problem)
{
    struct tap_exchange **link = &tap->open;
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

struct tap_exchange *
tap_exchange_start(struct tap *tap, uint64_t number)
{
    struct tap_exchange *open = xcalloc(1, sizeof *open), **link = &tap->open;
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

void
tap_exchange_asked(struct tap *tap, struct tap_exchange *open)
{
    if (str_present(
            tap->origin->host)) { /* inside TLS the connection says where it goes, whatever the request claims */
        open->exchange.scheme = tap->origin->scheme;
        open->exchange.host = tap->origin->host;
        open->exchange.port = tap->origin->port;
    }
    if (!str_present(open->exchange.host))
        open->exchange.host = tap->origin->address;
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
follow_location(struct tap *tap, struct tap_exchange *open)
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

void
tap_exchange_answered(struct tap *tap, struct tap_exchange *open, uint64_t length)
{
    if (open->matters) {
        follow_location(tap, open);
        body_keep(&open->response, tap->rules->body_ceiling);
    } else if (signin_hosts_has(tap->rules->hosts, open->exchange.host) && is_page(&open->exchange.response_headers) &&
               length <= PAGE_CEILING) {
        body_keep(&open->response, tap->rules->body_ceiling < PAGE_CEILING ? tap->rules->body_ceiling : PAGE_CEILING);
    }
}

void
tap_exchange_body(struct tap *tap, struct tap_exchange *open, enum tap_side side, struct str slice)
{
    body_add(side == TAP_REQUEST ? &open->request : &open->response, tap->rules, slice);
}

void
tap_exchange_ended(struct tap *tap, struct tap_exchange *open, enum tap_side side, enum exchange_problem problem)
{
    if (problem == EXCHANGE_OK && side == TAP_REQUEST)
        open->request_ended = true;
    if (problem == EXCHANGE_OK && side == TAP_RESPONSE)
        open->response_ended = true;
    if ((open->request_ended && open->response_ended) || (problem != EXCHANGE_OK && side == TAP_RESPONSE))
        tap_exchange_finish(tap, open, problem);
}

void
tap_exchange_finish_all(struct tap *tap, enum exchange_problem problem)
{
    while (tap->open != NULL)
        tap_exchange_finish(tap, tap->open, problem);
}
