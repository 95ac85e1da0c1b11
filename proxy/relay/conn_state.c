/* SPDX-License-Identifier: MIT */
#include "conn_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "auto_bypass.h"
#include "http1.h"
#include "log.h"
#include "memory.h"
#include "plain_request.h"

enum { REQUEST_S = 10, HELLO_S = 10, PAGE_S = 30, LINGER_S = 5, GRACE_S = 2 };

#define EDGE(state) (1u << CONN_##state)

/* Which states may follow. Every state may be closed. */
static const unsigned edges[CONN_STATE_COUNT] = {
    [CONN_SOCKS] = EDGE(HELLO) | EDGE(DIAL) | EDGE(LINGER),
    [CONN_REQUEST] = EDGE(HELLO) | EDGE(DIAL) | EDGE(PLAIN) | EDGE(PAGE) | EDGE(LINGER),
    [CONN_TRANSPARENT] = EDGE(HELLO) | EDGE(DIAL) | EDGE(PAGE) | EDGE(LINGER),
    [CONN_HELLO] = EDGE(DIAL) | EDGE(CLIENT_TLS) | EDGE(PAGE) | EDGE(LINGER),
    [CONN_DIAL] = EDGE(SERVER_TLS) | EDGE(CLIENT_TLS) | EDGE(PUMP) | EDGE(PAGE),
    [CONN_SERVER_TLS] = EDGE(CLIENT_TLS),
    [CONN_CLIENT_TLS] = EDGE(PUMP) | EDGE(PAGE),
    [CONN_PUMP] = EDGE(PAGE) | EDGE(LINGER),
    [CONN_PLAIN] = EDGE(PUMP) | EDGE(LINGER),
    [CONN_PAGE] = EDGE(LINGER),
    [CONN_LINGER] = 0,
    [CONN_CLOSED] = 0,
};

static unsigned
seconds_for(const struct conn *conn, enum conn_state state)
{
    const struct relay_options *options = &conn->core->options;

    switch (state) {
    case CONN_REQUEST:
    case CONN_SOCKS:
    case CONN_TRANSPARENT:
        return REQUEST_S;
    case CONN_HELLO:
        return HELLO_S;
    case CONN_DIAL:
        return (unsigned)options->dial_timeout_s + GRACE_S; /* dialling has its own clock; look-ups have this one */
    case CONN_SERVER_TLS:
    case CONN_CLIENT_TLS:
        return (unsigned)options->handshake_timeout_s;
    case CONN_PAGE:
        return PAGE_S;
    case CONN_LINGER:
        return LINGER_S;
    default:
        return (unsigned)options->idle_timeout_s;
    }
}

static void
enter(struct conn *conn, enum conn_state state)
{
    conn->state = state;
    conn->deadline = conn->core->tick + seconds_for(conn, state) + 1;
    conn->last_tick = conn->core->tick;
}

void
conn_begin(struct conn *conn)
{
    const struct relay_way *way = conn->way->rules;

    switch (way->mode) {
    case RELAY_REGULAR:
        enter(conn, CONN_REQUEST);
        break;
    case RELAY_SOCKS5:
        enter(conn, CONN_SOCKS);
        break;
    case RELAY_TRANSPARENT:
        enter(conn, CONN_TRANSPARENT);
        break;
    case RELAY_REVERSE:
        snprintf(conn->host, sizeof conn->host, "%s", way->reverse_host);
        conn->port = way->reverse_port;
        enter(conn, CONN_HELLO);
        break;
    }
}

void
conn_go(struct conn *conn, enum conn_state state)
{
    assert((edges[conn->state] >> state & 1u) != 0);
    enter(conn, state);
}

void
conn_start_tap(struct conn *conn, const char *scheme, bool names_host)
{
    conn->origin = (struct tap_origin){
        .connection = conn->number,
        .client = str_from(conn->client_address),
        .scheme = str_from(scheme),
        .host = names_host ? str_from(conn->name) : (struct str){ 0 },
        .address = conn->way->rules->mode == RELAY_TRANSPARENT ? str_from(conn->host) : (struct str){ 0 },
        .port = conn->port,
        .is_http2 = conn->protocol == LEAF_HTTP2,
    };
    if (conn->way->rules->mode == RELAY_REVERSE) { /* browsers know the server by the Host they send */
        conn->origin.host = (struct str){ 0 };
        conn->origin.port = 443;
    }
    conn->tap = tap_new(conn->kind == CONN_SITE ? &conn->core->site_rules : &conn->core->tap_rules, &conn->origin);
}

void
conn_end_tap(struct conn *conn)
{
    if (conn->tap == NULL)
        return;
    if (conn->problem != EXCHANGE_OK && tap_requests(conn->tap) > 0) {
        tap_note(conn->tap, conn->problem, conn->problem_text);
        conn->problem_told = true;
    }
    tap_free(conn->tap);
    conn->tap = NULL;
}

void
conn_note_reason(struct conn *conn, enum close_reason reason)
{
    if (conn->reason == CLOSE_NONE)
        conn->reason = reason;
}

enum close_reason
conn_end_reason(const struct conn *conn, enum pump_end end)
{
    const struct stream *stream = end == PUMP_CLIENT ? &conn->client : &conn->server;

    if (stream->system_error != 0)
        return end == PUMP_CLIENT ? CLOSE_CLIENT_RESET : CLOSE_UPSTREAM_RESET;
    return end == PUMP_CLIENT ? CLOSE_CLIENT_CLOSED : CLOSE_UPSTREAM_CLOSED;
}

void
conn_close(struct conn *conn, enum close_reason reason)
{
    if (conn->state == CONN_CLOSED)
        return;
    conn_note_reason(conn, reason);
    log_debug("connection %llu: closed: %s", (unsigned long long)conn->number, close_reason_text(conn->reason));
    conn->core->stats.closed[conn->reason]++;
    conn->state = CONN_CLOSED;
    conn->core->stats.bytes_up += conn->pump.bytes[PUMP_CLIENT];
    conn->core->stats.bytes_down += conn->pump.bytes[PUMP_SERVER];
    if (conn->upstream != NULL)
        upstream_cancel(conn->upstream);
    conn_end_tap(conn);
    if (conn->problem != EXCHANGE_OK && !conn->problem_told)
        conn_report(conn, conn->problem, conn->problem_text, 0);
    if (conn->page_pair != NULL)
        http1_pair_release(conn->page_pair);
    free(conn->page_pair);
    plain_free(conn->plain);
    stream_close(&conn->server);
    stream_close(&conn->client);
    free(conn->upstream);
    free(conn->peer);
    free(conn->problem_text);
    conn->page_pair = NULL;
    conn->plain = NULL;
    conn->upstream = NULL;
    conn->peer = NULL;
    conn->problem_text = NULL;
}

enum close_reason
conn_problem_reason(enum exchange_problem problem)
{
    switch (problem) {
    case EXCHANGE_UPSTREAM_UNTRUSTED:
        return CLOSE_UPSTREAM_UNTRUSTED;
    case EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT:
        return CLOSE_CLIENT_CERTIFICATE_WANTED;
    default:
        return CLOSE_HANDSHAKE_FAILED_UPSTREAM;
    }
}

void
conn_set_problem(struct conn *conn, enum exchange_problem problem, const char *text)
{
    if (conn->problem != EXCHANGE_OK)
        return;
    conn->problem = problem;
    conn->problem_text = xstrdup(text);
    conn->core->stats.failed++;
    if (problem == EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT && conn->peer != NULL && !conn->peer->sent_certificate)
        auto_bypass_note(conn->core, INTERFERENCE_CLIENT_CERTIFICATE, conn->name, conn->port);
}

void
conn_report(struct conn *conn, enum exchange_problem problem, const char *text, unsigned status)
{
    char target[CONN_MAX_HOST + 10];
    const char *host = conn->name[0] != '\0' ? conn->name : conn->host;
    struct exchange exchange = {
        .connection = conn->number,
        .started_ms = conn->started_ms,
        .finished_ms = conn_now_ms(conn->core),
        .client = str_from(conn->client_address),
        .scheme = STR("https"),
        .host = str_from(host),
        .port = conn->port,
        .method = STR("CONNECT"),
        .version = STR("HTTP/1.1"),
        .request_body.size = conn->pump.bytes[PUMP_CLIENT],
        .response_body.size = conn->pump.bytes[PUMP_SERVER],
        .status = status,
        .problem = problem,
        .problem_text = *text != '\0' ? str_from(text) : (struct str){ 0 },
    };

    snprintf(target, sizeof target, "%s:%u", conn->host, conn->port);
    exchange.target = str_from(target);
    conn->core->tap_rules.emit(conn->core->tap_rules.data, &exchange);
}

int64_t
conn_now_ms(const struct core *core)
{
    struct timeval now;

    event_base_gettimeofday_cached(core->base, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_usec / 1000;
}
