/* SPDX-License-Identifier: MIT */
#include "live.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "desk_link.h"
#include "exit_code.h"
#include "hardening.h"
#include "live_options.h"
#include "log.h"
#include "memory.h"

enum live_state {
    LIVE_RUNNING,
    LIVE_DRAINING,  /* no new connections, open ones go on */
    LIVE_FINISHING, /* no connections; the desk examines what is queued */
    LIVE_ENDED,
};

enum { DRAIN_S = 2, FINISH_S = 10 };

struct live {
    struct live_options options;
    enum live_state state;
    int code;
    struct event_base *base;
    struct event *interrupted, *terminated, *deadline;
    char *directory;
    struct ca_store ca;
    struct relay *relay;
    struct relay_arguments arguments;
    char **desk_argv;
    struct desk_link *desk;
};

/* --- the end ------------------------------------------------------------------------------------------- */

static void
enter_state(struct live *live, enum live_state state)
{
    const struct timeval limit = { .tv_sec = state == LIVE_DRAINING ? DRAIN_S : FINISH_S };

    live->state = state;
    if (state == LIVE_ENDED)
        event_base_loopbreak(live->base);
    else
        event_add(live->deadline, &limit);
}

static void
say_counts(const struct live *live)
{
    struct relay_stats relay = relay_stats(live->relay);
    struct desk_link_stats desk = desk_link_stats(live->desk);

    log_info("%llu connections (%llu opened, %llu passed untouched, %llu failed), %llu exchanges",
             (unsigned long long)relay.connections, (unsigned long long)relay.intercepted,
             (unsigned long long)relay.tunnelled, (unsigned long long)relay.failed,
             (unsigned long long)relay.exchanges);
    if (relay.unreadable > 0)
        log_warn("%llu connections were passed on unread: what they carried is no HTTP, or breaks its rules",
                 (unsigned long long)relay.unreadable);
    if (desk.dropped > 0)
        log_warn("%llu exchanges were passed on without being examined", (unsigned long long)desk.dropped);
}

/* The relay goes first, so that nothing new comes; the desk then gets the time it needs. */
static void
finish_desk(struct live *live)
{
    if (live->state != LIVE_DRAINING)
        return;
    say_counts(live);
    relay_free(live->relay);
    live->relay = NULL;
    enter_state(live, LIVE_FINISHING);
    desk_link_finish(live->desk);
}

static void
on_drained(void *data)
{
    struct live *live = data;
    const struct timeval now = { 0 };

    /* Not from inside the relay's own call: it is freed next. */
    if (live->state == LIVE_DRAINING)
        event_add(live->deadline, &now);
}

static void
on_deadline(evutil_socket_t none, short what, void *data)
{
    struct live *live = data;

    (void)none;
    (void)what;
    if (live->state == LIVE_DRAINING) {
        finish_desk(live);
        return;
    }
    log_warn("the desk did not finish within %d s; %zu exchanges were not examined", FINISH_S,
             desk_link_stats(live->desk).waiting);
    if (live->code == EXIT_PASS)
        live->code = EXIT_RUNTIME;
    enter_state(live, LIVE_ENDED);
}

void
live_stop(struct live *live, int code)
{
    if (live->state != LIVE_RUNNING)
        return;
    if (code != EXIT_PASS)
        live->code = code;
    enter_state(live, LIVE_DRAINING);
    relay_drain(live->relay, on_drained, live);
}

/* The first asks for an orderly end, the second for one at once. */
static void
on_signal(evutil_socket_t number, short what, void *data)
{
    struct live *live = data;

    (void)number;
    (void)what;
    if (live->state == LIVE_RUNNING)
        live_stop(live, EXIT_PASS);
    else
        enter_state(live, LIVE_ENDED);
}

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
    struct live *live = data;

    if (live->code == EXIT_PASS)
        live->code = code;
    enter_state(live, LIVE_ENDED);
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
    struct relay_options *relay = &live->arguments.relay;

    if (!relay_arguments_init(&live->arguments, live->options.options, live->options.connect_to,
                              live->options.connect_to_count, code, why))
        return false;
    *code = EXIT_RUNTIME;
    relay->ca = live->ca.ca;
    relay->extra_upstream_ca = live->options.extra_upstream_ca;
    relay->extra_upstream_suffix = live->options.extra_upstream_suffix;
    relay->on_exchange = on_exchange;
    relay->data = live;
    live->relay = relay_new(live->base, relay, why);
    return live->relay != NULL;
}

static bool
start_desk(struct live *live, char **why)
{
    struct desk_link_options desk = { .on_ready = on_desk_ready, .on_ended = on_desk_ended, .data = live };

    live->desk_argv = desk_arguments(live->options.options, live->directory, live->options.metadata);
    desk.arguments = live->desk_argv;
    live->desk = desk_link_new(live->base, &desk, why);
    return live->desk != NULL;
}

static bool
add_events(struct live *live, char **why)
{
    live->base = event_base_new();
    if (live->base != NULL) {
        live->interrupted = evsignal_new(live->base, SIGINT, on_signal, live);
        live->terminated = evsignal_new(live->base, SIGTERM, on_signal, live);
        live->deadline = evtimer_new(live->base, on_deadline, live);
    }
    if (live->interrupted != NULL && live->terminated != NULL && live->deadline != NULL &&
        event_add(live->interrupted, NULL) == 0 && event_add(live->terminated, NULL) == 0)
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
    hardening_forbid_dumps();
    raise_descriptor_limit();
    if (open_ca(live, why) && add_events(live, why) && start_relay(live, code, why) && start_desk(live, why))
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
    free_event(live->interrupted);
    free_event(live->terminated);
    free_event(live->deadline);
    if (live->base != NULL)
        event_base_free(live->base);
    relay_arguments_release(&live->arguments);
    desk_arguments_free(live->desk_argv);
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
    return relay_port(live->relay, 0);
}

const struct relay_options *
live_relay_options(const struct live *live)
{
    return &live->arguments.relay;
}

unsigned
live_way_port(const struct live *live, size_t way)
{
    return relay_port(live->relay, way);
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
