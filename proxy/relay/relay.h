/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_RELAY_H
#define SAMLTAP_RELAY_H

#include <event2/event.h>

#include "host_table.h"
#include "relay_options.h"
#include "relay_stats.h"

/*
 * The relay: an HTTP proxy on one event loop that opens TLS, hands bytes on as they came, and tells
 * every exchange that it saw. One connection in is one connection out.
 */
struct relay;
struct core_change;

/*
 * Binds and starts to accept. Raises the soft limit of open descriptors to the hard one. NULL and *why
 * (malloc'd, caller frees) names address, port and remedy.
 */
struct relay *relay_new(struct event_base *base, const struct relay_options *options, char **why);

/* The port of one way in, by its place in the options. */
unsigned relay_port(const struct relay *relay, size_t way);
struct relay_stats relay_stats(const struct relay *relay);

/*
 * Opens the log of TLS secrets again, if there is one: somebody moved it. False and *why (malloc'd): it goes on into
 * the old file.
 */
bool relay_reopen_log(struct relay *relay, char **why);

/* The hosts whose connections passed unopened, and why. */
const struct host_table *relay_tunnels(const struct relay *relay);
/*
 * Other settings for a relay that runs: which hosts, whom to trust, certificates, --connect-to, limits. Ways in, CA,
 * callbacks and times of options are not looked at. Reads the files at once. Gives what relay_adopt() or
 * relay_discard() takes, or NULL and *why (malloc'd); the relay goes on unchanged.
 */
struct core_change *relay_prepare(const struct relay *relay, const struct relay_options *options, char **why);
void relay_discard(struct core_change *change); /* NULL is fine */

/*
 * Puts it in force for what begins from now on. released (may be NULL) is called when nothing uses the settings before
 * any more: connections that are open go on with them.
 */
void relay_adopt(struct relay *relay, struct core_change *change, size_t max_connections, void (*released)(void *data),
                 void *data);

/* Stops accepting; idle connections are closed, the others when they are idle. done (may be NULL) is called when the last has ended. */
void relay_drain(struct relay *relay, void (*done)(void *data), void *data);

/* Closes everything at once and frees. NULL is fine. Exchanges still open are told first. */
void relay_free(struct relay *relay);

#endif
