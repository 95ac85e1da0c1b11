/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JSON_PLACES_H
#define SAMLTAP_JSON_PLACES_H

#include <jansson.h>

#include "decode_report.h"

/*
 * Where facts stand in the octets. All functions give a new reference, or NULL when memory is out. Offsets count
 * bytes from 0, lines and columns from 1.
 */

/*
 * "places": one object for each fact that has a place: "fact" (its path in "facts", "assertions[0].name_id"), "xpath",
 * "offset" and "length" of element or attribute in the decoded XML, "value_offset" and "value_length" of the value
 * itself, "line" and "column". Only what is known is written.
 */
json_t *json_places(struct arena *arena, const struct message *message);

/* "at" of a finding: the same members without "fact"; NULL when where has no range in xml. */
json_t *json_at(struct str xml, struct where where);

/*
 * "found_at": in which part of its exchange the message's value stood ("request-target", "request-body",
 * "location", "response-body"; "input" for a bare message), and from which byte of it; NULL when the value was taken
 * out of something that was unpacked before.
 */
json_t *json_found_at(const struct decoded *decoded);

#endif
