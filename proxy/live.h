/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_H
#define SAMLTAP_LIVE_H

#include "ca_store.h"
#include "options.h"
#include "relay.h"

/*
 * The running proxy: CA, relay and desk on one event loop, with the signals of a program that runs
 * until it is told to end. `samltap proxy` is this; `samltap lab` adds a practice ground behind it.
 */
struct live;

struct live_options {
    const struct options *options;
    /* In addition to what the options say; all borrowed. */
    const struct connect_to *connect_to;
    size_t connect_to_count;
    struct str extra_upstream_ca; /* PEM, trusted for hosts below extra_upstream_suffix */
    const char *extra_upstream_suffix;
    const char *const *metadata; /* files that the desk reads too, NULL-terminated; NULL none */
    /* Called once, when the relay listens and the desk has read its options. */
    void (*on_ready)(struct live *live, void *data);
    void *data;
};

/* Opens the CA, binds the port, starts the desk. NULL, *why (malloc'd) and *code (enum exit_code). */
struct live *live_new(const struct live_options *options, int *code, char **why);

/* Runs until SIGINT, SIGTERM, live_stop or the desk's refusal of its options. Returns an enum exit_code. */
int live_run(struct live *live);

/*
 * Begins the end: no new connections; open ones get up to 2 s; then the desk examines what is queued.
 * The code that live_run returns is the desk's unless this one is worse (not EXIT_PASS).
 */
void live_stop(struct live *live, int code);

void live_free(struct live *live); /* NULL is fine */

struct event_base *live_base(const struct live *live);
unsigned live_port(const struct live *live); /* of the first way in */
/* What the relay was started with; its ways in and their ports. */
const struct relay_options *live_relay_options(const struct live *live);
unsigned live_way_port(const struct live *live, size_t way);
const struct ca_store *live_ca(const struct live *live);
const struct options *live_given_options(const struct live *live);
/* The directory of the CA and the journal. */
const char *live_state_directory(const struct live *live);

#endif
