/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_FORM_H
#define SAMLTAP_LAB_FORM_H

#include "exchange.h"

/*
 * The first field of that name in application/x-www-form-urlencoded text (a body or a query),
 * decoded into the arena: as service providers read it, without repairs. Absent when there is none or
 * its percent-encoding is broken.
 */
struct str form_field(struct arena *arena, struct str text, const char *name);

/* Path and query of a request target; the query is absent when there is none. */
struct str form_path(struct str target);
struct str form_query(struct str target);

/* The cookie of that name; borrowed from the headers. */
struct str form_cookie(const struct headers *headers, const char *name);

#endif
