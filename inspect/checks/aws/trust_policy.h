/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TRUST_POLICY_H
#define SAMLTAP_TRUST_POLICY_H

#include "aws_evidence.h"
#include "aws_rules.h"

/* What a role's trust policy says to one assertion, as far as policy and assertion alone can tell. Pure. */

enum trust_answer {
    TRUST_NO_PRINCIPAL, /* no statement names the provider */
    TRUST_NO_ACTION,    /* one does, but allows another action */
    TRUST_CONDITION,    /* a condition does not hold */
    TRUST_DENIED,       /* a Deny statement holds */
    TRUST_NOT_KNOWN,    /* needs what an assertion does not show, or is not understood here */
    TRUST_ALLOWED,
};

struct trust_judgement {
    enum trust_answer answer;
    const struct trust_statement *statement; /* the one that came nearest; NULL: none */
    const struct trust_condition *condition; /* the one that failed or is not known */
    struct str received;                     /* value of the assertion for that condition; absent: it has none */
};

/* May provider be used by this assertion for that action ("sts:TagSession") on the role? */
struct trust_judgement trust_judge(struct arena *arena, const struct iam_role *role,
                                   const struct saml_assertion *assertion, struct str provider, const char *action);

/* IAM's pattern: * any run, ? any character; ASCII case ignored when told. */
bool trust_pattern_matches(struct str pattern, struct str text, bool ignore_case);

#endif
