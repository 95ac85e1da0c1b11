/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LISTENER_H
#define SAMLTAP_LISTENER_H

#include <event2/event.h>
#include <sys/socket.h>

#include "relay_options.h"

/* The listening socket: accepts while there is room, and waits when descriptors run out. */
struct listener;

struct listener_rules {
    /* Gets an accepted socket (non-blocking, close-on-exec). */
    void (*on_accept)(void *data, int fd, const struct sockaddr *client);
    void *data;
};

/* Binds as the way says. NULL and *why (malloc'd, caller frees) with address, port and remedy. */
struct listener *listener_new(struct event_base *base, const struct relay_way *way, const struct listener_rules *rules,
                              char **why);
void listener_free(struct listener *listener);

/* Where it listens. */
const struct sockaddr_storage *listener_address(const struct listener *listener);
unsigned listener_port(const struct listener *listener);

/* Accept or leave clients in the queue of the system. */
void listener_set_open(struct listener *listener, bool open);

#endif
