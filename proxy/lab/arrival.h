/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_ARRIVAL_H
#define SAMLTAP_LAB_ARRIVAL_H

#include "exchange.h"
#include "keys.h"
#include "saml.h"

/*
 * What every service provider does with a posted Response, step by step, each step returning its own
 * first objection. No repairs: what is not right is refused.
 */
struct arrival {
    struct str relay_state;
    const struct saml_message *message;
    const struct saml_assertion *assertion; /* the only one */
};

/* POST, form field SAMLResponse, base64, XML, SAML 2.0 Response with status Success. */
bool arrival_read(struct arena *arena, const struct exchange *request, const struct key_set *trusted,
                  struct arrival *arrival);

/* Exactly one plain assertion of version 2.0 that is a child of the Response. */
bool arrival_one_assertion(struct arrival *arrival);

enum arrival_signature { ARRIVAL_SIGNED, ARRIVAL_UNSIGNED, ARRIVAL_BADLY_SIGNED };

/*
 * The assertion is covered by a trusted signature (its own one, when own is set), and no signature
 * in the message is bad.
 */
enum arrival_signature arrival_signature(const struct arrival *arrival, bool own);

/* Issuer of the assertion, and of the Response when there, is entity_id. */
bool arrival_issuer_is(const struct arrival *arrival, const char *entity_id);

/* There is an AudienceRestriction, and each one names audience. */
bool arrival_audience_is(const struct arrival *arrival, const char *audience);

/*
 * Destination (when there) and the one bearer confirmation's Recipient are acs, and InResponseTo is
 * request_id wherever it stands; absent when request_id is absent.
 */
bool arrival_is_for(const struct arrival *arrival, const char *acs, struct str request_id);

enum arrival_time { ARRIVAL_IN_TIME, ARRIVAL_TOO_EARLY, ARRIVAL_TOO_LATE, ARRIVAL_TIME_MALFORMED };

/* Conditions and confirmation: NotBefore <= now < NotOnOrAfter, times in UTC with "Z"; no skew is allowed. */
enum arrival_time arrival_time(const struct arrival *arrival, int64_t now_ms);

#endif
