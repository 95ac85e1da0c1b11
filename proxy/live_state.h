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

enum { LIVE_SIGNALS = 5 };

/* The settings of one start, or of one SIGHUP. */
struct live_settings {
    struct options *owned; /* NULL: options are somebody else's */
    const struct options *options;
    struct relay_arguments arguments;
    char **desk_argv;
    bool is_first;
};

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
    struct live_settings *settings; /* in force */
    struct live_settings *first;    /* those of the start: the ways in come from them */
    struct live_settings *next;     /* being put in force; NULL: none */
    struct core_change *change;     /* the relay's share of them */
    struct event *again;            /* SIGHUP came while that was under way */
    uint64_t settings_read;
    bool ends_with_terminal; /* SIGHUP may mean that the terminal is gone */
    struct desk_link *desk;
    struct counts_socket *socket;
    struct metrics_server *metrics; /* NULL: not asked for */
    int64_t started_s;
    int drain_s;
};

#endif
