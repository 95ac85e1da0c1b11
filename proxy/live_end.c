/* SPDX-License-Identifier: MIT */
#include "live_end.h"

#include "exit_code.h"
#include "live_state.h"
#include "log.h"
#include "tunnel_words.h"

enum { FINISH_S = 10 };

static void
enter_state(struct live *live, enum live_state state)
{
    const struct timeval limit = { .tv_sec = state == LIVE_DRAINING ? live->drain_s : FINISH_S };

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
    tunnel_words_log(relay_tunnels(live->relay));
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
    live->last = relay_stats(live->relay);
    if (live->last.open > 0)
        log_info("%llu connections did not end within %d s and are cut off (--drain-timeout)",
                 (unsigned long long)live->last.open, live->drain_s);
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

void
live_end_deadline(struct live *live)
{
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

void
live_interrupt(struct live *live)
{
    if (live->state == LIVE_RUNNING)
        live_stop(live, EXIT_PASS);
    else
        enter_state(live, LIVE_ENDED);
}

void
live_desk_ended(struct live *live, int code)
{
    if (live->code == EXIT_PASS)
        live->code = code;
    enter_state(live, LIVE_ENDED);
}
