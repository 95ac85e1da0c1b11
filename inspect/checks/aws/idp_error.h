/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_IDP_ERROR_H
#define SAMLTAP_IDP_ERROR_H

#include "aws_check.h"

/*
 * Error pages of identity providers: the user never reaches AWS. Codes and sentences are data;
 * Microsoft warns that texts change, so only the number of a code is matched.
 */

/* The id of the error that a page or sentence of this vendor's family shows; NULL when none is known. */
const char *idp_error_match(struct str text, const char *family, struct str *code);

/*
 * The same with the sentence by which it was recognised: absent when it was a code, or nothing.
 * Borrows from text.
 */
const char *idp_error_match_words(struct str text, const char *family, struct str *code, struct str *words);

/* " Correlation ID 11111111-…." and the like, as found in the page; empty when there is none. In the arena. */
struct str idp_error_ids(struct arena *arena, struct str page);

/* run of every row: reports the row when the sign-in ended at the identity provider with its words. */
void idp_error_signin(struct check_run *run, const struct check *check);

#define MS_CODES "Microsoft Learn, \"Microsoft Entra authentication & authorization error codes\" (read 2026)"

/* What all rows have in common. */
#define IDP_ERROR_ROW                                                                                                  \
    .subject = CHECK_SIGNIN, .profiles = PROFILE_ANY, .rank = RANK_STATUS, .confidence = CONFIDENCE_PROVEN,            \
    .spec = "-", .follows = "", .run = idp_error_signin

#endif
