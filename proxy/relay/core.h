/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CORE_H
#define SAMLTAP_CORE_H

#include <event2/event.h>

#include "host_table.h"
#include "key_pair.h"
#include "known_servers.h"
#include "leaf.h"
#include "relay_stats.h"
#include "scope.h"
#include "tap.h"
#include "trust.h"
#include "upstream.h"

struct conn;
struct http1_pair;
struct transparent_own;
struct core_retired;

/* One way in, as its connections see it. */
struct way {
    const struct relay_way *rules;
    char address[300]; /* "127.0.0.1:8080": where browsers reach us */
};

/* What the connections of a relay share. Made and freed by relay.c. */
struct core {
    struct event_base *base;
    struct relay_options options; /* defaults filled in */
    struct scope *scope;
    struct leaf_cache *leafs;
    struct key_pair own;     /* that RELAY_REVERSE shows; empty: minted ones */
    struct key_log *key_log; /* NULL: none */
    struct trust *trust;
    struct known_servers known_servers;
    struct upstream_rules upstream_rules;
    struct tap_rules tap_rules;
    struct tap_rules site_rules; /* for what is said to ourselves: tells nothing */
    struct signin_hosts signin_hosts;
    struct transparent_own *own_sockets; /* NULL: no way in is transparent */
    bool told_encrypted_hello;           /* that a name is hidden */
    bool told_quic;                      /* that browsers may go past a transparent way */
    struct host_table tunnels;           /* that passed unopened, and why */
    struct host_table bypassed;          /* that do from now on, by --auto-bypass */
    BIO_METHOD *bio_method;
    char *scratch;                   /* PUMP_SCRATCH bytes for whoever runs now */
    struct http1_pair *connect_pair; /* reads CONNECT heads, one at a time */
    struct conn *conns;              /* all of them, doubly linked */
    unsigned tick;                   /* seconds that the sweep has counted */
    struct event *sweep;             /* runs while there are connections */
    struct core_retired *retired;    /* settings that were replaced and are still in use */
    unsigned generation;             /* of the settings in force */
    uint64_t users;                  /* connections of this generation */
    bool is_draining;                /* no connection is taken any more, and idle ones are closed */
    uint64_t next_exchange;
    struct relay_stats stats;
    /* A connection ended and was freed. */
    void (*on_gone)(void *data);
    void *data;
};

#endif
