/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PAST_H
#define SAMLTAP_PAST_H

#include "past_sizes.h"
#include "report.h"
#include "signin_types.h"

/*
 * What was seen before: answers that were posted, requests, identifiers, and who signed in. It is kept over several
 * files of one run, or as long as a proxy runs. Bounded: the oldest go first. IDs are kept as hashes; of names only
 * what a finding has to show. One thread.
 */
struct buf;
struct past;

/* An answer that was posted before, or stood in a file that was given before. */
struct past_use {
    struct str file; /* name of that file; empty: it was posted */
    struct str url;  /* without query */
    struct str client;
    int64_t at_ms;      /* 0: not known */
    unsigned status;    /* of the service provider's answer; 0: none was seen */
    bool accepted;      /* it signed the user in */
    bool same_bytes;    /* the very same message */
    bool same_browser;  /* as far as address and User-Agent tell */
    bool same_response; /* the same Response; else another one with the same assertion */
};

/* A NameID that was given before, held against the one of a LogoutRequest. */
struct past_name {
    struct str value, format, name_qualifier, sp_name_qualifier;
};

/* What the past says about one report. Lives in its arena. */
struct past_view {
    const struct past_use *used;     /* the assertion, or the Response, was posted before; NULL: it was not */
    struct str used_id;              /* its ID */
    const struct past_use *answered; /* another Response to the same request was posted before; NULL: none was */
    int64_t asked_ms;                /* when the request was seen that it answers; 0: it was not */
    bool requests_seen;              /* requests for the same service provider were seen */
    struct str guessed_id;           /* ID of a message in it that can be guessed; absent: none */
    struct str similar_id;           /* from this one, of an earlier message of that sender */
    bool session_known;              /* a LogoutRequest: its SessionIndex was given before */
    const struct past_name *name;    /* of that session, or with that value; NULL: nobody like that signed in here */
};

/* Gives an empty memory, or NULL. */
struct past *past_new(void);
void past_free(struct past *past); /* NULL is fine */

/*
 * Reads what was seen before the messages of a report, and notes them. signin (may be NULL) is the sign-in that it was
 * joined to. Gives a view in the report's arena, NULL when there is no SAML message in it or memory is out.
 */
const struct past_view *past_view_of(struct past *past, const struct report *report, const struct signin *signin);

/*
 * From now on writes down what is noted: posted answers, requests and IDs, as hashes, with URL, client address and time;
 * no names of users. log is borrowed, NULL: no more. It is the caller's to empty it.
 */
void past_write_down(struct past *past, struct buf *log);

/*
 * Notes what such a log says, but not what is older than oldest_ms. Returns false when a part of it is damaged; the
 * records before that are noted.
 */
bool past_recall(struct past *past, struct str log, int64_t oldest_ms);

/* True when one of two IDs of the same sender can be guessed from the other: a counter, or little that differs. */
bool past_ids_are_similar(struct str a, struct str b);

#endif
