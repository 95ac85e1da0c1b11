/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PLAIN_REQUEST_H
#define SAMLTAP_PLAIN_REQUEST_H

#include "http1.h"
#include "upstream.h"

/* Plain http:// requests to a proxy (RFC 9112 3.2.2): what has to be known and changed to pass them on. */
enum plain_phase {
    PLAIN_HEAD,     /* reading the head of a request */
    PLAIN_EXCHANGE, /* passing on its body and the response */
};

enum { PLAIN_MAX_HOST = 255 };

struct plain {
    enum plain_phase phase;
    struct http1_pair pair;
    struct buf raw_head;           /* of the request being read, as received */
    struct buf head;               /* the same as it is passed on */
    char host[PLAIN_MAX_HOST + 1]; /* that the request names */
    unsigned port;
    char server_host[PLAIN_MAX_HOST + 1]; /* whom we are connected to; "" nobody */
    unsigned server_port;
    bool is_own_site; /* the request is for our own pages */
    bool close_after; /* no request may follow on this connection */
    bool request_done, response_begun, response_done;
};

/* Never NULL. */
struct plain *plain_new(void);
/* Takes it; NULL is fine. */
void plain_free(struct plain *plain);

/*
 * After HTTP1_HEAD of a request, with its bytes in raw_head: checks it, finds host and port, and
 * writes head: request line in origin form (with the whole URL when rules send it to a proxy), header
 * lines as they were but for Proxy-Connection and Proxy-Authorization. A proxy gets our own
 * Proxy-Authorization, or the client's when we have none. Returns what is wrong (static, one sentence; nothing may be passed on), or NULL.
 */
const char *plain_take_head(struct plain *plain, const struct upstream_rules *rules);

/* After both sides of an exchange ended: makes ready for the next request. */
void plain_next(struct plain *plain);

/* True when these headers say that the connection ends after the message. */
bool plain_wants_close(const struct http1_reader *reader);

#endif
