/* SPDX-License-Identifier: MIT */
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

#include "http1.h"
#include "http2.h"
#include "memory.h"
#include "tap_exchange.h"
#include "tap_http2.h"

struct tap *
tap_new(struct tap_rules *rules, const struct tap_origin *origin)
{
    struct tap *tap = xcalloc(1, sizeof *tap);

    tap->rules = rules;
    tap->origin = origin;
    if (origin->is_http2)
        tap->http2 = http2_new();
    tap->is_off = origin->is_http2 && tap->http2 == NULL;
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

static void
on_request_head(struct tap *tap)
{
    const struct http1_reader *reader = &tap->pair->request;
    struct tap_exchange *open = tap_exchange_start(tap, reader->number);

    if (open->arena != NULL && http1_copy_head(open->arena, reader, &open->exchange))
        tap_exchange_asked(tap, open);
}

static void
on_response_head(struct tap *tap)
{
    const struct http1_reader *reader = &tap->pair->response;
    struct tap_exchange *open = tap_exchange_find(tap, reader->number);

    if (open != NULL && open->arena != NULL && http1_copy_head(open->arena, reader, &open->exchange))
        tap_exchange_answered(tap, open, reader->has_length ? reader->content_length : 0);
}

/* The exchange that the message of this side belongs to. */
static struct tap_exchange *
current(const struct tap *tap, enum tap_side side)
{
    return tap_exchange_find(tap, side == TAP_REQUEST ? tap->pair->request.number : tap->pair->response.number);
}

static void
on_end(struct tap *tap, enum tap_side side, enum exchange_problem problem)
{
    struct tap_exchange *open = current(tap, side);

    if (open != NULL)
        tap_exchange_ended(tap, open, side, problem);
}

/* From here on it is another protocol, or nothing that can be read. */
static void
switch_off(struct tap *tap, enum tap_side side)
{
    const struct http1_reader *reader = side == TAP_REQUEST ? &tap->pair->request : &tap->pair->response;
    bool asked_for = reader->opaque_reason == HTTP1_OPAQUE_SWITCHED;

    tap->is_off = true;
    tap->rules->unreadable += !asked_for;
    if (!asked_for && tap->open == NULL)
        tap_exchange_start(tap, 0); /* so that it is told that something went by unread */
    for (struct tap_exchange *open = tap->open; asked_for && open != NULL; open = open->next)
        open->request_ended = open->response_ended = true;
    tap_exchange_finish_all(tap, asked_for ? EXCHANGE_OK : EXCHANGE_BAD_HTTP);
    release_pair(tap);
}

void
tap_bytes(struct tap *tap, enum tap_side side, struct str bytes)
{
    enum http1_side reader_side = side == TAP_REQUEST ? HTTP1_REQUEST : HTTP1_RESPONSE;
    struct str slice;

    if (tap->is_off)
        return;
    if (tap->http2 != NULL) {
        tap_http2_bytes(tap, side, bytes);
        return;
    }
    if (tap->pair == NULL)
        tap->pair = take_pair(tap->rules);
    for (;;) {
        struct tap_exchange *open;

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
            open = current(tap, side);
            if (open != NULL)
                tap_exchange_body(tap, open, side, slice);
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
tap_eof(struct tap *tap, enum tap_side side, bool is_cut)
{
    if (!tap->is_off && tap->http2 != NULL)
        tap_http2_eof(tap, side);
    if (tap->is_off || tap->pair == NULL)
        return;
    switch (http1_pair_eof(tap->pair, side == TAP_REQUEST ? HTTP1_REQUEST : HTTP1_RESPONSE)) {
    case HTTP1_END:
        on_end(tap, side, is_cut ? EXCHANGE_CUT_SHORT : EXCHANGE_OK);
        break;
    case HTTP1_CUT:
        on_end(tap, side, EXCHANGE_CUT_SHORT);
        break;
    default:
        break;
    }
}

bool
tap_is_idle(const struct tap *tap)
{
    return tap->is_off || (tap->open == NULL && (tap->pair == NULL || http1_pair_idle(tap->pair)));
}

uint64_t
tap_requests(const struct tap *tap)
{
    return tap->requests;
}

const struct exchange *
tap_awaited(const struct tap *tap, uint64_t *number)
{
    const struct tap_exchange *open = tap->open;

    while (open != NULL && open->exchange.status != 0)
        open = open->next;
    if (open == NULL)
        return NULL;
    *number = open->number;
    return &open->exchange;
}

void
tap_note(struct tap *tap, enum exchange_problem problem, const char *text)
{
    if (tap->note == NULL)
        tap->note = xcalloc(1, sizeof *tap->note);
    tap->note->problem = problem;
    snprintf(tap->note->text, sizeof tap->note->text, "%s", text);
}

void
tap_free(struct tap *tap)
{
    if (tap == NULL)
        return;
    tap_exchange_finish_all(tap, EXCHANGE_CUT_SHORT);
    release_pair(tap);
    if (tap->http2 != NULL)
        tap->rules->left_out += http2_left_out(tap->http2);
    http2_free(tap->http2);
    free(tap->note);
    free(tap);
}
