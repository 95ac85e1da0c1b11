/* SPDX-License-Identifier: MIT */
#include "conn.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

#include "conn_client.h"
#include "conn_drain.h"
#include "conn_page.h"
#include "conn_request.h"
#include "conn_serve.h"
#include "conn_server.h"
#include "conn_socks.h"
#include "conn_state.h"
#include "conn_transparent.h"
#include "core_change.h"
#include "memory.h"
#include "plain.h"

static void
step(struct conn *conn)
{
    switch (conn->state) {
    case CONN_REQUEST:
        conn_request(conn);
        break;
    case CONN_SOCKS:
        conn_socks(conn);
        break;
    case CONN_TRANSPARENT:
        conn_transparent(conn);
        break;
    case CONN_HELLO:
        conn_hello(conn);
        break;
    case CONN_DIAL:
        conn_dial(conn);
        break;
    case CONN_SERVER_TLS:
        conn_server_tls(conn);
        break;
    case CONN_CLIENT_TLS:
        conn_client_tls(conn);
        break;
    case CONN_PUMP:
        conn_pump(conn);
        break;
    case CONN_PLAIN:
        plain_step(conn);
        break;
    case CONN_PAGE:
        conn_page(conn);
        break;
    case CONN_LINGER:
        conn_linger(conn);
        break;
    case CONN_CLOSED:
    case CONN_STATE_COUNT:
        break;
    }
}

static void
forget(struct conn *conn)
{
    struct core *core = conn->core;

    *(conn->previous != NULL ? &conn->previous->next : &core->conns) = conn->next;
    if (conn->next != NULL)
        conn->next->previous = conn->previous;
    core->stats.open--;
    core_change_end(core, conn->generation);
    free(conn);
    if (core->conns == NULL)
        event_del(core->sweep);
    if (core->on_gone != NULL)
        core->on_gone(core->data);
}

/* Steps until nothing changes. The connection may be gone afterwards: the last thing that a callback does. */
static void
run(struct conn *conn)
{
    enum conn_state before;

    do {
        before = conn->state;
        step(conn);
    } while (conn->state != before && conn->state != CONN_CLOSED);
    if (conn->state == CONN_CLOSED)
        forget(conn);
}

static void
on_client(evutil_socket_t fd, short what, void *data)
{
    struct conn *conn = data;

    (void)fd;
    if ((what & EV_READ) != 0)
        conn->ready |= PUMP_CLIENT_READY;
    run(conn);
}

static void
on_server(evutil_socket_t fd, short what, void *data)
{
    struct conn *conn = data;

    (void)fd;
    if ((what & EV_READ) != 0)
        conn->ready |= PUMP_SERVER_READY;
    run(conn);
}

static void
on_dialled(void *data, int fd)
{
    struct conn *conn = data;

    if (conn->state == CONN_PLAIN)
        plain_dialled(conn, fd);
    else
        conn_dialled(conn, fd);
    run(conn);
}

static const struct conn_callbacks callbacks = { .on_server = on_server, .on_dialled = on_dialled };

void
conn_start(struct core *core, const struct way *way, int fd, const struct sockaddr *client)
{
    static const struct timeval second = { .tv_sec = 1 };
    const int one = 1;
    struct conn *conn = xcalloc(1, sizeof *conn);
    socklen_t len = client->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

    conn->core = core;
    conn->way = way;
    conn->callbacks = &callbacks;
    conn->number = ++core->stats.connections;
    core_change_begin(core, &conn->generation);
    conn->tunnel_reason = "";
    conn->started_ms = conn_now_ms(core);
    conn_begin(conn);
    if (getnameinfo(client, len, conn->client_address, sizeof conn->client_address, NULL, 0, NI_NUMERICHOST) != 0)
        snprintf(conn->client_address, sizeof conn->client_address, "?");
    stream_init(&conn->client);
    stream_init(&conn->server);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    stream_open(&conn->client, core->base, fd, on_client, conn);
    stream_watch(&conn->client, true);
    if (core->conns == NULL)
        event_add(core->sweep, &second);
    else
        core->conns->previous = conn;
    conn->next = core->conns;
    core->conns = conn;
    core->stats.open++;
}

static void
time_out(struct conn *conn)
{
    char text[400];

    switch (conn->state) {
    case CONN_TRANSPARENT:
        conn_transparent_timeout(conn);
        break;
    case CONN_HELLO:
        conn_hello_timeout(conn);
        break;
    case CONN_DIAL:
        if (conn->upstream != NULL)
            upstream_cancel(conn->upstream);
        free(conn->upstream);
        conn->upstream = NULL;
        snprintf(text, sizeof text, "the name %s was not resolved in time: the name server does not answer",
                 conn->host);
        conn_note_reason(conn, CLOSE_RESOLVE_TIMEOUT);
        conn_server_failed(conn, EXCHANGE_UPSTREAM_NAME, text);
        break;
    case CONN_SERVER_TLS:
        snprintf(text, sizeof text, "%s: the server did not finish the TLS handshake in time", conn->name);
        conn_note_reason(conn, CLOSE_HANDSHAKE_TIMEOUT_UPSTREAM);
        conn_server_failed(conn, EXCHANGE_UPSTREAM_TLS_FAILED, text);
        break;
    case CONN_REQUEST:
    case CONN_SOCKS:
    case CONN_PAGE:
        conn_close(conn, CLOSE_REQUEST_TIMEOUT);
        break;
    case CONN_CLIENT_TLS:
        conn_close(conn, CLOSE_HANDSHAKE_TIMEOUT_CLIENT);
        break;
    case CONN_LINGER:
        conn_close(conn, CLOSE_FINISHED);
        break;
    default:
        conn_close(conn, CLOSE_IDLE_TIMEOUT);
        break;
    }
    run(conn);
}

static unsigned
deadline_of(const struct conn *conn)
{
    bool half_closed =
        conn->state == CONN_PUMP && (conn->client.input != STREAM_OPEN || conn->server.input != STREAM_OPEN);
    unsigned idle = (unsigned)conn->core->options.idle_timeout_s;

    if (conn->state != CONN_PUMP && conn->state != CONN_PLAIN)
        return conn->deadline;
    if (half_closed && idle > 120)
        idle = 120;
    return conn->last_tick + idle + 1;
}

void
conn_sweep(struct core *core)
{
    struct conn *next;

    core->tick++;
    for (struct conn *conn = core->conns; conn != NULL; conn = next) {
        next = conn->next;
        if ((int)(core->tick - deadline_of(conn)) > 0)
            time_out(conn);
    }
}

void
conn_drain_all(struct core *core)
{
    struct conn *next;

    for (struct conn *conn = core->conns; conn != NULL; conn = next) {
        next = conn->next;
        conn_close_if_drained(conn);
        if (conn->state == CONN_CLOSED)
            forget(conn);
    }
}

void
conn_close_all(struct core *core)
{
    struct conn *next;

    for (struct conn *conn = core->conns; conn != NULL; conn = next) {
        next = conn->next;
        conn_close(conn, CLOSE_ENDED);
        forget(conn);
    }
}
