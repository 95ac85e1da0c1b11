/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_METRICS_SERVER_H
#define SAMLTAP_METRICS_SERVER_H

#include <event2/event.h>
#include <sys/socket.h>

#include "buf.h"

/*
 * GET /metrics on loopback, for Prometheus. Whoever can reach loopback may read it: it holds numbers and no names of
 * hosts or people. A web page cannot: the Host header must be a loopback name with our port (DNS rebinding), requests
 * that a browser calls cross-site are refused, and no answer allows other origins (saml-verification 9.3).
 */
struct metrics_server;

/* Binds 127.0.0.1, and ::1 where there is IPv6. write makes each answer. NULL and *why (malloc'd). */
struct metrics_server *metrics_server_new(struct event_base *base, unsigned port,
                                          void (*write)(void *data, struct buf *out), void *data, char **why);
/* When the loop has ended. NULL is fine. */
void metrics_server_free(struct metrics_server *server);

/* Where it listens: no client of the proxy may be led there. NULL server: none. */
const struct sockaddr_storage *metrics_server_addresses(const struct metrics_server *server, size_t *count);

#endif
