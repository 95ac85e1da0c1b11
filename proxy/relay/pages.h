/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PAGES_H
#define SAMLTAP_PAGES_H

#include "buf.h"
#include "ca.h"
#include "exchange.h"

/* The relay's own answers: whole HTTP/1.1 messages that close the connection. Every value is escaped. */

/*
 * The same for HTTP/2: all that a server sends on a connection of which stream is the only request that
 * it answers, and which it ends then. page: as written by the others, less than 60 KB (more would need
 * the client's leave).
 */
void pages_http2(struct buf *out, struct str page, uint32_t stream);

/* Name that the relay answers itself, http and https (RFC 6761 reserves .test). */
#define PAGES_HOST "samltap.test"

/* Why there is no answer from host (502). problem and text as in struct exchange. */
void pages_problem(struct buf *out, struct str host, unsigned port, enum exchange_problem problem, struct str text);

/* The request cannot be passed on (400): text says what is wrong with it. */
void pages_bad_request(struct buf *out, struct str text);

/*
 * The site of PAGES_HOST: /, /ca.pem, /ca.cer (DER), /proxy.pac; anything else is 404. proxy: what
 * the browser reaches us by, "127.0.0.1:8080". with_body: false for HEAD.
 */
void pages_site(struct buf *out, const struct ca *ca, struct str target, const char *proxy, bool with_body);

#endif
