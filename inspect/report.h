/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_REPORT_H
#define SAMLTAP_REPORT_H

#include "context.h"
#include "finding.h"
#include "message.h"

struct signin;

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_UNDECIDED };

/*
 * The result of one input: an exchange, a bare message, or a sign-in made of several exchanges.
 * Refcounted; owns its arena, and with it everything it points to.
 */
struct report {
    struct arena *arena;
    unsigned references;
    struct str input;          /* file name, or "connection 7" */
    struct str input_problem;  /* what is wrong with that file though it was read; absent: nothing */
    struct exchange *exchange; /* of this report; NULL for bare input */
    struct messages messages;
    struct context context;   /* of the principal message */
    struct findings findings; /* ranked: items[0] is the first cause when there is an error */
    enum verdict verdict;
    struct str summary;          /* one line */
    const struct signin *signin; /* state of the sign-in when the report was made, NULL when none */
    bool setup;                  /* about a setup, not about a message */
    int principal;               /* index into messages of the one the verdict is about, -1 none */
    struct report *request;      /* report that holds the AuthnRequest of the same sign-in; counted reference */
};

struct report *report_reference(struct report *report);
void report_release(struct report *report); /* NULL is fine */

/*
 * Messages of the report, then those of the request it belongs to: numbers in findings and reports
 * count through both. n is 1-based; NULL past the end. *exchange (may be NULL) gets where it was found.
 */
const struct message *report_message(const struct report *report, size_t n, const struct exchange **exchange);

/* The principal message's facts; NULL when there is none or it could not be read. */
const struct saml_message *report_saml(const struct report *report);

/* True for a message that answers a sign-in, with an assertion or a refusal; also for one that could not be read. */
bool report_is_answer(const struct message *message);

/* The first of those that could be read; NULL when there is none. report may be NULL. */
const struct message *report_first_answer(const struct report *report);

/* True for a message that asks for a sign-in: an AuthnRequest, or wsignin1.0 of WS-Federation. */
bool report_is_request(const struct message *message);

#endif
