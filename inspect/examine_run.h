/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXAMINE_RUN_H
#define SAMLTAP_EXAMINE_RUN_H

#include "report.h"

/*
 * Runs every check that applies to the report's exchange and messages, and to the request of the
 * same sign-in. Sets principal and context. signin may be NULL. watched: traffic before this message
 * was seen, so a request would have been, too. Overrides of severities are applied.
 */
void examine_run_all(struct report *report, const struct signin *signin, bool watched);

/*
 * Runs the checks on texts: bytes are input in which there was no message, log lines for example (borrowed; only the
 * first EXAMINE_TEXT_BYTES). Returns true when something was found.
 */
enum { EXAMINE_TEXT_BYTES = 1024 * 1024 };
bool examine_run_text(struct report *report, struct str bytes);

/* Runs the checks on a setup: on all metadata and lists that were given, without any message. */
void examine_run_setup(struct report *report);

/* Runs the checks on sign-ins; report->signin is set. */
void examine_run_signin(struct report *report);

#endif
