/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PROXY_CONNECT_H
#define SAMLTAP_PROXY_CONNECT_H

#include <event2/event.h>
#include <event2/event_struct.h>

#include "buf.h"
#include "next_proxy.h"

struct stream;

/*
 * Asks an HTTP proxy, over a connected socket or TLS on it, for a tunnel (RFC 9110 9.3.6). Reads not one byte past
 * the head of its answer. Never blocks. Zeroed memory is one that does nothing.
 */
struct proxy_connect {
    struct event_base *base;
    const struct next_proxy *proxy;
    int64_t deadline_ms; /* monotonic */
    int fd;              /* the caller's */
    struct stream *tls;  /* on it; the caller's; NULL: none */
    bool is_active;
    struct event event;
    struct buf out; /* not yet sent; may hold a secret: wiped */
    struct buf in;  /* the head so far */
    char authority[300];
    char text[400]; /* why it failed: one line, names the proxy */
    /* Called once, from the loop, unless proxy_connect_cancel() comes first. */
    void (*done)(void *data, bool is_open);
    void *data;
};

/*
 * Starts. host: name or literal without brackets; timeout_ms from 1, for all of it. proxy, fd and tls (NULL: none,
 * else its handshake is done and nothing watches its events) are borrowed until the end. done is never called from in
 * here.
 */
void proxy_connect_start(struct proxy_connect *connect, struct event_base *base, const struct next_proxy *proxy, int fd,
                         struct stream *tls, struct str host, unsigned port, int64_t timeout_ms,
                         void (*done)(void *data, bool is_open), void *data);

/* Stops and frees what is in it; done will not be called. Fine when nothing is under way. */
void proxy_connect_cancel(struct proxy_connect *connect);

#endif
