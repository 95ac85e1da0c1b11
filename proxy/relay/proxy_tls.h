/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PROXY_TLS_H
#define SAMLTAP_PROXY_TLS_H

#include "next_proxy.h"
#include "tls_io.h"
#include "trust.h"

/*
 * The TLS handshake with the HTTP proxy itself, on a connected socket: under all that is said through it. The proxy's
 * certificate must be for its name and is never left unverified. Never blocks. Zeroed memory is one that does nothing.
 */
struct proxy_tls {
    struct carrier *carrier; /* NULL: nothing is under way */
    struct event timer;
    char text[700]; /* why it failed: one line, names the proxy; untrusted */
    /*
     * Called once, from the loop, unless proxy_tls_cancel() comes first. Gives the stream, for stream_open_over()
     * or stream_close() and free(); NULL: it failed and the socket is closed.
     */
    void (*done)(void *data, struct stream *stream);
    void *data;
};

/*
 * Starts. Takes fd. proxy and trust are borrowed until the end, trust as long as the stream that comes of it;
 * timeout_ms from 1. done is never called from in here.
 */
void proxy_tls_start(struct proxy_tls *tls, struct event_base *base, struct trust *trust, BIO_METHOD *method,
                     const struct next_proxy *proxy, int fd, int64_t timeout_ms,
                     void (*done)(void *data, struct stream *stream), void *data);

/* Stops and closes the socket; done will not be called. Fine when nothing is under way. */
void proxy_tls_cancel(struct proxy_tls *tls);

#endif
