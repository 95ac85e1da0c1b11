/* SPDX-License-Identifier: MIT */
#include "live_signals.h"

#include <signal.h>
#include <stdlib.h>

#include "live_counts.h"
#include "live_end.h"
#include "live_state.h"
#include "log.h"

static void
on_end(evutil_socket_t number, short what, void *data)
{
    (void)number;
    (void)what;
    live_interrupt(data);
}

static void
on_reopen(evutil_socket_t number, short what, void *data)
{
    struct live *live = data;
    char *why = NULL;

    (void)number;
    (void)what;
    if (live->relay != NULL && !relay_reopen_log(live->relay, &why))
        log_warn("%s", why);
    desk_link_reopen(live->desk);
    free(why);
}

static void
on_print(evutil_socket_t number, short what, void *data)
{
    (void)number;
    (void)what;
    live_counts_print(data);
}

bool
live_signals_add(struct live *live)
{
    static const struct {
        int number;
        event_callback_fn callback;
    } rows[LIVE_SIGNALS] = {
        { SIGINT, on_end },
        { SIGTERM, on_end },
        { SIGUSR1, on_reopen },
        { SIGUSR2, on_print },
    };

    for (size_t i = 0; i < LIVE_SIGNALS; i++) {
        live->signals[i] = evsignal_new(live->base, rows[i].number, rows[i].callback, live);
        if (live->signals[i] == NULL || event_add(live->signals[i], NULL) != 0)
            return false;
    }
    return true;
}
