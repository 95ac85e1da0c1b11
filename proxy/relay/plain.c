/* SPDX-License-Identifier: MIT */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn_drain.h"
#include "memory.h"
#include "pages.h"
#include "plain_request.h"

/* What a turn of one side came to. */
enum turn {
    TURN_WAITS,   /* nothing to do now */
    TURN_GOES_ON, /* something was done: look again */
    TURN_OVER,    /* the state was left */
};

/* Our own answer ends the connection: what may follow the request was not read. */
static enum turn
say(struct conn *conn, struct buf *page)
{
    stream_write(&conn->client, buf_str(page));
    buf_release(page);
    conn_end_tap(conn);
    stream_close(&conn->server);
    conn_go(conn, CONN_LINGER);
    return TURN_OVER;
}

static enum turn
refuse(struct conn *conn, const char *wrong)
{
    struct buf page;

    conn_note_reason(conn, CLOSE_BAD_REQUEST);
    buf_init(&page, 256 * 1024);
    pages_bad_request(&page, str_from(wrong));
    return say(conn, &page);
}

static enum turn
show_problem(struct conn *conn, enum exchange_problem problem, const char *text)
{
    const struct plain *plain = conn->plain;
    struct buf page;

    conn_set_problem(conn, problem, text);
    buf_init(&page, 256 * 1024);
    pages_problem(&page, str_from(plain->host), plain->port, problem, str_from(text));
    return say(conn, &page);
}

static enum turn
show_site(struct conn *conn, struct str target, bool with_body)
{
    struct buf page;

    conn_note_reason(conn, CLOSE_OWN_PAGE);
    buf_init(&page, 256 * 1024);
    pages_site(&page, conn->core->options.ca, target, conn->way->address, with_body);
    return say(conn, &page);
}

/* --- requests ------------------------------------------------------------------------------------- */

/* A request without body ends without further bytes: ask the reader once more. */
static enum turn
end_of_request(struct conn *conn)
{
    struct plain *plain = conn->plain;
    struct str none = { "", 0 }, slice;

    if (plain->phase != PLAIN_EXCHANGE || plain->request_done || !plain->pair.request.in_message ||
        http1_pair_next(&plain->pair, HTTP1_REQUEST, &none, &slice) != HTTP1_END)
        return TURN_WAITS;
    plain->request_done = true;
    return TURN_GOES_ON;
}

static enum turn
send_head(struct conn *conn)
{
    struct plain *plain = conn->plain;

    plain->phase = PLAIN_EXCHANGE;
    stream_write(&conn->server, buf_str(&plain->head));
    buf_release(&plain->head);
    buf_release(&plain->raw_head);
    end_of_request(conn); /* before its answer can be looked at */
    return TURN_GOES_ON;
}

static enum turn
dial(struct conn *conn)
{
    struct plain *plain = conn->plain;

    stream_close(&conn->server);
    plain->server_host[0] = '\0';
    stream_watch(&conn->client, false);
    conn->upstream = xcalloc(1, sizeof *conn->upstream);
    upstream_init(conn->upstream);
    if (!upstream_start(conn->upstream, &conn->core->upstream_rules, str_from(plain->host), plain->port,
                        UPSTREAM_REQUESTS, conn->callbacks->on_dialled, conn))
        plain_dialled(conn, -1);
    return conn->state == CONN_PLAIN ? TURN_WAITS : TURN_OVER;
}

void
plain_dialled(struct conn *conn, int fd)
{
    struct plain *plain = conn->plain;
    struct upstream *upstream = conn->upstream;

    conn->upstream = NULL;
    conn->last_tick = conn->core->tick;
    if (fd < 0) {
        conn_note_reason(conn, upstream->reason);
        conn->core->stats.dial_failures++;
        show_problem(conn, upstream->problem, upstream->text);
    } else {
        conn->core->stats.dialled++;
        upstream_hand_over(upstream, fd, &conn->server, conn->callbacks->on_server, conn);
        memcpy(plain->server_host, plain->host, sizeof plain->server_host);
        plain->server_port = plain->port;
        send_head(conn);
        conn->ready |= PUMP_CLIENT_READY;
    }
    free(upstream);
}

/* A whole head is there: to whom does it go? */
static enum turn
route(struct conn *conn)
{
    struct plain *plain = conn->plain;
    const char *wrong = plain_take_head(plain, &conn->core->upstream_rules);
    struct str target = plain->pair.request.target;
    bool with_body = !str_eq_c(plain->pair.request.method, "HEAD");

    if (wrong != NULL)
        return refuse(conn, wrong);
    if (plain->is_own_site)
        return show_site(conn, target, with_body);
    if (strcmp(plain->host, PAGES_HOST) == 0) {
        size_t at = str_find_byte(str_from_offset(target, sizeof "http://" - 1), '/');

        return show_site(conn, at == SIZE_MAX ? STR("/") : str_from_offset(target, at + sizeof "http://" - 1),
                         with_body);
    }
    if (strcmp(plain->host, plain->server_host) == 0 && plain->port == plain->server_port &&
        conn->server.input == STREAM_OPEN && conn->server.output == STREAM_OPEN)
        return send_head(conn);
    return dial(conn);
}

/* Feeds what the client sent. Stops, with the rest put back, where a head or a request ends. */
static enum turn
feed_request(struct conn *conn, struct str bytes)
{
    struct plain *plain = conn->plain;
    struct str input = bytes, slice;
    enum turn turn = TURN_GOES_ON;
    enum http1_event event;

    do {
        struct str before = input, raw;

        event = http1_pair_next(&plain->pair, HTTP1_REQUEST, &input, &slice);
        raw = str_slice(before, 0, before.len - input.len);
        if (plain->phase == PLAIN_HEAD)
            buf_add_str(&plain->raw_head, raw);
        else if (raw.len > 0)
            stream_write(&conn->server, raw);
    } while (event == HTTP1_BODY);
    tap_bytes(conn->tap, TAP_REQUEST, str_slice(bytes, 0, bytes.len - input.len));
    conn->pump.bytes[PUMP_CLIENT] += bytes.len - input.len;
    stream_unread(&conn->client, input);
    if (event == HTTP1_OPAQUE)
        return refuse(conn, "This is no HTTP/1.1 request that a proxy can read.");
    if (event == HTTP1_HEAD)
        turn = route(conn);
    else if (event == HTTP1_END)
        plain->request_done = true;
    return turn;
}

static enum turn
client_turn(struct conn *conn)
{
    struct plain *plain = conn->plain;
    char *scratch = conn->core->scratch;
    ssize_t n;

    if (conn->upstream != NULL || (plain->phase == PLAIN_EXCHANGE && plain->request_done) ||
        stream_pending(&conn->server) > PUMP_HIGH_WATER)
        return TURN_WAITS;
    if (end_of_request(conn) == TURN_GOES_ON)
        return TURN_GOES_ON;
    if ((conn->ready & PUMP_CLIENT_READY) == 0 && !stream_has_buffered(&conn->client))
        return TURN_WAITS;
    n = stream_read(&conn->client, scratch, PUMP_SCRATCH);
    if (n > 0) {
        conn->last_tick = conn->core->tick;
        return feed_request(conn, (struct str){ scratch, (size_t)n });
    }
    conn->ready &= ~(unsigned)PUMP_CLIENT_READY;
    if (n == 0)
        return TURN_WAITS;
    tap_eof(conn->tap, TAP_REQUEST, conn->client.input == STREAM_CUT);
    if (plain->phase == PLAIN_HEAD || !plain->request_done) {
        conn_close(conn, conn_end_reason(conn, PUMP_CLIENT));
        return TURN_OVER;
    }
    return TURN_WAITS;
}

/* --- responses ------------------------------------------------------------------------------------ */

/* The request and its response are through. */
static enum turn
finish_exchange(struct conn *conn)
{
    struct plain *plain = conn->plain;

    if (!plain->request_done || plain->close_after) {
        conn_end_tap(conn);
        conn_note_reason(conn, CLOSE_FINISHED);
        stream_close(&conn->server);
        conn_go(conn, CONN_LINGER);
        return TURN_OVER;
    }
    plain_next(plain);
    return TURN_GOES_ON;
}

static enum turn
pump_blindly(struct conn *conn)
{
    conn->ready = PUMP_CLIENT_READY | PUMP_SERVER_READY;
    conn_go(conn, CONN_PUMP);
    return TURN_OVER;
}

static enum turn
feed_response(struct conn *conn, struct str bytes)
{
    struct plain *plain = conn->plain;
    struct str input = bytes, slice;
    enum http1_event event;

    stream_write(&conn->client, bytes);
    tap_bytes(conn->tap, TAP_RESPONSE, bytes);
    conn->pump.bytes[PUMP_SERVER] += bytes.len;
    plain->response_begun = true;
    for (;;) {
        event = http1_pair_next(&plain->pair, HTTP1_RESPONSE, &input, &slice);
        if (event == HTTP1_MORE)
            return TURN_GOES_ON;
        if (event == HTTP1_OPAQUE) /* switched as asked for, or unreadable: no request follows that we could route */
            return pump_blindly(conn);
        if (event == HTTP1_HEAD && plain_wants_close(&plain->pair.response))
            plain->close_after = true;
        if (event == HTTP1_END && plain->pair.response.status == 101)
            return pump_blindly(conn);
        if (event == HTTP1_END) {
            plain->response_done = true;
            plain->close_after = plain->close_after || input.len > 0; /* more than was asked for */
            return finish_exchange(conn);
        }
    }
}

/* The server closed. */
static enum turn
server_ended(struct conn *conn)
{
    struct plain *plain = conn->plain;
    bool completed;
    char text[400];

    tap_eof(conn->tap, TAP_RESPONSE, conn->server.input == STREAM_CUT);
    if (plain->phase == PLAIN_HEAD) {
        stream_close(&conn->server);
        plain->server_host[0] = '\0';
        return TURN_GOES_ON;
    }
    completed = http1_pair_eof(&plain->pair, HTTP1_RESPONSE) == HTTP1_END;
    if (!completed && !plain->response_begun && plain->pair.request.number == 1) {
        snprintf(text, sizeof text, "%s: the server closed the connection without an answer", plain->host);
        conn_note_reason(conn, conn_end_reason(conn, PUMP_SERVER));
        return show_problem(conn, EXCHANGE_UPSTREAM_UNREACHABLE, text);
    }
    plain->close_after = true;
    if (completed && conn->server.input == STREAM_ENDED)
        return finish_exchange(conn);
    conn_close(conn, conn_end_reason(conn, PUMP_SERVER));
    return TURN_OVER;
}

static enum turn
server_turn(struct conn *conn)
{
    char *scratch = conn->core->scratch;
    ssize_t n;

    if (conn->server.fd < 0 || (conn->ready & PUMP_SERVER_READY) == 0 ||
        stream_pending(&conn->client) > PUMP_HIGH_WATER)
        return TURN_WAITS;
    n = stream_read(&conn->server, scratch, PUMP_SCRATCH);
    if (n == 0) {
        conn->ready &= ~(unsigned)PUMP_SERVER_READY;
        return TURN_WAITS;
    }
    conn->last_tick = conn->core->tick;
    if (n < 0)
        return server_ended(conn);
    if (conn->plain->phase == PLAIN_HEAD) { /* nobody asked: the next answer could be taken for another's */
        stream_close(&conn->server);
        conn->plain->server_host[0] = '\0';
        return TURN_GOES_ON;
    }
    return feed_response(conn, (struct str){ scratch, (size_t)n });
}

void
plain_step(struct conn *conn)
{
    enum turn client, server;

    if (conn->plain == NULL) {
        conn->plain = plain_new();
        conn_start_tap(conn, "http", false);
        conn->ready |= PUMP_CLIENT_READY;
    }
    if (!stream_flush(&conn->client)) {
        conn_close(conn, conn_end_reason(conn, PUMP_CLIENT));
        return;
    }
    stream_flush(&conn->server); /* an answer may be there although it takes no more */
    do {
        client = client_turn(conn);
        if (client == TURN_OVER || conn->state != CONN_PLAIN)
            return;
        server = server_turn(conn);
        if (server == TURN_OVER || conn->state != CONN_PLAIN)
            return;
    } while (client == TURN_GOES_ON || server == TURN_GOES_ON);
    stream_watch(&conn->client, conn->upstream == NULL && stream_pending(&conn->server) <= PUMP_HIGH_WATER &&
                                    !(conn->plain->phase == PLAIN_EXCHANGE && conn->plain->request_done));
    stream_watch(&conn->server, stream_pending(&conn->client) <= PUMP_HIGH_WATER);
    conn_close_if_drained(conn);
}
