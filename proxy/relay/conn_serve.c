/* SPDX-License-Identifier: MIT */
#include "conn_serve.h"

#include <stdlib.h>

#include "conn_client.h"
#include "http1.h"
#include "memory.h"
#include "pages.h"

/*
 * The server wanted to see a certificate and went away before it answered anything: we take over and
 * say so.
 */
static void
note_missing_certificate(struct conn *conn)
{
    char text[600];
    enum exchange_problem problem;

    if (conn->peer == NULL || !conn->peer->wants_certificate || conn->pump.bytes[PUMP_SERVER] > 0)
        return;
    problem = trust_explain(conn->peer, conn->server.tls_error, conn->server.system_error, text, sizeof text);
    conn_set_problem(conn, problem, text);
    conn->pump.is_stopped = true;
}

static void
on_seen(void *data, enum pump_end from, struct str bytes)
{
    struct conn *conn = data;
    enum tap_side side = from == PUMP_CLIENT ? TAP_REQUEST : TAP_RESPONSE;

    conn->last_tick = conn->core->tick;
    if (conn->tap == NULL)
        return;
    if (str_present(bytes)) {
        tap_bytes(conn->tap, side, bytes);
        return;
    }
    if (side == TAP_RESPONSE)
        note_missing_certificate(conn);
    if (!conn->pump.is_stopped)
        tap_eof(conn->tap, side);
}

static void
begin_pump(struct conn *conn)
{
    conn->pump.end[PUMP_CLIENT] = &conn->client;
    conn->pump.end[PUMP_SERVER] = &conn->server;
    conn->pump.seen = on_seen;
    conn->pump.data = conn;
    if (conn->kind == CONN_INTERCEPTED)
        conn_start_tap(conn, "https", true);
}

/* The server is gone; the client asked already, or will, and gets the page about it. */
static void
take_over(struct conn *conn)
{
    struct buf page;

    stream_close(&conn->server);
    conn->ready = PUMP_CLIENT_READY;
    if (!tap_awaits_response(conn->tap)) {
        conn_go(conn, CONN_PAGE);
        return;
    }
    buf_init(&page, 64 * 1024);
    pages_problem(&page, str_from(conn->name), conn->port, conn->problem, str_from(conn->problem_text));
    stream_write(&conn->client, buf_str(&page));
    buf_release(&page);
    conn_end_tap(conn);
    conn_go(conn, CONN_LINGER);
}

static void
end_pump(struct conn *conn)
{
    if (conn->kind == CONN_TUNNELLED)
        conn_report(conn, EXCHANGE_OK, conn->tunnel_reason, 200);
    else if (conn->tap != NULL && tap_requests(conn->tap) == 0 && conn_client_told_rejection(conn))
        conn->core->stats.failed++;
    conn_end_tap(conn);
    stream_close(&conn->server);
    if (conn->client.input == STREAM_OPEN && conn->client.output != STREAM_CUT)
        conn_go(conn, CONN_LINGER);
    else
        conn_close(conn, "done");
}

void
conn_pump(struct conn *conn)
{
    unsigned ready = conn->ready;

    if (conn->pump.end[PUMP_CLIENT] == NULL)
        begin_pump(conn);
    conn->ready = 0;
    if (pump_run(&conn->pump, ready, conn->core->scratch))
        return;
    if (conn->pump.is_stopped)
        take_over(conn);
    else
        end_pump(conn);
}

/* --- our own answers ------------------------------------------------------------------------------ */

/* Answers the request whose head was just read. */
static void
answer(struct conn *conn, const struct http1_reader *request)
{
    struct arena *arena = arena_new(1 << 20);
    struct exchange exchange = { 0 };
    struct buf page;

    buf_init(&page, 1 << 20);
    if (conn->kind != CONN_SITE)
        pages_problem(&page, str_from(conn->name), conn->port, conn->problem, str_from(conn->problem_text));
    else if (arena != NULL && http1_copy_head(arena, request, &exchange))
        pages_site(&page, conn->core->options.ca, exchange.target, conn->way->address,
                   !str_eq_c(exchange.method, "HEAD"));
    stream_write(&conn->client, buf_str(&page));
    buf_release(&page);
    arena_free(arena);
}

/* Returns 1 when a request was read (and answered), 0 when more is needed, -1 when there will be none. */
static int
read_request(struct conn *conn)
{
    char *scratch = conn->core->scratch;
    ssize_t n = stream_read(&conn->client, scratch, PUMP_SCRATCH);
    struct str input = { scratch, n > 0 ? (size_t)n : 0 }, slice;

    if (n <= 0)
        return (int)n;
    if (conn->tap != NULL)
        tap_bytes(conn->tap, TAP_REQUEST, input);
    switch (http1_pair_next(conn->page_pair, HTTP1_REQUEST, &input, &slice)) {
    case HTTP1_MORE:
        return 0;
    case HTTP1_HEAD:
        answer(conn, &conn->page_pair->request);
        return 1;
    default:
        return -1;
    }
}

void
conn_page(struct conn *conn)
{
    int result;

    if (conn->page_pair == NULL) {
        conn->page_pair = xcalloc(1, sizeof *conn->page_pair);
        http1_pair_init(conn->page_pair);
        if (conn->kind != CONN_SITE && conn->tap == NULL)
            conn_start_tap(conn, "https", true);
    }
    do
        result = read_request(conn);
    while (result == 0 && stream_has_buffered(&conn->client) && !conn->client.read_needs_write);
    if (result == 0) {
        stream_watch(&conn->client, true);
        return;
    }
    conn_end_tap(conn);
    if (result > 0)
        conn_go(conn, CONN_LINGER);
    else
        conn_close(conn, "the client left before it asked for anything");
}

void
conn_linger(struct conn *conn)
{
    struct stream *client = &conn->client;

    if (stream_pending(client) > 0 && !stream_flush(client)) {
        conn_close(conn, "the client takes no more");
        return;
    }
    if (stream_pending(client) == 0)
        stream_end(client, true);
    if (!stream_discard(client)) {
        conn_close(conn, "done");
        return;
    }
    stream_watch(client, true);
}
