/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_RESOLVE_H
#define SAMLTAP_RESOLVE_H

#include <event2/event.h>
#include <netdb.h>

#include "str.h"

/*
 * Names to addresses without blocking the loop, by the system's own resolver (hosts file, NSS, VPN
 * rules: what every other program on the machine would get), which runs in a few threads. All calls
 * and callbacks happen on the loop's thread.
 */
struct resolver;
struct resolve_query;

/* NULL when the system refuses a descriptor. */
struct resolver *resolver_new(struct event_base *base);

/* Takes the resolver; no callback comes any more. Threads that still wait for an answer end later, by themselves. */
void resolver_free(struct resolver *resolver);

/*
 * Starts to look host up. done is called later, once: error is 0 or what getaddrinfo() returned;
 * addresses is done's to free (freeaddrinfo), NULL on error. Gives the query, or NULL when too many
 * are under way.
 */
struct resolve_query *resolve_start(struct resolver *resolver, struct str host, unsigned port,
                                    void (*done)(void *data, int error, struct addrinfo *addresses), void *data);

/* done will not be called. NULL is fine. */
void resolve_cancel(struct resolve_query *query);

#endif
