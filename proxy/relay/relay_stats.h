/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_RELAY_STATS_H
#define SAMLTAP_RELAY_STATS_H

#include <stdint.h>

/* Why a connection ended: what came first, whatever followed from it. */
enum close_reason {
    CLOSE_NONE, /* not known (yet) */
    CLOSE_CLIENT_CLOSED,
    CLOSE_CLIENT_RESET,
    CLOSE_CLIENT_LEFT_EARLY,
    CLOSE_UPSTREAM_CLOSED,
    CLOSE_UPSTREAM_RESET,
    CLOSE_FINISHED,
    CLOSE_OWN_PAGE,
    CLOSE_BAD_REQUEST,
    CLOSE_RESOLVE_FAILED,
    CLOSE_RESOLVE_TIMEOUT,
    CLOSE_CONNECT_REFUSED,
    CLOSE_CONNECT_TIMEOUT,
    CLOSE_CONNECT_FAILED,
    CLOSE_LOOP,
    CLOSE_NEXT_PROXY_FAILED,
    CLOSE_HANDSHAKE_FAILED_UPSTREAM,
    CLOSE_HANDSHAKE_TIMEOUT_UPSTREAM,
    CLOSE_UPSTREAM_UNTRUSTED,
    CLOSE_CLIENT_CERTIFICATE_WANTED,
    CLOSE_HANDSHAKE_FAILED_CLIENT,
    CLOSE_HANDSHAKE_TIMEOUT_CLIENT,
    CLOSE_CA_REJECTED,
    CLOSE_NO_CERTIFICATE,
    CLOSE_REQUEST_TIMEOUT,
    CLOSE_IDLE_TIMEOUT,
    CLOSE_LIMIT,
    CLOSE_DRAINED,
    CLOSE_ENDED,
    CLOSE_REASON_COUNT,
};

/* Its name ("client-closed"), and the same in a few words for the log. */
const char *close_reason_name(enum close_reason reason);
const char *close_reason_text(enum close_reason reason);

/* Why a connection is passed on unread. */
enum tunnel_cause {
    TUNNEL_IGNORE_HOSTS,
    TUNNEL_ALLOW_HOSTS,
    TUNNEL_BYPASS_LIST,
    TUNNEL_AUTO_BYPASS,
    TUNNEL_NOT_TLS,
    TUNNEL_SERVER_FIRST,
    TUNNEL_PROTOCOL,
    TUNNEL_NO_CERTIFICATE,
    TUNNEL_CAUSE_COUNT,
};

/* "ignore-hosts" */
const char *tunnel_cause_name(enum tunnel_cause cause);

/* Counters. connections == open + the sum of closed. */
struct relay_stats {
    uint64_t connections; /* accepted */
    uint64_t open;        /* of them still there */
    uint64_t open_limit;  /* at so many no further one is accepted */
    uint64_t limited;     /* how often that happened */
    uint64_t closed[CLOSE_REASON_COUNT];
    uint64_t intercepted, tunnelled, plain, failed;
    uint64_t tunnels[TUNNEL_CAUSE_COUNT];
    uint64_t auto_bypassed;          /* hosts that pass unopened because they failed before */
    uint64_t http1, http2;           /* of the intercepted, by what is spoken */
    uint64_t unreadable;             /* of them (and of plain ones) those whose bytes went by unread */
    uint64_t exchanges;              /* told */
    uint64_t bytes_up, bytes_down;   /* of intercepted, tunnelled and plain content */
    uint64_t dialled, dial_failures; /* connections to servers */
    uint64_t upstream_handshakes, upstream_resumed;
    uint64_t client_handshakes, client_resumed;
    uint64_t leafs_minted, leafs_reused, leafs_cached; /* the last: now */
    uint64_t kept_bytes, kept_limit;                   /* of bodies, for exchanges that are under way */
    uint64_t bodies_cut;                               /* not kept whole, since the limit was reached */
};

#endif
