/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONN_H
#define SAMLTAP_CONN_H

#include <sys/socket.h>

#include "core.h"

/* Starts to serve a client that came by way. Takes the socket (non-blocking). */
void conn_start(struct core *core, const struct way *way, int fd, const struct sockaddr *client);

/* Once a second while there are connections: ends what has lasted too long. */
void conn_sweep(struct core *core);

/* Ends those on which nothing is under way; the others end when that is done (core->is_draining is set). */
void conn_drain_all(struct core *core);

/* Ends all of them at once. */
void conn_close_all(struct core *core);

#endif
