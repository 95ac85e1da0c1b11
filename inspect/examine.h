/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXAMINE_H
#define SAMLTAP_EXAMINE_H

#include "check.h"
#include "report.h"
#include "signin.h"

/*
 * Examines an exchange. table may be NULL (no joining). The exchange is copied. Gives a report with
 * one reference, or NULL when memory is out. Bounded time and memory for any input.
 */
struct report *examine_exchange(const struct settings *settings, struct signin_table *table,
                                const struct exchange *exchange, struct str input_name);

/* Worth a report of its own though it belongs to no sign-in: a trouble, or a message that is not merely in order. */
bool examine_stands_alone(const struct report *report);

/*
 * Examines what a file holds: recognises it, gives one report for each sign-in or message in it
 * (at least one, unless the input is none of the known kinds: then *count is 0 and *problem (lives
 * in *keep, an arena the caller frees) says what it looks like).
 */
struct report **examine_input(const struct settings *settings, struct str bytes, struct str input_name, size_t *count,
                              struct arena **keep, struct str *problem);

/*
 * The outcome is known: keeps a snapshot of the sign-in in the report, runs the checks that look at
 * sign-ins and decides again. Called by examine_next_done.
 */
void examine_outcome(struct report *report, const struct signin *signin);

/* signin_next_done, with the outcome examined and written into the sign-in's report. */
const struct signin *examine_next_done(struct signin_table *table, int64_t now_ms);

/* Ranks, suppresses echoes, decides the verdict and writes the summary. Idempotent. */
void verdict_decide(struct report *report);

const char *verdict_name(enum verdict verdict); /* "pass" … */
int verdict_exit_code(enum verdict verdict);    /* 0, 1, 5 (DESIGN 5) */

#endif
