/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_RELAY_H
#define SAMLTAP_RELAY_H

#include <event2/event.h>

#include "ca.h"
#include "exchange.h"

/* Where a host is really reached: curl's --connect-to. Empty fields match / leave as they are. */
struct connect_to {
    char *host;
    unsigned port; /* 0: any */
    char *to_host;
    unsigned to_port; /* 0: unchanged */
};

/* What the relay does with a host's TLS. */
enum scope_decision { SCOPE_INTERCEPT, SCOPE_TUNNEL };

struct relay_options {
    const char *listen_host; /* address literal or name; "127.0.0.1" */
    unsigned listen_port;    /* 0: any free one */
    bool next_free_port;     /* taken: try the following 20 */
    const struct ca *ca;
    const char *upstream_ca;      /* PEM file; NULL: system store only */
    struct str extra_upstream_ca; /* PEM text trusted in addition, for extra_upstream_suffix hosts only (the lab) */
    const char *extra_upstream_suffix; /* ".samltap.test"; NULL none */
    const struct connect_to *connect_to;
    size_t connect_to_count;
    const char *const *allow_hosts; /* POSIX extended regexes on host:port; empty: all */
    size_t allow_host_count;
    const char *const *ignore_hosts; /* never intercepted */
    size_t ignore_host_count;
    const char *ca_page_path;                                /* unused by the relay itself; NULL */
    size_t body_ceiling;                                     /* bytes of a body that the tap keeps; 4 MiB */
    int dial_timeout_s, handshake_timeout_s, idle_timeout_s; /* 0: defaults 15, 10, 600 */
    /*
     * Called on the event loop when an exchange ended. The exchange and its strings are borrowed for
     * the call. Must not block.
     */
    void (*on_exchange)(void *data, const struct exchange *exchange);
    void *data;
};

struct relay;

/* Counters, for the summary at the end and for tests. */
struct relay_stats {
    uint64_t connections, open, intercepted, tunnelled, plain, failed, exchanges;
    uint64_t bytes_up, bytes_down;
};

/* Binds and starts to accept. NULL and *why (malloc'd, caller frees) names address, port and remedy. */
struct relay *relay_new(struct event_base *base, const struct relay_options *options, char **why);

unsigned relay_port(const struct relay *relay);
struct relay_stats relay_stats(const struct relay *relay);

/* Stops accepting; open connections go on. done (may be NULL) is called when the last has ended. */
void relay_drain(struct relay *relay, void (*done)(void *data), void *data);

/* Closes everything at once and frees. NULL is fine. */
void relay_free(struct relay *relay);

#endif
