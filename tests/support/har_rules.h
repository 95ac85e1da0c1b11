/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HAR_RULES_H
#define SAMLTAP_HAR_RULES_H

#include <jansson.h>

#include "buf.h"

/*
 * What the HTTP Archive 1.2 format demands: members that must be there and their types, times, absolute URLs, and
 * that every member it does not know begins with "_". Appends a line for each breach.
 */
void har_rules_check(const json_t *root, struct buf *breaches);

/*
 * What the importer of the SAML-tracer extension (since 1.0) needs of a file: members and types, ids that differ,
 * URLs whose parameters decode, and messages that it can decode where it decodes them itself.
 */
void tracer_rules_check(const json_t *root, struct buf *breaches);

#endif
