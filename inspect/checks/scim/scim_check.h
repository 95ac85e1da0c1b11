/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SCIM_CHECK_H
#define SAMLTAP_SCIM_CHECK_H

#include "check.h"
#include "scim_types.h"

/* What the checks of this folder share. */

#define SCIM_GUIDE "IAM Identity Center SCIM Implementation Developer Guide (read 2026)"
#define SCIM_TRAIL "AWS, \"Logging IAM Identity Center SCIM API calls with AWS CloudTrail\" (read 2026)"
#define SCIM_TROUBLE "IAM Identity Center User Guide, \"Troubleshooting IAM Identity Center issues\" (read 2026)"
#define SCIM_TUTORIALS "IAM Identity Center User Guide, identity provider tutorials (read 2022)"
#define SCIM_RFCS "RFC 7643, RFC 7644 (2015)"

/* The short fields of a row, each by the tail of its constant. */
#define SCIM_ROW(check_id, how_bad, explains, fixer, rests_on, sure, headline)                                         \
    .id = (check_id), .severity = SEVERITY_##how_bad, .subject = CHECK_SCIM, .profiles = PROFILE_ANY,                  \
    .rank = RANK_##explains, .owner = OWNER_##fixer, .standing = STANDING_##rests_on, .confidence = CONFIDENCE_##sure, \
    .title = (headline)

#define SCIM_NOT_STORED "The request was not carried out: the user or group is not as the identity provider wants it."

/* The message; never NULL in a check of CHECK_SCIM. */
static inline const struct scim_message *
scim_of(const struct check_run *run)
{
    return run->message->scim;
}

/* True when the server is IAM Identity Center, by its host name or by the profile in force. */
bool scim_is_aws(const struct check_run *run);

/*
 * True when AWS's limits explain something: the server is AWS, and it refused the content of the request
 * (400), or its answer was not seen. What it accepted needs no lint.
 */
bool scim_is_judged(const struct check_run *run);

/* True when the server's detail holds text (ASCII case ignored). */
bool scim_said(const struct check_run *run, const char *text);

/* True for a user that is created or replaced as a whole. */
bool scim_writes_user(const struct check_run *run);

/* The first 200 bytes of an untrusted value, for a sentence. */
struct str scim_clip(struct str text);

/* Adds a finding: lead, and then the server's status and sentence when it answered. */
struct finding *scim_report(struct check_run *run, const struct check *check, struct str lead);

#endif
