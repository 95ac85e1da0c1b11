/* SPDX-License-Identifier: MIT */
#include "conn_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn_client.h"
#include "memory.h"

void
conn_server_failed(struct conn *conn, enum exchange_problem problem, const char *text)
{
    known_servers_forget(&conn->core->known_servers, conn->name, conn->port, conn->offers);
    conn_note_reason(conn, conn_problem_reason(problem));
    conn_set_problem(conn, problem, text);
    stream_close(&conn->server);
    if (conn->kind == CONN_INTERCEPTED) {
        conn_go(conn, CONN_CLIENT_TLS);
        return;
    }
    if (conn->kind == CONN_PLAIN_HTTP) { /* by a transparent way: its request waits */
        conn->ready = PUMP_CLIENT_READY;
        conn_go(conn, CONN_PAGE);
        return;
    }
    conn_close(conn, CLOSE_CONNECT_FAILED);
}

void
conn_dial(struct conn *conn)
{
    struct core *core = conn->core;

    stream_watch(&conn->client, false);
    if (conn->upstream != NULL)
        return;
    conn->upstream = xcalloc(1, sizeof *conn->upstream);
    upstream_init(conn->upstream);
    if (upstream_start(conn->upstream, &core->upstream_rules, str_from(conn->host), conn->port, UPSTREAM_BYTES,
                       conn->callbacks->on_dialled, conn))
        return;
    conn_dialled(conn, -1);
}

void
conn_dialled(struct conn *conn, int fd)
{
    struct upstream *upstream = conn->upstream;

    conn->upstream = NULL;
    if (fd < 0) {
        conn_note_reason(conn, upstream->reason);
        conn->core->stats.dial_failures++;
        conn_server_failed(conn, upstream->problem, upstream->text);
    } else {
        conn->core->stats.dialled++;
        upstream_hand_over(upstream, fd, &conn->server, conn->callbacks->on_server, conn);
        conn_go(conn, conn->kind == CONN_INTERCEPTED ? CONN_SERVER_TLS : CONN_PUMP);
        conn->ready = PUMP_CLIENT_READY;
    }
    free(upstream);
}

/* --insecure: what would have ended the connection is told, and it goes on. */
static void
tell_doubts(struct conn *conn)
{
    char text[600];

    if (trust_doubts(conn->peer, text, sizeof text))
        conn_report(conn, EXCHANGE_UPSTREAM_UNVERIFIED, text, 200);
}

/* The server's choice out of what the client offered. */
static enum leaf_protocol
chosen(const SSL *ssl)
{
    const unsigned char *name;
    unsigned len;

    SSL_get0_alpn_selected(ssl, &name, &len);
    if (len == 0)
        return LEAF_NO_PROTOCOL;
    return len == 2 && memcmp(name, "h2", 2) == 0 ? LEAF_HTTP2 : LEAF_HTTP1;
}

/* The handshake is done and the server is who it should be. */
static void
on_connected(struct conn *conn)
{
    enum leaf_protocol protocol = chosen(conn->server.ssl);
    char text[600];

    if (conn->is_known && protocol != conn->protocol) { /* the client was promised the other one */
        snprintf(text, sizeof text, "%s: the server speaks another version of HTTP than it did a moment ago; try again",
                 conn->name);
        conn_server_failed(conn, EXCHANGE_UPSTREAM_TLS_FAILED, text);
        return;
    }
    conn->protocol = protocol;
    conn->core->stats.upstream_handshakes++;
    conn->core->stats.upstream_resumed += SSL_session_reused(conn->server.ssl) == 1;
    tell_doubts(conn);
    known_servers_put(&conn->core->known_servers, conn->name, conn->port, conn->offers, protocol);
    conn_go(conn, CONN_CLIENT_TLS);
}

static bool
start(struct conn *conn)
{
    struct core *core = conn->core;
    SSL *ssl;

    conn->peer = xcalloc(1, sizeof *conn->peer);
    ssl = trust_connect(core->trust, conn->peer, conn->name, conn->port, conn->client_address, conn->offers);
    if (ssl == NULL || !stream_start_tls(&conn->server, ssl, core->bio_method)) {
        conn_server_failed(conn, EXCHANGE_UPSTREAM_TLS_FAILED, "no TLS connection can be made for this name");
        return false;
    }
    conn->is_known = known_servers_get(&core->known_servers, conn->name, conn->port, conn->offers, &conn->protocol);
    return true;
}

void
conn_server_tls(struct conn *conn)
{
    char text[600];
    enum exchange_problem problem;
    bool is_done;

    if (conn->server.ssl == NULL && !start(conn))
        return;
    switch (stream_handshake(&conn->server)) {
    case HANDSHAKE_WAITS:
        if (conn->is_known)
            conn_client_shake(conn, &is_done);
        return;
    case HANDSHAKE_DONE:
        on_connected(conn);
        return;
    case HANDSHAKE_FAILED:
        problem = trust_explain(conn->peer, conn->server.tls_error, conn->server.system_error, text, sizeof text);
        conn_server_failed(conn, problem, text);
        return;
    }
}
