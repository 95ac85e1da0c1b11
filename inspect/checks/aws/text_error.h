/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TEXT_ERROR_H
#define SAMLTAP_TEXT_ERROR_H

#include "aws_check.h"

/*
 * Errors that show as text alone: what the AWS CLI prints, a line of an event log, a sentence of a
 * console. The row "error-text" reads the text, and reports whichever row it belongs to.
 */

/* run of those rows: nothing, "error-text" reports them. */
void text_error_reported_elsewhere(struct check_run *run, const struct check *check);

/* What all rows have in common. */
#define TEXT_ERROR_ROW                                                                                                 \
    .subject = CHECK_TEXT, .profiles = PROFILE_ANY, .rank = RANK_SYMPTOM, .confidence = CONFIDENCE_LIKELY,             \
    .spec = "-", .follows = "", .run = text_error_reported_elsewhere

#endif
