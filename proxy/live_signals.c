/* SPDX-License-Identifier: MIT */
#include "live_signals.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "exit_code.h"
#include "live_counts.h"
#include "live_end.h"
#include "live_reload.h"
#include "live_state.h"
#include "log.h"

static bool
has_terminal(void)
{
    int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

    if (terminal < 0)
        return false;
    close(terminal);
    return true;
}

static void
on_end(evutil_socket_t number, short what, void *data)
{
    (void)number;
    (void)what;
    live_interrupt(data);
}

/* Sent by an administrator, or by the system when the terminal we were started on is closed. */
static void
on_hangup(evutil_socket_t number, short what, void *data)
{
    struct live *live = data;

    (void)number;
    (void)what;
    if (live->ends_with_terminal && !has_terminal())
        live_stop(live, EXIT_PASS); /* shells send it a second time: that does not end at once */
    else if (live->state == LIVE_RUNNING)
        live_reload(live);
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
        { SIGINT, on_end }, { SIGTERM, on_end }, { SIGHUP, on_hangup }, { SIGUSR1, on_reopen }, { SIGUSR2, on_print },
    };
    struct sigaction hangup;

    /* nohup has it ignored: then the end of the terminal is none of ours. */
    live->ends_with_terminal = has_terminal() && sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN;
    for (size_t i = 0; i < LIVE_SIGNALS; i++) {
        live->signals[i] = evsignal_new(live->base, rows[i].number, rows[i].callback, live);
        if (live->signals[i] == NULL || event_add(live->signals[i], NULL) != 0)
            return false;
    }
    return true;
}
