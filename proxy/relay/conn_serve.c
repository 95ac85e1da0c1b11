/* SPDX-License-Identifier: MIT */
#include "conn_serve.h"

#include <errno.h>

#include "conn_client.h"
#include "conn_drain.h"
#include "conn_page.h"

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
    conn_note_reason(conn, conn_problem_reason(problem));
    conn_set_problem(conn, problem, text);
    conn->pump.is_stopped = true;
}

/* By RST. That TLS's good-bye alone is missing is common, and proves nothing. */
static bool
was_reset(const struct stream *stream)
{
    return stream->input == STREAM_CUT && stream->system_error == ECONNRESET;
}

static void
on_seen(void *data, enum pump_end from, struct str bytes)
{
    struct conn *conn = data;
    enum tap_side side = from == PUMP_CLIENT ? TAP_REQUEST : TAP_RESPONSE;

    conn->last_tick = conn->core->tick;
    if (str_present(bytes)) {
        if (conn->tap != NULL)
            tap_bytes(conn->tap, side, bytes);
        return;
    }
    if (conn->tap != NULL && side == TAP_RESPONSE)
        note_missing_certificate(conn);
    conn_note_reason(conn, conn_end_reason(conn, from));
    if (conn->tap != NULL && !conn->pump.is_stopped)
        tap_eof(conn->tap, side, was_reset(from == PUMP_CLIENT ? &conn->client : &conn->server));
}

static void
begin_pump(struct conn *conn)
{
    conn->pump.end[PUMP_CLIENT] = &conn->client;
    conn->pump.end[PUMP_SERVER] = &conn->server;
    conn->pump.seen = on_seen;
    conn->pump.data = conn;
    conn->pump.is_blind = conn->kind == CONN_TUNNELLED;
    if (conn->kind == CONN_INTERCEPTED)
        conn_start_tap(conn, "https", true);
    else if (conn->kind == CONN_PLAIN_HTTP && conn->tap == NULL) /* passed on as it is, by a transparent way */
        conn_start_tap(conn, "http", false);
    conn->core->stats.http2 += conn->kind == CONN_INTERCEPTED && conn->protocol == LEAF_HTTP2;
    conn->core->stats.http1 += conn->kind == CONN_INTERCEPTED && conn->protocol != LEAF_HTTP2;
}

/* The server is gone; the client asked already, or will, and gets the page about it. */
static void
take_over(struct conn *conn)
{
    stream_close(&conn->server);
    conn->ready = PUMP_CLIENT_READY;
    if (!conn_page_now(conn)) {
        conn_go(conn, CONN_PAGE);
        return;
    }
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
    conn_note_reason(conn, conn_end_reason(conn, conn->client.output == STREAM_CUT ? PUMP_CLIENT : PUMP_SERVER));
    stream_close(&conn->server);
    if (conn->client.input == STREAM_OPEN && conn->client.output != STREAM_CUT)
        conn_go(conn, CONN_LINGER);
    else
        conn_close(conn, CLOSE_FINISHED);
}

void
conn_pump(struct conn *conn)
{
    unsigned ready = conn->ready;

    if (conn->pump.end[PUMP_CLIENT] == NULL)
        begin_pump(conn);
    conn->ready = 0;
    if (pump_run(&conn->pump, ready, conn->core->scratch)) {
        conn_close_if_drained(conn);
        return;
    }
    if (conn->pump.is_stopped)
        take_over(conn);
    else
        end_pump(conn);
}

void
conn_linger(struct conn *conn)
{
    struct stream *client = &conn->client;

    if (stream_pending(client) > 0 && !stream_flush(client)) {
        conn_close(conn, conn_end_reason(conn, PUMP_CLIENT));
        return;
    }
    if (stream_pending(client) == 0)
        stream_end(client, true);
    if (!stream_discard(client)) {
        conn_close(conn, CLOSE_CLIENT_CLOSED);
        return;
    }
    stream_watch(client, true);
}
