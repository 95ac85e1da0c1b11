/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SAML_H
#define SAMLTAP_SAML_H

#include "arena.h"
#include "keys.h"
#include "saml_types.h"
#include "xml_status.h"

struct jwk_set;

struct saml_options {
    const struct key_set *keys;             /* trusted and decryption keys; NULL: none */
    const struct jwk_set *jwks;             /* keys of the OpenID provider, for its tokens; NULL: none */
    const struct jwk_set *const *seen_jwks; /* key sets that were seen in the same traffic */
    size_t seen_jwks_count;
    bool second_opinion;               /* also ask xmlsec1 */
    bool explain;                      /* look for the proven cause of a failed digest or value */
    const struct stopwatch *stopwatch; /* for that, see dsig_options; NULL: it is not timed */
    bool keep_canonical;               /* keep the bytes that were hashed, for evidence */
    /* Values that may have stood in the message before somebody changed it (ACS URL, entity IDs, …). */
    const struct str *candidates;
    size_t candidate_count;
    /* Messages seen before on the way of this one, newest first: the best evidence when a digest fails. */
    const struct dsig_earlier *earlier;
    size_t earlier_count;
    /* Names of fields that carry a message here, besides those of the bindings. */
    const struct str *param_names;
    size_t param_name_count;
};

/*
 * Reads decoded bytes: parse (the XML door), facts, signatures, decryption. Gives the facts (in the
 * arena), or NULL with *status saying why (also when it is XML but the document element is nothing
 * we know: then status is XML_OK and kind MESSAGE_UNKNOWN is returned, not NULL).
 * xml must stay alive as long as the facts. Leaves OpenSSL's error queue empty. Any bytes are fine.
 */
struct saml_message *saml_read(struct arena *arena, struct str xml, const struct saml_options *options,
                               struct xml_status *status);

/* Process-wide set-up of libxml2 and xmlsec; once, before any thread. Returns false and *why. */
bool saml_library_init(const char **why);
void saml_library_cleanup(void);

/* The XML indented for people. Never fails: returns the bytes as they are when they do not parse. */
struct str saml_pretty(struct arena *arena, struct str xml);

#endif
