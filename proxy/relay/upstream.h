/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_UPSTREAM_H
#define SAMLTAP_UPSTREAM_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/socket.h>

#include "relay_options.h"
#include "resolve.h"

/*
 * A TCP connection to a server: name look-up, then one address after the other, each with its share
 * of the time. Never blocks.
 */
struct upstream_rules {
    struct event_base *base;
    struct resolver *resolver;
    const struct connect_to *connect_to;
    size_t connect_to_count;
    int timeout_s;
    const struct sockaddr_storage *own; /* our listeners: connecting to one would be a loop */
    size_t own_count;
};

struct upstream {
    const struct upstream_rules *rules;
    struct resolve_query *query;
    struct addrinfo *addresses, *next;
    bool addresses_are_ours; /* made by us for a literal: no freeaddrinfo() */
    struct addrinfo literal;
    struct sockaddr_storage literal_address;
    int fd;
    struct event connected;
    int64_t deadline_ms; /* monotonic */
    struct str host;     /* for messages; borrowed */
    unsigned port;
    enum exchange_problem problem; /* of the last attempt */
    char text[300];                /* the same in words, one line */
    /* Called once, from the loop: fd is given (non-blocking, TCP_NODELAY), or -1 and problem, text tell why. */
    void (*done)(void *data, int fd);
    void *data;
};

/* Makes one that does nothing. */
void upstream_init(struct upstream *upstream);

/*
 * Starts. host is borrowed until done or upstream_cancel(). done is never called from in here; false
 * when it will not be called: problem and text tell why.
 */
bool upstream_start(struct upstream *upstream, const struct upstream_rules *rules, struct str host, unsigned port,
                    void (*done)(void *data, int fd), void *data);

/* Stops; done will not be called. Fine when nothing is under way. */
void upstream_cancel(struct upstream *upstream);

#endif
