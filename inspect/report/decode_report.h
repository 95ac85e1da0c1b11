/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DECODE_REPORT_H
#define SAMLTAP_DECODE_REPORT_H

#include "find.h"
#include "reporter.h"

/* One message as found in an input, with what is needed to say where it was. All borrowed. */
struct decoded {
    const struct message *message;
    size_t number;                   /* counted over all inputs, from 1 */
    struct str input;                /* name of the file; untrusted */
    const char *kind;                /* "har", "journal", as input_kind_name() */
    const struct exchange *exchange; /* NULL: a bare message */
    size_t exchange_number;          /* in its input, from 1; 0: none */
    struct str bytes;                /* of the input, when the message is a bare one; absent: not at hand */
};

/* The story of one message without judgement: where, how decoded, XML, facts as tables, certificates. */
void decode_text(struct buf *out, struct arena *arena, const struct decoded *decoded,
                 const struct reporter_options *options);

/*
 * The same as one JSON line, type "message": the objects of a report, with the certificates. Member
 * "bytes": length as found, then after each step; "found_at" and "places": see json_places.h.
 */
void decode_json(struct buf *out, struct arena *arena, const struct decoded *decoded);

/* Who is on either side, as far as this one message tells; .vendor is NULL when it does not. */
void decode_vendors(const struct decoded *decoded, struct vendor_match *idp, struct vendor_match *sp);
/* What is to be said of an input beside its messages. All borrowed. */
struct decoded_input {
    struct str name;         /* untrusted */
    const char *kind;        /* as input_kind_name(); NULL: it could not be read */
    size_t exchanges;        /* that were read from it */
    size_t messages;         /* found in it */
    struct str problem;      /* what is wrong with it, or why it could not be read; absent: nothing. Untrusted */
    size_t unread;           /* exchanges with a body that could not be read, or not to its end */
    struct str first_unread; /* of the first of them: which body, and why. Untrusted */
};

/* True when there is something: a problem, an unread body, or no message. */
bool decoded_input_is_odd(const struct decoded_input *input);

/* The same as text, and as one JSON line, type "input". */
void decode_input_text(struct buf *out, const struct decoded_input *input, const struct reporter_options *options);
void decode_input_json(struct buf *out, const struct decoded_input *input);

/* Where in its input the message was: "request body of exchange 3, POST https://…". In the arena. */
struct str decode_place(struct arena *arena, const struct decoded *decoded);

#endif
