/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_OIDC_CHECK_H
#define SAMLTAP_OIDC_CHECK_H

#include "check.h"
#include "jwt.h"
#include "oauth_types.h"

/* What the checks of this folder share. */

#define OAUTH_RFCS "RFC 6749 (2012), RFC 9700 (2025)"
#define OIDC_CORE "OpenID Connect Core 1.0 (2014, errata 2)"
#define OAUTH_AND_ENTRA "RFC 6749 (2012); Microsoft Entra authentication and authorization error codes (read 2026)"
#define IDC_OIDC_MODEL "AWS SDK service model of IAM Identity Center OIDC, 2019-06-10"

/* The short fields of a row, each by the tail of its constant. */
#define OIDC_ROW(check_id, how_bad, looks_at, explains, fixer, rests_on, sure, headline)                               \
    .id = (check_id), .severity = SEVERITY_##how_bad, .subject = CHECK_##looks_at, .profiles = PROFILE_ANY,            \
    .rank = RANK_##explains, .owner = OWNER_##fixer, .standing = STANDING_##rests_on, .confidence = CONFIDENCE_##sure, \
    .title = (headline)

/* The message; never NULL in a check of CHECK_OAUTH. */
static inline const struct oauth_message *
oidc_message(const struct check_run *run)
{
    return run->message->oauth;
}

/* The ID token, or the one inside an encrypted one that was opened; NULL when there is none to read. */
const struct jwt *oidc_token(const struct check_run *run);

/* The first 200 bytes of an untrusted value, for a sentence. */
struct str oidc_clip(struct str text);

/* True when the endpoint is IAM Identity Center's own OpenID service, which command line tools use. */
bool oidc_is_identity_center(const struct oauth_message *oauth);

#endif
