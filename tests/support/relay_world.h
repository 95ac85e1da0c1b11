/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_RELAY_WORLD_H
#define SAMLTAP_TESTS_RELAY_WORLD_H

#include "party.h"
#include "relay_rig.h"

/* One server behind one relay; sp.test and other.test lead to it. */
struct world {
    struct authority authority; /* of the server; the relay trusts it */
    struct relay_rig rig;
    struct server server;
    struct connect_to rows[2];
    char sp[16], other[16], loopback[16];
    char *ca_file;
};

/*
 * Starts the server, with a certificate for certified (NULL: plain TCP), and prepares the relay:
 * rig_start() is the test's, after it has set what options it wants.
 */
void world_open(struct world *world, const char *certified, enum flaw flaw, serve_fn *serve, void *data);
void world_close(struct world *world);

/* CONNECT and TLS to host through the relay, as a browser that trusts the interception CA. */
void browse(struct world *world, struct line *line, const char *host);

/* Answers every request head with data, a C string. */
void serve_fixed(struct line *line, void *data);

#endif
