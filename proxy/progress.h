/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PROGRESS_H
#define SAMLTAP_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * "trace.har: 1200 of 4800 exchanges" on standard error, only when that is a terminal and the work has
 * gone on for over a second; rewritten in place, and gone when it is done.
 */
struct progress {
    const char *name; /* borrowed; untrusted */
    const char *unit;
    bool terminal;
    bool shown;
    int64_t started_ms, last_ms;
};

void progress_begin(struct progress *progress, const char *name, const char *unit);

/* total 0: not known. */
void progress_step(struct progress *progress, size_t done, size_t total);

/* Takes the line away; before anything else is printed too. */
void progress_end(struct progress *progress);

#endif
