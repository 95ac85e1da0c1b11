/* SPDX-License-Identifier: MIT */
#include "known_servers.h"

/* FNV-1a; a collision is no harm, since what the server really chooses is compared in the end. */
static uint64_t
key_of(const char *name, unsigned port, unsigned offers)
{
    uint64_t key = UINT64_C(14695981039346656037);

    for (; *name != '\0'; name++)
        key = (key ^ (unsigned char)*name) * UINT64_C(1099511628211);
    key = (key ^ port) * UINT64_C(1099511628211);
    key = (key ^ offers) * UINT64_C(1099511628211);
    return key != 0 ? key : 1;
}

bool
known_servers_get(const struct known_servers *servers, const char *name, unsigned port, unsigned offers,
                  enum leaf_protocol *protocol)
{
    uint64_t key = key_of(name, port, offers);

    if (servers->rows[key % KNOWN_SERVERS].key != key)
        return false;
    *protocol = servers->rows[key % KNOWN_SERVERS].protocol;
    return true;
}

void
known_servers_put(struct known_servers *servers, const char *name, unsigned port, unsigned offers,
                  enum leaf_protocol protocol)
{
    uint64_t key = key_of(name, port, offers);

    servers->rows[key % KNOWN_SERVERS].key = key;
    servers->rows[key % KNOWN_SERVERS].protocol = protocol;
}

void
known_servers_forget(struct known_servers *servers, const char *name, unsigned port, unsigned offers)
{
    uint64_t key = key_of(name, port, offers);

    if (servers->rows[key % KNOWN_SERVERS].key == key)
        servers->rows[key % KNOWN_SERVERS].key = 0;
}
