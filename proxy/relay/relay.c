/* SPDX-License-Identifier: MIT */
#include "relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "auto_bypass.h"
#include "conn.h"
#include "conn_state.h"
#include "core_change.h"
#include "http1.h"
#include "listener.h"
#include "log.h"
#include "memory.h"
#include "transparent.h"

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

/* One way in, and its socket. */
struct door {
    struct relay *relay;
    struct way way;
    struct listener *listener; /* NULL: draining */
    unsigned port;
};

struct relay {
    struct core core;
    struct door doors[RELAY_MAX_WAYS];
    size_t door_count;
    struct sockaddr_storage own[RELAY_MAX_WAYS + RELAY_MAX_GUARDED]; /* where the doors are, and the guarded ones */
    size_t max_connections;
    bool told_limit; /* said once */
    void (*drained)(void *data);
    void *drained_data;
};

/*
 * The answer offers HTTP/3 (RFC 9114 3.1.1): a browser that knows of no proxy takes the offer, and what goes by
 * UDP is led nowhere near us. The answer itself is passed on as it is; once a run is enough.
 */
static void
tell_quic(struct core *core, const struct exchange *exchange)
{
    if (str_find_c(headers_get(&exchange->response_headers, "Alt-Svc"), "h3") == SIZE_MAX)
        return;
    core->told_quic = true;
    log_info("%.*s offers HTTP/3 (Alt-Svc: h3): browsers then go by QUIC, past samltap. Block UDP port 443 and they "
             "stay with TCP; 'samltap proxy --mode transparent --print-rules' has the lines",
             STR_ARG(exchange->host));
}

static void
note_channel_binding(struct core *core, const struct exchange *exchange)
{
    char *host = xstrndup(exchange->host);

    auto_bypass_note(core, INTERFERENCE_CHANNEL_BINDING, host, exchange->port);
    free(host);
}

static void
emit(void *data, struct exchange *exchange)
{
    struct core *core = data;

    if (core->own_sockets != NULL && !core->told_quic)
        tell_quic(core, exchange);
    if (core->options.auto_bypass && exchange_repeats_windows_demand(exchange))
        note_channel_binding(core, exchange);

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
tell_nobody(void *data, struct exchange *exchange)
{
    (void)data;
    (void)exchange;
}

static void
on_sweep(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    conn_sweep(data);
}

static void
set_doors_open(struct relay *relay, bool open)
{
    for (size_t i = 0; i < relay->door_count; i++)
        if (relay->doors[i].listener != NULL)
            listener_set_open(relay->doors[i].listener, open);
}

static void
on_accept(void *data, int fd, const struct sockaddr *client)
{
    struct door *door = data;
    struct relay *relay = door->relay;

    conn_start(&relay->core, &door->way, fd, client);
    if (relay->core.stats.open < relay->max_connections)
        return;
    relay->core.stats.limited++;
    if (!relay->told_limit)
        log_warn("%zu connections are open: further ones wait until one of them ends (--max-connections, ulimit -n)",
                 relay->max_connections);
    relay->told_limit = true;
    set_doors_open(relay, false);
}

static void
on_gone(void *data)
{
    struct relay *relay = data;

    if (!relay->core.is_draining && relay->core.stats.open < relay->max_connections)
        set_doors_open(relay, true);
    if (relay->core.is_draining && relay->core.stats.open == 0 && relay->drained != NULL) {
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
    if (options->way_count == 0)
        options->way_count = 1;
    if (options->body_ceiling == 0)
        options->body_ceiling = BODY_CEILING;
}

static bool
has_transparent(const struct relay_options *options)
{
    for (size_t i = 0; i < options->way_count; i++)
        if (options->ways[i].mode == RELAY_TRANSPARENT)
            return true;
    return false;
}

static bool
open_door(struct relay *relay, struct door *door, const struct relay_way *rules, char **why)
{
    const struct listener_rules listening = { .on_accept = on_accept, .data = door };
    const char *host = rules->listen_host != NULL ? rules->listen_host : "127.0.0.1";

    door->relay = relay;
    door->way.rules = rules;
    door->listener = listener_new(relay->core.base, rules, &listening, why);
    if (door->listener == NULL)
        return false;
    door->port = listener_port(door->listener);
    snprintf(door->way.address, sizeof door->way.address, strchr(host, ':') == NULL ? "%s:%u" : "[%s]:%u", host,
             door->port);
    relay->own[relay->door_count++] = *listener_address(door->listener);
    return true;
}

static bool
open_doors(struct relay *relay, char **why)
{
    const struct relay_options *options = &relay->core.options;

    relay->core.upstream_rules.own = relay->own;
    for (size_t i = 0; i < options->way_count; i++)
        if (!open_door(relay, &relay->doors[i], &options->ways[i], why))
            return false;
    for (size_t i = 0; i < options->guarded_count && i < RELAY_MAX_GUARDED; i++)
        relay->own[relay->door_count + i] = options->guarded[i];
    relay->core.upstream_rules.own_count = relay->door_count + options->guarded_count;
    return true;
}

static void
close_doors(struct relay *relay)
{
    for (size_t i = 0; i < relay->door_count; i++) {
        listener_free(relay->doors[i].listener);
        relay->doors[i].listener = NULL;
    }
}

/* The parts that can fail for reasons the user can mend. */
static bool
make_parts(struct relay *relay, char **why)
{
    struct core *core = &relay->core;
    const char *reason = NULL;

    core->scope = scope_new(&core->options, why);
    if (core->scope == NULL)
        return false;
    if (core->options.key_log != NULL && (core->key_log = key_log_open(core->options.key_log, why)) == NULL)
        return false;
    core->trust = trust_new(&core->options, core->key_log, why);
    if (core->trust == NULL)
        return false;
    if (core->options.own_cert != NULL &&
        !key_pair_read(&core->own, core->options.own_cert, core->options.own_key, "--cert", why))
        return false;
    core->leafs = leaf_cache_new(core->options.ca, LEAF_CAPACITY, &reason);
    if (core->leafs == NULL) {
        *why = xstrdup(reason);
        return false;
    }
    key_log_use(core->key_log, leaf_cache_context(core->leafs));
    core->upstream_rules.resolver = resolver_new(core->base);
    core->bio_method = stream_bio_method();
    if (core->upstream_rules.resolver == NULL || core->bio_method == NULL) {
        *why = xstrdup("out of memory or descriptors");
        return false;
    }
    core->upstream_rules.trust = core->trust;
    core->upstream_rules.bio_method = core->bio_method;
    return open_doors(relay, why);
}

struct relay *
relay_new(struct event_base *base, const struct relay_options *options, char **why)
{
    struct relay *relay = xcalloc(1, sizeof *relay);
    struct core *core = &relay->core;

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
    core->site_rules = core->tap_rules;
    core->site_rules.emit = tell_nobody;
    if (has_transparent(&core->options))
        core->own_sockets = xcalloc(1, sizeof *core->own_sockets);
    core->upstream_rules = (struct upstream_rules){
        .base = base,
        .connect_to = options->connect_to,
        .connect_to_count = options->connect_to_count,
        .next_proxy = core->options.next_proxy.host != NULL ? &core->options.next_proxy : NULL,
        .timeout_s = core->options.dial_timeout_s,
        .own_sockets = core->own_sockets,
    };
    if (!make_parts(relay, why)) {
        relay_free(relay);
        return NULL;
    }
    return relay;
}

unsigned
relay_port(const struct relay *relay, size_t way)
{
    return relay->doors[way].port;
}

struct relay_stats
relay_stats(const struct relay *relay)
{
    struct relay_stats stats = relay->core.stats;
    const struct leaf_cache_counts leafs = leaf_cache_counts(relay->core.leafs);

    stats.unreadable = relay->core.tap_rules.unreadable;
    stats.open_limit = relay->max_connections;
    stats.kept_bytes = relay->core.tap_rules.kept;
    stats.kept_limit = relay->core.tap_rules.budget;
    stats.bodies_cut = relay->core.tap_rules.over_budget;
    stats.leafs_minted = leafs.minted;
    stats.leafs_reused = leafs.reused;
    stats.leafs_cached = leafs.cached;
    for (const struct conn *conn = relay->core.conns; conn != NULL; conn = conn->next) {
        stats.bytes_up += conn->pump.bytes[PUMP_CLIENT];
        stats.bytes_down += conn->pump.bytes[PUMP_SERVER];
    }
    return stats;
}

struct core_change *
relay_prepare(const struct relay *relay, const struct relay_options *options, char **why)
{
    return core_change_new(&relay->core, options, why);
}

void
relay_discard(struct core_change *change)
{
    core_change_free(change);
}

void
relay_adopt(struct relay *relay, struct core_change *change, size_t max_connections, void (*released)(void *data),
            void *data)
{
    core_change_adopt(&relay->core, change, released, data);
    relay->max_connections = connection_limit(max_connections);
    set_doors_open(relay, relay->core.stats.open < relay->max_connections);
}

bool
relay_reopen_log(struct relay *relay, char **why)
{
    return relay->core.key_log == NULL || key_log_reopen(relay->core.key_log, why);
}

const struct host_table *
relay_tunnels(const struct relay *relay)
{
    return &relay->core.tunnels;
}

void
relay_drain(struct relay *relay, void (*done)(void *data), void *data)
{
    close_doors(relay);
    relay->core.is_draining = true;
    relay->drained = done;
    relay->drained_data = data;
    conn_drain_all(&relay->core);
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
    close_doors(relay);
    conn_close_all(core);
    tap_rules_release(&core->tap_rules);
    tap_rules_release(&core->site_rules);
    resolver_free(core->upstream_rules.resolver);
    event_free(core->sweep);
    leaf_cache_free(core->leafs);
    key_pair_release(&core->own);
    trust_free(core->trust);
    key_log_close(core->key_log);
    scope_free(core->scope);
    BIO_meth_free(core->bio_method);
    host_table_release(&core->tunnels);
    host_table_release(&core->bypassed);
    free(core->own_sockets);
    free(core->connect_pair);
    free(core->scratch);
    free(relay);
}
