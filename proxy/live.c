/* SPDX-License-Identifier: MIT */
#include "live.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "exit_code.h"
#include "hardening.h"
#include "live_counts.h"
#include "live_reload.h"
#include "live_signals.h"
#include "live_state.h"
#include "log.h"
#include "memory.h"

/* --- the desk ------------------------------------------------------------------------------------------ */

static void
on_desk_ready(void *data)
{
    struct live *live = data;

    if (live->options.on_ready != NULL && live->state == LIVE_RUNNING) /* not when the end was asked for already */
        live->options.on_ready(live, live->options.data);
}

static void
on_desk_ended(void *data, int code)
{
    live_desk_ended(data, code);
}

/*
 * The relay kept no body, since nothing in the heads speaks of a sign-in, and all went well. A redirect
 * may still carry a message.
 */
static bool
is_bystander(const struct exchange *exchange)
{
    return exchange->problem == EXCHANGE_OK && !str_present(exchange->problem_text) && exchange->status != 0 &&
           !str_present(exchange->request_body.bytes) && !str_present(exchange->response_body.bytes) &&
           !str_present(headers_get(&exchange->response_headers, "Location"));
}

static void
on_exchange(void *data, const struct exchange *exchange)
{
    struct live *live = data;

    if (live->desk == NULL)
        return;
    if (is_bystander(exchange))
        desk_link_send_bystander(live->desk, exchange);
    else
        desk_link_send(live->desk, exchange);
}

/* --- the beginning --------------------------------------------------------------------------------------- */

/* Each connection through the proxy takes two descriptors. */
static void
raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool
open_ca(struct live *live, char **why)
{
    live->directory = state_directory(live->options.options, why);
    return live->directory != NULL && ca_store_open(&live->ca, live->options.options, live->directory, CA_STORE_CREATE,
                                                    NULL, 0, (int64_t)time(NULL), why);
}

static bool
start_relay(struct live *live, int *code, char **why)
{
    struct relay_options *relay;

    live->settings = live->first = live_settings_new(live, NULL, live->options.options, code, why);
    if (live->first == NULL)
        return false;
    *code = EXIT_RUNTIME;
    live->first->is_first = true;
    relay = &live->first->arguments.relay;
    relay->ca = live->ca.ca;
    relay->extra_upstream_ca = live->options.extra_upstream_ca;
    relay->extra_upstream_suffix = live->options.extra_upstream_suffix;
    relay->guarded = metrics_server_addresses(live->metrics, &relay->guarded_count);
    relay->on_exchange = on_exchange;
    relay->data = live;
    live->relay = relay_new(live->base, relay, why);
    for (size_t i = 0; live->relay != NULL && i < relay->way_count; i++)
        live->ports[i] = relay_port(live->relay, i);
    return live->relay != NULL;
}

static bool
start_desk(struct live *live, char **why)
{
    const struct desk_link_options desk = {
        .arguments = live->first->desk_argv, .on_ready = on_desk_ready, .on_ended = on_desk_ended, .data = live
    };

    live->desk = desk_link_new(live->base, &desk, why);
    return live->desk != NULL;
}

static void
on_deadline(evutil_socket_t none, short what, void *data)
{
    (void)none;
    (void)what;
    live_end_deadline(data);
}

static bool
add_events(struct live *live, char **why)
{
    live->base = event_base_new();
    if (live->base != NULL)
        live->deadline = evtimer_new(live->base, on_deadline, live);
    if (live->deadline != NULL && live_signals_add(live) && live_reload_init(live) && live_counts_add_timer(live))
        return true;
    *why = xstrdup("there is no event loop: out of memory");
    return false;
}

struct live *
live_new(const struct live_options *options, int *code, char **why)
{
    struct live *live = xcalloc(1, sizeof(*live));

    *code = EXIT_RUNTIME;
    live->options = *options;
    live->started_s = (int64_t)time(NULL);
    live->drain_s = (int)options_number(options->options, OPT_DRAIN_TIMEOUT);
    hardening_forbid_dumps();
    raise_descriptor_limit();
    if (open_ca(live, why) && add_events(live, why) && live_counts_serve(live, why) && start_relay(live, code, why) &&
        start_desk(live, why))
        return live;
    live_free(live);
    return NULL;
}

int
live_run(struct live *live)
{
    event_base_dispatch(live->base);
    return live->code;
}

static void
free_event(struct event *event)
{
    if (event != NULL)
        event_free(event);
}

void
live_free(struct live *live)
{
    if (live == NULL)
        return;
    relay_free(live->relay);
    desk_link_free(live->desk);
    counts_socket_free(live->socket);
    metrics_server_free(live->metrics);
    for (size_t i = 0; i < LIVE_SIGNALS; i++)
        free_event(live->signals[i]);
    free_event(live->interval);
    free_event(live->deadline);
    live_reload_release(live);
    if (live->base != NULL)
        event_base_free(live->base);
    ca_store_release(&live->ca);
    free(live->directory);
    free(live);
}

struct event_base *
live_base(const struct live *live)
{
    return live->base;
}

unsigned
live_port(const struct live *live)
{
    return live->ports[0];
}

const struct relay_options *
live_relay_options(const struct live *live)
{
    return &live->first->arguments.relay;
}

unsigned
live_way_port(const struct live *live, size_t way)
{
    return live->ports[way];
}

const struct ca_store *
live_ca(const struct live *live)
{
    return &live->ca;
}

const struct options *
live_given_options(const struct live *live)
{
    return live->options.options;
}

const char *
live_state_directory(const struct live *live)
{
    return live->directory;
}
