/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_H
#define SAMLTAP_LIVE_H

#include "ca_store.h"
#include "live_end.h"
#include "live_plan.h"

/*
 * The running proxy: CA, relay and desk on one event loop, with the signals of a program that runs
 * until it is told to end. `samltap proxy` is this; `samltap lab` adds a practice ground behind it.
 */
struct live;

/* Opens the CA, binds the port, starts the desk. NULL, *why (malloc'd) and *code (enum exit_code). */
struct live *live_new(const struct live_options *options, int *code, char **why);

/* Runs until SIGINT, SIGTERM, live_stop or the desk's refusal of its options. Returns an enum exit_code. */
int live_run(struct live *live);

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
