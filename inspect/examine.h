/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXAMINE_H
#define SAMLTAP_EXAMINE_H

#include "check.h"
#include "find.h"
#include "report.h"
#include "signin.h"

struct past;

/*
 * Examines an exchange. table may be NULL (no joining). The exchange is copied. Gives a report with
 * one reference, or NULL when memory is out. Bounded time and memory for any input.
 */
struct report *examine_exchange(const struct settings *settings, struct signin_table *table,
                                const struct exchange *exchange, struct str input_name);

/* Worth a report of its own though it belongs to no sign-in: a trouble, or a message that is not merely in order. */
bool examine_stands_alone(const struct report *report);

/*
 * Recognises what a file holds. Gives a report that owns it, not examined yet, with *input (in the report's
 * arena; INPUT_UNKNOWN when it is none of the known kinds), or NULL when memory is out.
 */
struct report *examine_open(const struct settings *settings, struct str bytes, struct str input_name,
                            struct input *input);

/*
 * Examines input in which there is no message as the text of errors (bytes are borrowed). Returns false, and leaves
 * the report as it was, when none is known in it.
 */
bool examine_text(struct report *report, struct str bytes);

/*
 * Examines what was given by options alone, metadata and lists: what will fail before anybody signs in. name stands
 * where a report names its input. Gives a report with one reference, or NULL when memory is out.
 */
struct report *examine_setup(const struct settings *settings, struct str name);

/* Examines the bare messages of an opened report; past (may be NULL) is what was seen in other input. */
void examine_bare(struct report *report, const struct input *input, struct past *past);

/* A report of an input in which there is no message, examined. NULL when memory is out. */
struct report *examine_nothing(const struct settings *settings, struct str input_name);

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
