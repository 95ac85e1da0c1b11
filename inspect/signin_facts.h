/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SIGNIN_FACTS_H
#define SAMLTAP_SIGNIN_FACTS_H

#include "message.h"
#include "signin_types.h"

/*
 * What one message or answer tells about a sign-in. These fill fields and never change its state;
 * texts are copied into the sign-in's arena.
 */

void signin_facts_of_request(struct signin *signin, const struct message *message, const struct exchange *exchange);

/* The same of a request of WS-Federation (wsignin1.0). */
void signin_facts_of_wsfed_request(struct signin *signin, const struct message *message,
                                   const struct exchange *exchange);

/* The identity provider's own answer to the request, when this exchange is it: an error page sets the quote. */
void signin_facts_of_idp_answer(struct signin *signin, const struct message *message, const struct exchange *exchange);

/* The key of a sign-in whose request was not seen: from InResponseTo, else from the Response. */
void signin_facts_new_key(struct signin *signin, struct str in_response_to, const struct message *message);

void signin_facts_of_response(struct signin *signin, const struct message *message, const struct exchange *exchange);

/*
 * The answer of the ACS to the POST: status, redirect, quote, outcome. Returns true when the portal's
 * answers must be awaited to know the outcome.
 */
bool signin_facts_of_acs_answer(struct signin *signin, const struct message *message, const struct exchange *exchange);

/* A later exchange of a sign-in that waits for the portal. Returns false when it is none of its business. */
bool signin_facts_of_follow_up(struct signin *signin, const struct exchange *exchange);

#endif
