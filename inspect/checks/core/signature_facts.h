/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CHECKS_CORE_SIGNATURE_FACTS_H
#define SAMLTAP_CHECKS_CORE_SIGNATURE_FACTS_H

#include "facts.h"

/* The value verifies, but only under the key that the message carries: another key than the trusted one signed. */
bool signature_by_other_key(const struct dsig_signature *signature);

/* A sentence about a proven cause; one that says that the cause is not known for DSIG_CAUSE_NONE. */
const char *signature_cause_words(enum dsig_cause cause);

/* What a deviation of shape is, as a clause. */
const char *signature_problem_words(enum dsig_problem problem);

/* The certificate to talk about: of the key that verified, else the first in KeyInfo, else NULL. */
const struct certificate_facts *signature_certificate(const struct dsig_signature *signature);

#endif
