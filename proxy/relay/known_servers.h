/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_KNOWN_SERVERS_H
#define SAMLTAP_KNOWN_SERVERS_H

#include <stdint.h>

#include "leaf.h"

/*
 * Which protocol servers chose lately. Of a known one it is taken for granted that it chooses so again, and
 * the client's handshake need not wait for the server's. Bounded; a newer server may take the place of another.
 */
enum { KNOWN_SERVERS = 512 };

struct known_servers {
    struct {
        uint64_t key; /* 0: none */
        enum leaf_protocol protocol;
    } rows[KNOWN_SERVERS];
};

/* offers: a set of enum trust_protocol, as it was offered. False: not known. */
bool known_servers_get(const struct known_servers *servers, const char *name, unsigned port, unsigned offers,
                       enum leaf_protocol *protocol);

/* After a handshake that was completed and verified. */
void known_servers_put(struct known_servers *servers, const char *name, unsigned port, unsigned offers,
                       enum leaf_protocol protocol);

/* After one that was not. */
void known_servers_forget(struct known_servers *servers, const char *name, unsigned port, unsigned offers);

#endif
