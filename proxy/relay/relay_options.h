/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_RELAY_OPTIONS_H
#define SAMLTAP_RELAY_OPTIONS_H

#include <sys/socket.h>

#include "ca.h"
#include "exchange.h"
#include "next_proxy.h"
#include "transparent.h"

/* Where a host is really reached: curl's --connect-to. Empty fields match / leave as they are. */
struct connect_to {
    char *host;
    unsigned port; /* 0: any */
    char *to_host;
    unsigned to_port; /* 0: unchanged */
};

/* How browsers reach the relay. */
enum relay_mode {
    RELAY_REGULAR,     /* as an HTTP proxy: CONNECT, and plain http */
    RELAY_SOCKS5,      /* as a SOCKS5 proxy */
    RELAY_REVERSE,     /* as the server itself, by https */
    RELAY_TRANSPARENT, /* not at all by their own will: the kernel sends their connections here */
};

/* One way in: a listening socket and what is spoken there. */
struct relay_way {
    enum relay_mode mode;
    const char *listen_host;  /* address literal or name; NULL: "127.0.0.1" */
    unsigned listen_port;     /* 0: any free one */
    bool next_free_port;      /* taken: try the following 20 */
    const char *reverse_host; /* RELAY_REVERSE: where the requests go, by https; lower case, no brackets */
    unsigned reverse_port;
    bool tproxy; /* RELAY_TRANSPARENT: by TPROXY (see transparent.h), not by REDIRECT */
    /* RELAY_TRANSPARENT: who says where a client wanted to go; NULL: the kernel, as transparent_destination() asks it */
    transparent_ask_fn *destination;
};

enum { RELAY_MAX_WAYS = 16, RELAY_MAX_GUARDED = 2 };

/* Everything that is pointed to must stay as it is until relay_free(), unless said otherwise. */
struct relay_options {
    struct relay_way ways[RELAY_MAX_WAYS];
    size_t way_count;     /* 0 counts as 1 */
    const char *own_cert; /* PEM file: certificate and chain that RELAY_REVERSE shows instead of a minted one; read at
                                 once; NULL: none */
    const char *own_key;  /* PEM file with its key; NULL: in the same file */
    const struct ca *ca;
    const char *upstream_ca;           /* PEM file trusted beside the system store; read at once; NULL: none */
    struct str extra_upstream_ca;      /* PEM text trusted in addition, for extra_upstream_suffix hosts only (the lab);
                                          read at once */
    const char *extra_upstream_suffix; /* ".samltap.test"; NULL none */
    const struct connect_to *connect_to;
    size_t connect_to_count;
    struct next_proxy next_proxy;   /* .host NULL: servers are reached directly */
    const char *const *allow_hosts; /* POSIX extended regexes on host:port, ignoring case; empty: all */
    size_t allow_host_count;
    const char *const *ignore_hosts; /* never intercepted */
    size_t ignore_host_count;
    const struct sockaddr_storage *guarded; /* further addresses of ours that no client may be led to; read at once */
    size_t guarded_count;                   /* at most RELAY_MAX_GUARDED */
    size_t body_ceiling;                    /* bytes of a body that the tap keeps; 0: 4 MiB */
    size_t max_connections;                 /* 0: 12 000, or what the descriptor limit allows */
    int dial_timeout_s, handshake_timeout_s, idle_timeout_s; /* 0: defaults 15, 10, 600 */
    bool no_http2;           /* HTTP/2 is not offered to servers, so that it is not spoken at all */
    bool insecure;           /* certificates of servers are told, not demanded */
    const char *client_cert; /* file or directory, see client_certificates.h; read at once; NULL: none */
    const char *key_log;     /* file that TLS secrets are appended to; NULL: none */
    bool auto_bypass;        /* a host that fails because it is intercepted passes unopened from then on */
    bool full_handshakes;    /* no TLS session is resumed upstream: every handshake shows the certificate */
    /*
     * Called on the event loop when an exchange ended. The exchange and its strings are borrowed for
     * the call. Must not block, and must not call relay_free().
     *
     * Connections that yield no HTTP are told, too: with .problem set and, when there was no request,
     * method "CONNECT" and target "host:port"; a connection that was tunnelled unread has status 200,
     * EXCHANGE_OK, the sizes of both directions and the reason in problem_text.
     */
    void (*on_exchange)(void *data, const struct exchange *exchange);
    void *data;
};

#endif
