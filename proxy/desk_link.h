/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DESK_LINK_H
#define SAMLTAP_DESK_LINK_H

#include <event2/event.h>

#include "exchange.h"

/*
 * The relay's end of the pipe: starts the desk as a child process, hands it finished exchanges and
 * keeps each until the desk has acknowledged it. When the desk dies it is started again and gets
 * what it had not acknowledged; an exchange that killed it twice is quarantined. Nothing here ever
 * blocks or stops the relay.
 */
struct desk_link;

struct desk_link_options {
    const char *program;    /* NULL: this program itself */
    char *const *arguments; /* argv of the desk, NULL-terminated; borrowed as long as the link lives */
    size_t max_bytes;       /* of unacknowledged exchanges; past it the oldest are dropped. 0: 64 MiB */
    int restart_delay_ms;   /* before the first restart; doubles up to 5 s. 0: 100 */
    /* Called once, when the desk has read its options. May be NULL. */
    void (*on_ready)(void *data);
    /*
     * Called once, when there will be no desk any more: after desk_link_finish (code: what the desk
     * exited with) or when it ended before it was ready for the first time (it has printed why;
     * code: what it exited with, 4 for a signal). The link may not be freed inside the call.
     */
    void (*on_ended)(void *data, int code);
    void *data;
};

enum { DESK_VERDICTS = 3 }; /* of enum verdict */

struct desk_link_stats {
    uint64_t signins[DESK_VERDICTS];        /* finished, by verdict */
    uint64_t queued, acknowledged, dropped; /* exchanges, and batches of bystanders */
    uint64_t bystanders, restarts, quarantined;
    size_t waiting, waiting_bytes; /* now */
    size_t limit_bytes;            /* of the latter */
    bool handed_over;              /* every frame is wholly in the socket: a kill of this process loses none */
};

/* Starts the desk. NULL and *why (malloc'd) when there can be no child process. */
struct desk_link *desk_link_new(struct event_base *base, const struct desk_link_options *options, char **why);

/* Queues a copy of the exchange. Bodies that make it bigger than a frame are left out. */
void desk_link_send(struct desk_link *link, const struct exchange *exchange);

/*
 * The same for an exchange that has nothing to do with a sign-in: only who, what, how much and when is
 * told, in batches, a moment later. It is not examined.
 */
void desk_link_send_bystander(struct desk_link *link, const struct exchange *exchange);

/* Makes the desk open its logs again, behind what was sent so far. */
void desk_link_reopen(struct desk_link *link);

/* Makes the desk print whole lines to its standard output, in order with its own. Never blocks us. */
void desk_link_print(struct desk_link *link, struct str lines);

/*
 * Puts a desk with other arguments (borrowed until the next replacement, or the end) in the place of this one: it is
 * started beside it, and when it has read its options, done says true; the old one finishes what it has, and all that it
 * did not acknowledge goes to the new one. When the new one ends before it is ready (it has printed why), done says
 * false, and everything stays as it was. Returns false, and nothing happens, when there can be no child now, or
 * desk_link_is_changing(). done is not called after desk_link_finish() or desk_link_free().
 */
bool desk_link_replace(struct desk_link *link, char *const *arguments, void (*done)(void *data, bool is_ready),
                       void *data);

/* True while a replacement is under way, or the first desk is not ready yet. */
bool desk_link_is_changing(const struct desk_link *link);

/* Lets the desk examine what is queued, finish open sign-ins and end; on_ended follows. */
void desk_link_finish(struct desk_link *link);

struct desk_link_stats desk_link_stats(const struct desk_link *link);

/* Kills the desk when it still runs and frees. NULL is fine. */
void desk_link_free(struct desk_link *link);

#endif
