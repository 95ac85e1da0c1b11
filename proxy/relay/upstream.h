/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_UPSTREAM_H
#define SAMLTAP_UPSTREAM_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/socket.h>

#include "proxy_connect.h"
#include "proxy_tls.h"
#include "relay_options.h"
#include "relay_stats.h"
#include "resolve.h"

struct transparent_own;

/*
 * A TCP connection to a server, or to the proxy before it: name look-up, then one address after the
 * other, each with its share of the time; then TLS with the proxy and the tunnel, where they are needed. Never blocks.
 */
struct upstream_rules {
    struct event_base *base;
    struct resolver *resolver;
    const struct connect_to *connect_to;
    size_t connect_to_count;
    const struct next_proxy *next_proxy; /* NULL: servers are reached directly */
    struct trust *trust;                 /* for TLS with next_proxy */
    BIO_METHOD *bio_method;              /* the same */
    int timeout_s;
    const struct sockaddr_storage *own; /* our listeners: connecting to one would be a loop */
    size_t own_count;
    struct transparent_own *own_sockets; /* gets the sockets that are opened; NULL: nobody asks for them */
};

/* What the connection is for, which matters where a proxy is between. */
enum upstream_use {
    UPSTREAM_BYTES,    /* whatever the parties speak: a tunnel through the proxy */
    UPSTREAM_REQUESTS, /* plain http:// requests, which the proxy takes itself */
};

struct upstream {
    const struct upstream_rules *rules;
    struct resolve_query *query;
    struct addrinfo *addresses, *next;
    bool addresses_are_ours; /* made by us for a literal: no freeaddrinfo() */
    struct addrinfo literal;
    struct sockaddr_storage literal_address;
    int fd;
    struct stream *carrier; /* TLS with the proxy, which fd belongs to; NULL: none */
    struct event connected;
    int64_t deadline_ms; /* monotonic */
    struct str host;     /* that is dialled, for messages; borrowed */
    const char *before;  /* ahead of it in messages: "the proxy ", or "" */
    bool through_proxy, needs_tunnel;
    struct str tunnel_host; /* where the proxy is to connect; borrowed */
    unsigned tunnel_port;
    struct proxy_tls proxy_tls;
    struct proxy_connect tunnel;
    enum exchange_problem problem; /* of the last attempt */
    enum close_reason reason;      /* the same as what ends a connection */
    char text[700];                /* the same in words, one line */
    /* Called once, from the loop: fd is there for upstream_hand_over(), or -1 and problem, text tell why. */
    void (*done)(void *data, int fd);
    void *data;
};

/* Makes one that does nothing. */
void upstream_init(struct upstream *upstream);

/*
 * Says whether plain requests for this server go to a proxy, which wants the whole URL in them (RFC 9112
 * 3.2.2). Not when the server is really reached elsewhere (--connect-to): then a tunnel leads there.
 */
bool upstream_takes_requests(const struct upstream_rules *rules, struct str host, unsigned port);

/*
 * Starts. host is borrowed until done or upstream_cancel(). done is never called from in here; false
 * when it will not be called: problem and text tell why.
 */
bool upstream_start(struct upstream *upstream, const struct upstream_rules *rules, struct str host, unsigned port,
                    enum upstream_use use, void (*done)(void *data, int fd), void *data);

/* Opens stream upon what was reached, when done got a descriptor: the socket, or TLS with the proxy on it. */
void upstream_hand_over(struct upstream *upstream, int fd, struct stream *stream, event_callback_fn callback,
                        void *data);

/* True when address is one of our own listeners. */
bool upstream_is_own(const struct upstream_rules *rules, const struct sockaddr *address);

/* Stops; done will not be called. Fine when nothing is under way. */
void upstream_cancel(struct upstream *upstream);

#endif
