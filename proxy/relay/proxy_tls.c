/* SPDX-License-Identifier: MIT */
#include "proxy_tls.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"

/* A stream together with what its TLS refers to as long as it lives. Freed as the stream that it begins with. */
struct carrier {
    struct stream stream;
    struct trust_peer peer;
};

void
proxy_tls_cancel(struct proxy_tls *tls)
{
    if (tls->carrier == NULL)
        return;
    event_del(&tls->timer);
    stream_close(&tls->carrier->stream);
    free(tls->carrier);
    tls->carrier = NULL;
}

static void
fail(struct proxy_tls *tls)
{
    proxy_tls_cancel(tls);
    tls->done(tls->data, NULL);
}

static void
on_timeout(evutil_socket_t fd, short what, void *data)
{
    struct proxy_tls *tls = data;

    (void)fd;
    (void)what;
    snprintf(tls->text, sizeof tls->text, "the proxy %s did not finish the TLS handshake in time",
             tls->carrier->peer.name);
    fail(tls);
}

static void
explain(struct proxy_tls *tls)
{
    const struct carrier *carrier = tls->carrier;
    const unsigned long error = carrier->stream.tls_error;
    const char *way_out = "";
    char text[600];

    if (trust_explain(&carrier->peer, error, carrier->stream.system_error, text, sizeof text) ==
        EXCHANGE_UPSTREAM_UNTRUSTED)
        way_out = " (--upstream-ca FILE adds an authority; --insecure is for servers, not for the proxy)";
    else if (error != 0 && ERR_GET_REASON(error) == SSL_R_WRONG_VERSION_NUMBER)
        way_out = " (a proxy without TLS is --mode upstream:http://HOST:PORT)";
    snprintf(tls->text, sizeof tls->text, "the proxy %s%s", text, way_out);
}

static void
step(struct proxy_tls *tls)
{
    struct carrier *carrier = tls->carrier;

    if (carrier->stream.ssl == NULL) {
        snprintf(tls->text, sizeof tls->text, "no TLS connection can be made for the proxy %s", carrier->peer.name);
        fail(tls);
        return;
    }
    switch (stream_handshake(&carrier->stream)) {
    case HANDSHAKE_WAITS:
        return;
    case HANDSHAKE_DONE:
        event_del(&tls->timer);
        tls->carrier = NULL;
        tls->done(tls->data, &carrier->stream);
        return;
    case HANDSHAKE_FAILED:
        explain(tls);
        fail(tls);
        return;
    }
}

static void
on_ready(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    step(data);
}

void
proxy_tls_start(struct proxy_tls *tls, struct event_base *base, struct trust *trust, BIO_METHOD *method,
                const struct next_proxy *proxy, int fd, int64_t timeout_ms,
                void (*done)(void *data, struct stream *stream), void *data)
{
    const struct timeval timeout = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };
    struct carrier *carrier = xcalloc(1, sizeof *carrier);
    SSL *ssl = trust_connect_proxy(trust, &carrier->peer, proxy->host, proxy->port);

    *tls = (struct proxy_tls){ .carrier = carrier, .done = done, .data = data };
    stream_init(&carrier->stream);
    stream_open(&carrier->stream, base, fd, on_ready, tls);
    event_assign(&tls->timer, base, -1, 0, on_timeout, tls);
    event_add(&tls->timer, &timeout);
    if (ssl != NULL)
        (void)stream_start_tls(&carrier->stream, ssl, method); /* where that failed, step() finds none */
    event_active(&carrier->stream.writable, EV_WRITE, 0);
}
