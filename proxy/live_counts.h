/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_COUNTS_H
#define SAMLTAP_LIVE_COUNTS_H

#include <stdbool.h>

struct live;

/* How a running proxy shows what it has counted. */

/* Starts the timer of --stats-interval, in the place of an earlier one. False: no memory. */
bool live_counts_add_timer(struct live *live);

/* Opens the socket of `samltap stats` and the port of --metrics-port. False and *why (malloc'd). */
bool live_counts_serve(struct live *live, char **why);

/* Prints the table to standard error. */
void live_counts_print(const struct live *live);

#endif
