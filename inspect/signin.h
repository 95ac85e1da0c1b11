/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SIGNIN_H
#define SAMLTAP_SIGNIN_H

#include "clocks.h"
#include "context.h"
#include "dsig_types.h"
#include "signin_types.h"

/* Open and recent sign-ins; bounded (256), oldest done ones go first. One thread. */
struct signin_table;
struct past;

struct signin_table *signin_table_new(const struct settings *settings);
void signin_table_free(struct signin_table *table);

/* Keeps the key set of an OpenID provider that the exchange answers with, if it does; bounded. */
void signin_note_keys(struct signin_table *table, const struct exchange *exchange);

/* The key sets kept, newest first; borrowed until the next note. NULL is an empty table. */
const struct jwk_set *const *signin_keys(const struct signin_table *table, size_t *count);

/*
 * Notes the clocks that a report which was joined shows (signin may be NULL), and what they say about the answer in it. Gives a view in
 * the report's arena, or NULL when there is no answer in it.
 */
const struct clock_view *signin_clocks(struct signin_table *table, const struct report *report,
                                       const struct signin *signin);

/* The same for what was seen before it; see past_view_of. */
const struct past_view *signin_past(struct signin_table *table, const struct report *report,
                                    const struct signin *signin);

/* From now on looks for what was seen before in this memory (borrowed): several files of one run share it. */
void signin_table_share(struct signin_table *table, struct past *past);

/* The open sign-in whose AuthnRequest had that ID, or NULL. Borrowed. */
const struct signin *signin_by_request(const struct signin_table *table, struct str request_id);

/*
 * Joins a fresh report (messages decoded, not yet judged) to its sign-in, opening one when needed.
 * Called by examine_exchange. Returns the sign-in or NULL when the exchange belongs to none.
 */
struct signin *signin_join(struct signin_table *table, struct report *report);

/*
 * Moves the clock: sign-ins that waited long enough (portal 5 s, no answer 120 s) become done.
 * Gives the next sign-in that became done since the last call and was not given yet, or NULL. The
 * caller prints signin->response (or ->request) and goes on until NULL.
 */
const struct signin *signin_next_done(struct signin_table *table, int64_t now_ms);

/* The report that tells the story of a sign-in: of the Response, else of the page, else of the request. */
struct report *signin_report(const struct signin *signin);

/* Copies what is known into an arena; the copy refers to no reports. NULL when memory is out. */
const struct signin *signin_snapshot(struct arena *arena, const struct signin *signin);

/* Request IDs that are open: appends at most max to ids, newest first; returns how many. Borrowed. */
size_t signin_open_requests(const struct signin_table *table, struct str *ids, size_t max);

/*
 * Messages seen before, newest first: first those of pages that wait to be posted, then those of the last
 * sign-ins. Appends at most max to earlier; returns how many. Words live in arena, the rest is borrowed.
 */
size_t signin_earlier_messages(const struct signin_table *table, struct arena *arena, struct dsig_earlier *earlier,
                               size_t max);

/* Finishes everything that is open (end of a file, end of the program). */
void signin_finish_all(struct signin_table *table);

const char *outcome_name(enum outcome outcome); /* "refused" … */

#endif
