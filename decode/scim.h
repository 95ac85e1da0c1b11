/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SCIM_H
#define SAMLTAP_SCIM_H

#include "find.h"
#include "scim_types.h"

/*
 * Appends the exchange as a message when it is a SCIM request: by the media type application/scim+json,
 * by schemas of SCIM in a JSON body, or by a path "…/scim/v2/Users" together with a bearer token or
 * JSON. A page about SCIM is none. Returns false only when the arena is exhausted.
 */
bool scim_find(struct arena *arena, const struct exchange *exchange, struct messages *out) CHECK_RESULT;

/*
 * Appends a bare JSON document when its schemas are SCIM's: a user, a group, a PATCH request, a list or an
 * error. Returns false only when the arena is exhausted.
 */
bool scim_find_json(struct arena *arena, struct str text, struct messages *out) CHECK_RESULT;

/* The two bodies, for scim_find and tests: request into *scim, answer into *scim. Any bytes are fine. */
bool scim_read_request(struct arena *arena, struct str body, struct scim_message *scim) CHECK_RESULT;
bool scim_read_answer(struct arena *arena, struct str body, struct scim_message *scim) CHECK_RESULT;

#endif
