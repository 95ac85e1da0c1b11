/* SPDX-License-Identifier: MIT */
#include "relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "conn.h"
#include "conn_state.h"
#include "core.h"
#include "http1.h"
#include "listener.h"
#include "memory.h"

enum {
    LEAF_CAPACITY = 2048,
    MAX_CONNECTIONS = 12000,
    SPARE_DESCRIPTORS = 64, /* of the rest of the process */
    BODY_CEILING = 4 << 20,
    TAP_BUDGET = 256 << 20,
    DIAL_TIMEOUT_S = 15,
    HANDSHAKE_TIMEOUT_S = 10,
    IDLE_TIMEOUT_S = 600
};

struct relay {
    struct core core;
    struct listener *listener; /* NULL: draining */
    unsigned port;
    size_t max_connections;
    void (*drained)(void *data);
    void *drained_data;
};

static void
emit(void *data, struct exchange *exchange)
{
    struct core *core = data;

    exchange->number = ++core->next_exchange;
    core->stats.exchanges++;
    if (core->options.on_exchange != NULL)
        core->options.on_exchange(core->options.data, exchange);
}

static int64_t
now_ms(void *data)
{
    return conn_now_ms(data);
}

static void
on_sweep(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    conn_sweep(data);
}

static void
on_accept(void *data, int fd, const struct sockaddr *client)
{
    struct relay *relay = data;

    conn_start(&relay->core, fd, client);
    if (relay->core.stats.open >= relay->max_connections)
        listener_set_open(relay->listener, false);
}

static void
on_gone(void *data)
{
    struct relay *relay = data;

    if (relay->listener != NULL && relay->core.stats.open < relay->max_connections)
        listener_set_open(relay->listener, true);
    if (relay->listener == NULL && relay->core.stats.open == 0 && relay->drained != NULL) {
        void (*drained)(void *data) = relay->drained;

        relay->drained = NULL;
        drained(relay->drained_data);
    }
}

/* Two descriptors a connection. */
static size_t
connection_limit(size_t wanted)
{
    struct rlimit limit;
    size_t possible;

    if (wanted == 0)
        wanted = MAX_CONNECTIONS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    possible = limit.rlim_cur > SPARE_DESCRIPTORS ? (size_t)(limit.rlim_cur - SPARE_DESCRIPTORS) / 2 : 1;
    return wanted < possible ? wanted : possible;
}

static void
set_defaults(struct relay_options *options)
{
    if (options->dial_timeout_s <= 0)
        options->dial_timeout_s = DIAL_TIMEOUT_S;
    if (options->handshake_timeout_s <= 0)
        options->handshake_timeout_s = HANDSHAKE_TIMEOUT_S;
    if (options->idle_timeout_s <= 0)
        options->idle_timeout_s = IDLE_TIMEOUT_S;
    if (options->body_ceiling == 0)
        options->body_ceiling = BODY_CEILING;
}

/* The parts that can fail for reasons the user can mend. */
static bool
make_parts(struct relay *relay, char **why)
{
    struct core *core = &relay->core;
    const struct listener_rules rules = { .on_accept = on_accept, .data = relay };
    const char *reason = NULL;

    core->scope = scope_new(&core->options, why);
    if (core->scope == NULL)
        return false;
    core->trust = trust_new(&core->options, why);
    if (core->trust == NULL)
        return false;
    core->leafs = leaf_cache_new(core->options.ca, LEAF_CAPACITY, &reason);
    if (core->leafs == NULL) {
        *why = xstrdup(reason);
        return false;
    }
    core->upstream_rules.resolver = resolver_new(core->base);
    core->bio_method = stream_bio_method();
    if (core->upstream_rules.resolver == NULL || core->bio_method == NULL) {
        *why = xstrdup("out of memory or descriptors");
        return false;
    }
    relay->listener = listener_new(core->base, &core->options, &rules, why);
    return relay->listener != NULL;
}

struct relay *
relay_new(struct event_base *base, const struct relay_options *options, char **why)
{
    struct relay *relay = xcalloc(1, sizeof *relay);
    struct core *core = &relay->core;
    const char *host = options->listen_host != NULL ? options->listen_host : "127.0.0.1";

    *why = NULL;
    core->base = base;
    core->options = *options;
    set_defaults(&core->options);
    relay->max_connections = connection_limit(options->max_connections);
    core->on_gone = on_gone;
    core->data = relay;
    core->sweep = event_new(base, -1, EV_PERSIST, on_sweep, core);
    core->scratch = xcalloc(1, PUMP_SCRATCH);
    core->connect_pair = xcalloc(1, sizeof *core->connect_pair);
    core->tap_rules = (struct tap_rules){
        .body_ceiling = core->options.body_ceiling,
        .budget = TAP_BUDGET,
        .hosts = &core->signin_hosts,
        .now_ms = now_ms,
        .emit = emit,
        .data = core,
    };
    core->upstream_rules = (struct upstream_rules){
        .base = base,
        .connect_to = options->connect_to,
        .connect_to_count = options->connect_to_count,
        .timeout_s = core->options.dial_timeout_s,
    };
    if (!make_parts(relay, why)) {
        relay_free(relay);
        return NULL;
    }
    core->upstream_rules.own = *listener_address(relay->listener);
    relay->port = listener_port(relay->listener);
    snprintf(core->proxy_address, sizeof core->proxy_address,
             str_find_c(str_from(host), ":") == SIZE_MAX ? "%s:%u" : "[%s]:%u", host, relay->port);
    return relay;
}

unsigned
relay_port(const struct relay *relay)
{
    return relay->port;
}

struct relay_stats
relay_stats(const struct relay *relay)
{
    struct relay_stats stats = relay->core.stats;

    for (const struct conn *conn = relay->core.conns; conn != NULL; conn = conn->next) {
        stats.bytes_up += conn->pump.bytes[PUMP_CLIENT];
        stats.bytes_down += conn->pump.bytes[PUMP_SERVER];
    }
    return stats;
}

void
relay_drain(struct relay *relay, void (*done)(void *data), void *data)
{
    listener_free(relay->listener);
    relay->listener = NULL;
    relay->drained = done;
    relay->drained_data = data;
    if (relay->core.stats.open == 0)
        on_gone(relay);
}

void
relay_free(struct relay *relay)
{
    struct core *core;

    if (relay == NULL)
        return;
    core = &relay->core;
    core->on_gone = NULL;
    listener_free(relay->listener);
    conn_close_all(core);
    tap_rules_release(&core->tap_rules);
    resolver_free(core->upstream_rules.resolver);
    event_free(core->sweep);
    leaf_cache_free(core->leafs);
    trust_free(core->trust);
    scope_free(core->scope);
    BIO_meth_free(core->bio_method);
    free(core->connect_pair);
    free(core->scratch);
    free(relay);
}
