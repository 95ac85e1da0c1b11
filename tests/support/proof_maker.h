/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_PROOF_MAKER_H
#define SAMLTAP_TESTS_PROOF_MAKER_H

#include "dsig_types.h"
#include "saml_reading.h"

/*
 * The corpus of explained failures (saml-verification 5.2, 5.3): a message signed in one of many ways, one
 * thing done to it afterwards, and the label that the verifier must find.
 */

enum proof_c14n { PROOF_EXC, PROOF_EXC_COMMENTS, PROOF_INC, PROOF_INC11, PROOF_C14N_COUNT };

/* How a message is signed. */
struct proof_way {
    const char *element; /* "Assertion" or "Response" */
    const char *key;     /* as in saml_maker.h */
    const char *method;
    const char *digest;
    enum proof_c14n c14n;
};

/* All ways: element × algorithm × canonicalisation. */
size_t proof_way_count(void);
struct proof_way proof_way(size_t number);

/* What was done, and the truth about it. */
struct proof_row {
    const char *name;
    enum dsig_cause cause;
    const char *words;         /* part of the detail */
    const char *template_from; /* before signing: replaced in the template; NULL: nothing */
    const char *template_to;
    void (*prepare)(struct reading *); /* on the template, after that; NULL: nothing */
    const char *from;                  /* after signing; NULL: nothing */
    const char *to;
    void (*edit)(struct reading *); /* after that; NULL: nothing */
    const char *sign;               /* more words of <?sign?>; OTHER stands for the ID of the other element */
    enum dsig_cause also;           /* the second of a pair */
    unsigned c14ns;                 /* bit set of 1 << enum proof_c14n; 0: all */
    bool everywhere;                /* every `from` (and template_from), not only the first */
    bool only_assertion;            /* the row makes no sense for a signed Response */
};

extern const struct proof_row proof_digest_rows[];
extern const size_t proof_digest_row_count;

/*
 * Makes the message of a row, signed that way, into reading->xml. signed_xml (may be NULL) gets the message
 * as it was signed. Fails the test when an edit finds nothing.
 */
void proof_make(struct reading *reading, const struct proof_way *way, const struct proof_row *row,
                struct str *signed_xml);

/* The template of a way, without any row: for edits of one's own. Borrowed from the reading's arena. */
struct str proof_template(struct reading *reading, const struct proof_way *way, const char *sign);

/* Values that the receiver expects: given to the verifier as candidates. */
extern const struct str proof_candidates[];
extern const size_t proof_candidate_count;

#endif
