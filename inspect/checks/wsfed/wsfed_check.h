/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CHECKS_WSFED_CHECK_H
#define SAMLTAP_CHECKS_WSFED_CHECK_H

#include "check.h"

/* What the checks of this folder share. */

#define WS_FEDERATION "OASIS WS-Federation 1.2 (2009)"
#define WS_TRUST "OASIS WS-Trust 1.3 (2007), WS-Trust of February 2005"
#define MS_MWBF "Microsoft open specification MS-MWBF"

/* The short fields of a row, each by the tail of its constant. */
#define WSFED_ROW(check_id, how_bad, explains, fixer, rests_on, sure, headline)                                        \
    .id = (check_id), .severity = SEVERITY_##how_bad, .subject = CHECK_WSFED, .profiles = PROFILE_ANY,                 \
    .rank = RANK_##explains, .owner = OWNER_##fixer, .standing = STANDING_##rests_on, .confidence = CONFIDENCE_##sure, \
    .title = (headline)

/* The parameters; never NULL in a check of CHECK_WSFED. */
static inline const struct wsfed_message *
wsfed_of(const struct check_run *run)
{
    return run->message->wsfed;
}

/* True for wsignin1.0 that asks. */
static inline bool
wsfed_asks(const struct check_run *run)
{
    return !wsfed_of(run)->response && wsfed_of(run)->action == WSFED_SIGN_IN;
}

/* The request that this answers; NULL when none was seen, or this is none. */
static inline const struct wsfed_message *
wsfed_request(const struct check_run *run)
{
    return wsfed_of(run)->response && run->request_message ? run->request_message->wsfed : NULL;
}

#endif
