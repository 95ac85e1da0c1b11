/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_SERVER_H
#define SAMLTAP_LAB_SERVER_H

#include "site.h"

/*
 * HTTPS in front of the sites: HTTP/1.1 over TLS on 127.0.0.1, certificates by a CA that is made at
 * start and lives in memory.
 */
struct lab_server;

/*
 * Listens on a free port of 127.0.0.1. fault as in lab_site_init. NULL and *why (static text) when
 * something cannot be made.
 */
struct lab_server *lab_server_new(const char *fault, const char **why);
void lab_server_free(struct lab_server *server);

unsigned lab_server_port(const struct lab_server *server);
const struct lab_site *lab_server_site(const struct lab_server *server);

/* Appends the CA certificate in PEM. */
bool lab_server_ca_pem(const struct lab_server *server, struct buf *out);

/* Serves until SIGTERM, or until channel (a stream socket) is closed by the other side. */
void lab_server_run(struct lab_server *server, int channel);

#endif
