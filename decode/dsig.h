/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DSIG_H
#define SAMLTAP_DSIG_H

#include "keys.h"
#include "stopwatch.h"
#include "xml.h"

/*
 * The restricted verifier (saml-verification 4): every ds:Signature of a document as facts. A
 * reference is never resolved: it must name the parent of its signature, and that parent is hashed.
 */

struct dsig_options {
    const struct key_set *keys; /* NULL: none */
    bool second_opinion;
    bool explain;
    const struct stopwatch *stopwatch; /* ends explanations after DSIG_EXPLAIN_US; NULL: counted work alone does */
    bool keep_canonical;
    const struct str *candidates;
    size_t candidate_count;
    const struct dsig_earlier *earlier; /* newest first; few, each is parsed when a digest fails */
    size_t earlier_count;
    const struct str *duplicate_ids; /* IDs that stand in the message more than once */
    size_t duplicate_id_count;
};

/*
 * Work that is left for one message, counted; starts at dsig_full_budget. Verifying and explaining have each their own,
 * so that to explain never keeps from verifying. A unit of work is about what hashing one byte costs.
 */
struct dsig_budget {
    size_t bytes; /* canonicalised or walked, to verify */
    unsigned canonicalisations;
    unsigned verifications; /* key operations */
    size_t work;            /* units, to explain */
    int64_t until_us;       /* by the stopwatch; 0: no explanation was begun */
};

/* saml-verification 5.2, 8.3: 500 canonicalisations or 200 ms of work for one message, whichever is first. */
enum { DSIG_EXPLAIN_US = 200000, DSIG_EXPLAIN_CANONICALISATIONS = 500 };
extern const struct dsig_budget dsig_full_budget;

struct dsig_list {
    struct dsig_signature *items;
    size_t count;
    size_t capacity;
};

/*
 * Appends the signatures of document, in document order. Facts live in the document's arena and
 * borrow from the key set. Returns false when the arena is exhausted. Leaves OpenSSL's error queue
 * empty.
 */
bool dsig_read(struct xml_document *document, const struct dsig_options *options, struct dsig_budget *budget,
               struct dsig_list *list);

/* Process-wide set-up of the second engine. Returns false and *why. */
bool dsig_library_init(const char **why);
void dsig_library_cleanup(void);

#endif
