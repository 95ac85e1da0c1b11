/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DSIG_GUESS_H
#define SAMLTAP_DSIG_GUESS_H

#include "dsig_edit.h"
#include "dsig_work.h"

/*
 * Proof by digest (saml-verification 5.2): the hash that the signer made is known, so a guess at what was
 * done to the signed bytes is proved when undoing it gives that hash. The same machine serves the digest of
 * an element and, when an RSA key gives the signed hash back, SignedInfo.
 */
struct guess {
    struct dsig_work *work;
    const char *hash;  /* OpenSSL's name */
    struct str wanted; /* what the signer's bytes hash to */
    struct str base;   /* canonical text to edit: as it is now, or with a first edit undone */
    struct buf first;  /* with the first edit of a pair undone */
    struct buf edited;
    enum dsig_cause prior; /* the first edit of a pair; DSIG_CAUSE_NONE: there is none */
    struct str prior_words;
    bool found;
    enum dsig_cause cause;
    enum dsig_cause also; /* the second of a pair */
    struct str detail;
    size_t floor; /* work that the running guesses must leave */
    bool idle;    /* the share of the running guesses is used up */
    bool late;    /* the time is up: nothing goes on */
    bool stopped; /* a guess was not made, because it would have cost more than is left */
};

/* base and wanted are borrowed; hash is a name of the tables. */
void guess_init(struct guess *guess, struct dsig_work *work, const char *hash, struct str wanted, struct str base);
void guess_release(struct guess *guess);

/*
 * What a byte costs, in units of work, as measured: copying it with something left out, hashing it otherwise than
 * the tables' commonest hash, reading it token by token to edit it, parsing it.
 */
enum { GUESS_COPY = 1, GUESS_HASH = 3, GUESS_WALK = 4, GUESS_PARSE = 25 };

/*
 * Takes units of work from the budget. Returns false when they are not there, or the time is up: the guess is not made
 * then, and no further one of the running share (guess_goes_on()).
 */
bool guess_spend(struct guess *guess, size_t units);

/* Nothing is found yet, and the running guesses have something left. */
static inline bool
guess_goes_on(const struct guess *guess)
{
    return !guess->found && !guess->idle && !guess->late;
}

/* The guesses from here on have a share of their own: they must leave so much. */
void guess_share(struct guess *guess, size_t floor);

/* True when bytes have the wanted hash. Charges the budget. */
bool guess_is(struct guess *guess, struct str bytes);

/* True when guess->edited holds the signed bytes. */
bool guess_edited_is(struct guess *guess);

/* The cause is found. detail is one line in the arena. */
void guess_settle(struct guess *guess, enum dsig_cause cause, struct str detail);

/* H4, H5, H6, H8, H9: one rule over the whole text undone. */
void guess_text_edits(struct guess *guess);

/* H7: namespace declarations of the root, lost or added around it. */
void guess_namespaces(struct guess *guess);

/* H10: one value replaced, by one of the candidates or by a variant of itself. */
void guess_replacements(struct guess *guess, const struct str *candidates, size_t count);

/* H11: an element, attribute, comment or processing instruction put in; or a known empty element taken out. */
void guess_removals(struct guess *guess);

/* Two of the above, the first a rule over the whole text. */
void guess_pairs(struct guess *guess, const struct str *candidates, size_t count);

/*
 * Values that stand in the document, each once, appended to list (room for max, *count used): candidates for
 * a value that was replaced by another one of the same message.
 */
void guess_values_of(const struct xml_document *document, struct str *list, size_t *count, size_t max);

#endif
