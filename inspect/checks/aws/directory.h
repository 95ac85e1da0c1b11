/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DIRECTORY_H
#define SAMLTAP_DIRECTORY_H

#include "aws_check.h"

/*
 * The way from a NameID to accounts in Identity Center, walked through the lists that the user gave:
 * user, state, groups, assignments. It ends at the first thing that is missing, so there is one cause.
 */
struct directory_end {
    const char *id;              /* of the check that has it; NULL: nothing is missing, or it could not be walked */
    const char *not_walked;      /* why not, or not to its end; NULL: walked to the end */
    const struct idc_user *user; /* NULL: not found */
    struct str text;
    struct str expected; /* absent: no comparison */
    struct str received;
    const char *source;
    enum confidence confidence;
};

/* Walks for the assertion of the run. Texts live in the arena of the run. */
struct directory_end directory_walk(const struct check_run *run);

/* The second half: from the user to accounts (assignment.c). */
void directory_walk_access(const struct check_run *run, struct directory_end *end);

/* run of the rows: reports when the walk ended at this check. */
void directory_row(struct check_run *run, const struct check *check);

/* Reports the end of the walk as a finding of that check. */
void directory_report(struct check_run *run, const struct check *check, const struct directory_end *end);

/* Up to 3 names for a sentence, "A, B, C and 4 more"; count is how many there are, names how many are held. */
struct str directory_names(struct arena *arena, const struct str *names, size_t held, size_t count);

#endif
