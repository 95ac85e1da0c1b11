/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXAMINE_H
#define SAMLTAP_EXAMINE_H

#include "check.h"
#include "find.h"
#include "signin.h"

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_UNDECIDED };

/*
 * The result of one input: an exchange, a bare message, or a sign-in made of several exchanges.
 * Refcounted; owns its arena, and with it everything it points to.
 */
struct report {
    struct arena *arena;
    unsigned references;
    struct str input;          /* file name, or "connection 7" */
    struct exchange *exchange; /* of this report; NULL for bare input */
    struct messages messages;
    struct context context;   /* of the principal message */
    struct findings findings; /* ranked: items[0] is the first cause when there is an error */
    enum verdict verdict;
    struct str summary;          /* one line */
    const struct signin *signin; /* state of the sign-in when the report was made, NULL when none */
    int principal;               /* index into messages of the one the verdict is about, -1 none */
    struct report *request;      /* report that holds the AuthnRequest of the same sign-in; counted reference */
};

/*
 * Examines an exchange. table may be NULL (no joining). The exchange is copied. Gives a report with
 * one reference, or NULL when memory is out. Bounded time and memory for any input.
 */
struct report *examine_exchange(const struct settings *settings, struct signin_table *table,
                                const struct exchange *exchange, struct str input_name);

/*
 * Examines what a file holds: recognises it, gives one report for each sign-in or message in it
 * (at least one, unless the input is none of the known kinds: then *count is 0 and *problem (lives
 * in *keep, an arena the caller frees) says what it looks like).
 */
struct report **examine_input(const struct settings *settings, struct str bytes, struct str input_name, size_t *count,
                              struct arena **keep, struct str *problem);

struct report *report_reference(struct report *report);
void report_release(struct report *report); /* NULL is fine */

/*
 * Messages of the report, then those of the request it belongs to: numbers in findings and reports
 * count through both. n is 1-based; NULL past the end. *exchange (may be NULL) gets where it was found.
 */
const struct message *report_message(const struct report *report, size_t n, const struct exchange **exchange);

/* The principal message's facts; NULL when there is none or it could not be read. */
const struct saml_message *report_saml(const struct report *report);

/*
 * The outcome is known: keeps a snapshot of the sign-in in the report, runs the checks that look at
 * sign-ins and decides again. Called by the sign-in table.
 */
void examine_outcome(struct report *report, const struct signin *signin);

/* Ranks, suppresses echoes, decides the verdict and writes the summary. Idempotent. */
void verdict_decide(struct report *report);

const char *verdict_name(enum verdict verdict); /* "pass" … */
int verdict_exit_code(enum verdict verdict);    /* 0, 1, 5 (DESIGN 5) */

#endif
