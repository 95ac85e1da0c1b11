/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PROTOCOL_H
#define SAMLTAP_PROTOCOL_H

#include "buf.h"
#include "message.h"

struct report;

/* What reports say of messages that are no SAML: OAuth 2.0, OpenID Connect, SCIM. */

/* True when some message is SAML, readable or not. */
bool protocol_holds_saml(const struct messages *messages);

/* How near a message is to the end of a sign-in, on the scale of SAML messages. */
int protocol_weight(const struct message *message);

/* Adds, "; " between them, the reasons why nobody can say that the message is in order. */
void protocol_reasons(const struct message *message, struct buf *reasons);

/* True for a report without SAML in which nothing is odd: shown only when somebody asks. */
bool protocol_is_quiet(const struct report *report);

#endif
