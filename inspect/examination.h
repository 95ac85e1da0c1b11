/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXAMINATION_H
#define SAMLTAP_EXAMINATION_H

#include "examine.h"

/*
 * Examines a recording, exchange by exchange: one report for each sign-in in it, for each message that belongs
 * to none, and one when there is nothing at all.
 *
 *     for each exchange: examination_take(…);
 *     examination_end(…);
 *     while ((report = examination_next(…)) != NULL) …        // also in between
 *
 * What is wrong with the file is often known at its end only, so the reports are held back until then, but never
 * more than EXAMINATION_MAX_HELD or EXAMINATION_MAX_BYTES of them.
 */
struct examination;
struct past;

enum { EXAMINATION_MAX_HELD = 64, EXAMINATION_MAX_BYTES = 16 * 1024 * 1024 };

/* Gives a new one, or NULL when memory is out. Borrows the settings. */
struct examination *examination_new(const struct settings *settings, struct str input_name);
void examination_free(struct examination *examination); /* NULL is fine */

/* Several recordings of one run share what was seen before (borrowed); by default each has its own. */
void examination_share(struct examination *examination, struct past *past);

/*
 * Looks for keys of an OpenID provider in an exchange: an application may fetch them when it has the token
 * already, so who can read the recording twice shows it first.
 */
void examination_note_keys(struct examination *examination, const struct exchange *exchange);

/* Examines the next exchange, which is copied. Returns false when memory is out. */
bool examination_take(struct examination *examination, const struct exchange *exchange) CHECK_RESULT;

/* The recording is at its end. problem: what is wrong with it, for the reports; absent: nothing. */
void examination_end(struct examination *examination, const char *kind, struct str problem);

/* Gives the next report that may go out, with a reference, or NULL. */
struct report *examination_next(struct examination *examination);

/* Reports that went out before the end, and so without the problem. */
size_t examination_early(const struct examination *examination);

/*
 * Examines what a file holds: recognises it, gives one report for each sign-in or message in it
 * (at least one, unless the input is none of the known kinds: then *count is 0 and *problem (lives
 * in *keep, an arena the caller frees) says what it looks like). past (may be NULL): what was seen in other input;
 * what is seen in this is noted there.
 */
struct report **examine_input(const struct settings *settings, struct past *past, struct str bytes,
                              struct str input_name, size_t *count, struct arena **keep, struct str *problem);

#endif
