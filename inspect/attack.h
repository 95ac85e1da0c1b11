/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_ATTACK_H
#define SAMLTAP_ATTACK_H

/*
 * Families of attacks by their public names (saml-verification 8.1, 8.2). A finding that belongs to one says so: a
 * fault of a configuration and an attack leave the same trace, so the words are "has this shape", never "is".
 */

enum attack_family {
    ATTACK_NONE,
    ATTACK_WRAPPING,
    ATTACK_TWO_SIGNED_INFOS,
    ATTACK_EXCLUSION,
    ATTACK_CARRIED_KEY,
    ATTACK_HMAC,
    ATTACK_COMMENT,
    ATTACK_DIGEST_COMMENT,
    ATTACK_DOCTYPE,
    ATTACK_NAMESPACE,
    ATTACK_ENTITY,
    ATTACK_VOID_C14N,
    ATTACK_REFERENCE,
    ATTACK_TRANSFORM,
    ATTACK_SECOND_ASSERTION,
    ATTACK_SECOND_DOCUMENT,
    ATTACK_ENCRYPTION_ALONE,
    ATTACK_VALUE_UNCHECKED,
    ATTACK_PARAMETERS,
    ATTACK_ROUND_TRIP,
    ATTACK_REPLAY,
    ATTACK_INJECTION,
    ATTACK_TWO_KEYS,
    ATTACK_EXTERNAL_ENTITY,
    ATTACK_EXPANSION,
    ATTACK_DEFLATE_BOMB,
    ATTACK_FORGED_REQUEST,
    ATTACK_PADDING_ORACLE,
    ATTACK_TYPE_CONFUSION,
    ATTACK_OPEN_REDIRECT,
    ATTACK_SCRIPT,
    ATTACK_TOKEN,
    ATTACK_FAMILY_COUNT,
};

struct attack {
    const char *id;    /* of the catalogue: "ATK-COMMENT", "XSW" */
    const char *name;  /* "truncation of a value at a comment" */
    const char *known; /* advisories with the software they are about: "CVE-2018-0489, …"; "" when none is listed */
};

/* NULL for ATTACK_NONE and for what is no family. The table is constant. */
const struct attack *attack_of(enum attack_family family);

#endif
