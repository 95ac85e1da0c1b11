/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SAML_ATTACK_H
#define SAMLTAP_SAML_ATTACK_H

#include "saml_types.h"

/*
 * Signature wrapping by name (saml-verification 8.1): what the signature covers, and what readers of
 * other habits would take instead. Facts only: whether anybody meant harm is not known here.
 */

enum saml_attack_kind {
    SAML_ATTACK_XSW1,  /* the signed Response inside its own signature */
    SAML_ATTACK_XSW2,  /* the signed Response beside its signature, inside another Response */
    SAML_ATTACK_XSW3,  /* an Assertion that is not signed before the signed one */
    SAML_ATTACK_XSW4,  /* the signed Assertion inside another one */
    SAML_ATTACK_XSW5,  /* another Assertion carries the signature, the signed one stands beside it */
    SAML_ATTACK_XSW6,  /* like 5, the signed one inside the signature */
    SAML_ATTACK_XSW7,  /* an Assertion that is not signed in Extensions */
    SAML_ATTACK_XSW8,  /* like 6, in a ds:Object */
    SAML_ATTACK_XSW9,  /* several SignedInfo in one signature */
    SAML_ATTACK_OTHER, /* no name: an Assertion that is not signed stands elsewhere */
    SAML_ATTACK_KIND_COUNT,
};

/* How a reader that does not look at the signature finds its Assertion. */
enum saml_habit {
    SAML_HABIT_FIRST_CHILD,
    SAML_HABIT_LAST_CHILD,
    SAML_HABIT_FIRST_ANYWHERE,
    SAML_HABIT_LAST_ANYWHERE,
    SAML_HABIT_FIRST_WITH_ID,
    SAML_HABIT_LAST_WITH_ID,
    SAML_HABIT_COUNT,
};

struct saml_probe {
    bool found;             /* this reader finds an Assertion */
    struct str name_id;     /* what it reads; absent when the Assertion names nobody */
    struct where assertion; /* where */
    bool covered;           /* the signature holds for it */
};

struct saml_attack {
    enum saml_attack_kind kind;
    int signature;               /* index into saml_message.signatures */
    struct where signed_element; /* what its Reference names */
    struct str signed_name_id;   /* absent: none there, or the element was changed so that nobody knows */
    bool proven;                 /* the digest fits that element; otherwise the Reference only names it */
    struct where foreign;        /* the Assertion that was put in, when it alone can be told; else element 0 */
    struct saml_probe probes[SAML_HABIT_COUNT];
};

const char *saml_attack_name(enum saml_attack_kind kind);  /* "XSW3" */
const char *saml_attack_words(enum saml_attack_kind kind); /* "an Assertion that is not signed stands …" */
const char *saml_habit_words(enum saml_habit habit);       /* "the first Assertion of the Response" */

/* The first probe that finds the foreign Assertion, else one that is not covered; NULL: none does. */
const struct saml_probe *saml_attack_misread(const struct saml_attack *attack, enum saml_habit *habit);

#endif
