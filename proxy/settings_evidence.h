/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SETTINGS_EVIDENCE_H
#define SAMLTAP_SETTINGS_EVIDENCE_H

#include "context.h"
#include "options.h"

/*
 * Reads every file that the options name about AWS's own state (users, assignments, roles, CloudTrail)
 * into settings->evidence, NULL when none is named; metadata inside an IAM SAML provider joins the
 * metadata of settings, as a trusted identity provider. Call it after settings_read_files. Returns false
 * and *why (malloc'd) at the first file that cannot be used.
 */
bool settings_read_evidence(struct settings *settings, const struct options *options, char **why);

#endif
