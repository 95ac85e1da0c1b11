/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_STATE_H
#define SAMLTAP_LIVE_STATE_H

#include "ca_store.h"
#include "counts_socket.h"
#include "desk_link.h"
#include "live_options.h"
#include "live_plan.h"
#include "metrics_server.h"

/* The inside of a running proxy, for live*.c alone. */
enum live_state {
    LIVE_RUNNING,
    LIVE_DRAINING,  /* no new connections, open ones go on */
    LIVE_FINISHING, /* no connections; the desk examines what is queued */
    LIVE_ENDED,
};

enum { LIVE_SIGNALS = 4 };

struct live {
    struct live_options options;
    enum live_state state;
    int code;
    struct event_base *base;
    struct event *signals[LIVE_SIGNALS];
    struct event *deadline;
    struct event *interval; /* of --stats-interval; NULL: none */
    char *directory;
    struct ca_store ca;
    struct relay *relay;
    unsigned ports[RELAY_MAX_WAYS]; /* where the ways in are */
    struct relay_stats last;        /* when relay is NULL: what it had counted */
    struct relay_arguments arguments;
    char **desk_argv;
    struct desk_link *desk;
    struct counts_socket *socket;
    struct metrics_server *metrics; /* NULL: not asked for */
    int64_t started_s;
    int drain_s;
};

#endif
