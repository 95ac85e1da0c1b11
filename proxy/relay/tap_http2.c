/* SPDX-License-Identifier: MIT */
#include "tap_http2.h"

#include "http2.h"
#include "log.h"

static void
on_request(struct tap *tap, const struct http2_message *message)
{
    struct tap_exchange *open = tap_exchange_start(tap, message->stream);

    if (open->arena != NULL && http2_copy_head(open->arena, message, &open->exchange))
        tap_exchange_asked(tap, open);
}

static void
on_response(struct tap *tap, struct tap_exchange *open, const struct http2_message *message)
{
    if (open->arena != NULL && http2_copy_head(open->arena, message, &open->exchange))
        tap_exchange_answered(tap, open, message->content_length);
}

/* A stream that is no request or no response; the rest of the connection can be read on. */
static void
on_malformed(struct tap *tap, enum tap_side side, const struct http2_message *message)
{
    struct tap_exchange *open = tap_exchange_find(tap, message->stream);
    bool is_request = open == NULL;

    if (is_request && side == TAP_RESPONSE)
        return;
    if (is_request) {
        open = tap_exchange_start(tap, message->stream);
        if (open->arena == NULL || !http2_copy_head(open->arena, message, &open->exchange))
            open->exchange.method = (struct str){ 0 };
    }
    open->exchange.problem_text =
        is_request ? STR("the head of an HTTP/2 request is malformed") : STR("an HTTP/2 response is malformed");
    tap_exchange_finish(tap, open, EXCHANGE_BAD_HTTP);
}

/* After the whole answer it only says that the rest of the request is not wanted. */
static void
on_reset(struct tap *tap, struct tap_exchange *open)
{
    if (open->response_ended)
        tap_exchange_finish(tap, open, EXCHANGE_OK);
    else
        tap_exchange_finish(tap, open, EXCHANGE_CUT_SHORT);
}

static void
on_switched(struct tap *tap, struct tap_exchange *open)
{
    open->request_ended = open->response_ended = true;
    tap_exchange_finish(tap, open, EXCHANGE_OK);
}

static void
switch_off(struct tap *tap)
{
    const char *why = http2_error_text(http2_error(tap->http2));

    tap->is_off = true;
    tap->rules->unreadable++;
    tap->rules->left_out += http2_left_out(tap->http2);
    log_debug("connection %llu: HTTP/2 is not read any more: %s", (unsigned long long)tap->origin->connection, why);
    if (tap->open == NULL)
        tap_exchange_start(tap, 0); /* so that it is told that something went by unread */
    for (struct tap_exchange *open = tap->open; open != NULL; open = open->next)
        open->exchange.problem_text = str_from(why);
    tap_exchange_finish_all(tap, EXCHANGE_BAD_HTTP);
    http2_free(tap->http2);
    tap->http2 = NULL;
}

static void
on_push(struct tap *tap, const struct http2_message *message)
{
    tap->rules->pushes++;
    log_debug("connection %llu: the server pushes an answer on stream %u, which is not read",
              (unsigned long long)tap->origin->connection, (unsigned)message->stream);
}

/* What is about one exchange that is open. */
static void
on_event(struct tap *tap, enum tap_side side, enum http2_event event, const struct http2_message *message)
{
    struct tap_exchange *open = tap_exchange_find(tap, message->stream);

    if (open == NULL)
        return;
    switch (event) {
    case HTTP2_HEAD:
        on_response(tap, open, message);
        break;
    case HTTP2_BODY:
        tap_exchange_body(tap, open, side, message->slice);
        break;
    case HTTP2_END:
        tap_exchange_ended(tap, open, side, EXCHANGE_OK);
        break;
    case HTTP2_SHORT:
        tap_exchange_ended(tap, open, side, EXCHANGE_CUT_SHORT);
        break;
    case HTTP2_SWITCHED:
        on_switched(tap, open);
        break;
    case HTTP2_RESET:
        on_reset(tap, open);
        break;
    default:
        break;
    }
}

void
tap_http2_bytes(struct tap *tap, enum tap_side side, struct str bytes)
{
    enum http2_side sender = side == TAP_REQUEST ? HTTP2_CLIENT : HTTP2_SERVER;
    struct http2_message message;

    for (;;) {
        enum http2_event event = http2_next(tap->http2, sender, &bytes, &message);

        if (event == HTTP2_MORE)
            return;
        if (event == HTTP2_OPAQUE) {
            switch_off(tap);
            return;
        }
        if (event == HTTP2_HEAD && side == TAP_REQUEST)
            on_request(tap, &message);
        else if (event == HTTP2_MALFORMED)
            on_malformed(tap, side, &message);
        else if (event == HTTP2_PUSH)
            on_push(tap, &message);
        else
            on_event(tap, side, event, &message);
    }
}

void
tap_http2_eof(struct tap *tap, enum tap_side side)
{
    if (side == TAP_RESPONSE)
        tap_exchange_finish_all(tap, EXCHANGE_CUT_SHORT);
}
