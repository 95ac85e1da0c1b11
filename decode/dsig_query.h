/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DSIG_QUERY_H
#define SAMLTAP_DSIG_QUERY_H

#include "message.h"
#include "saml.h"

/*
 * Verifies the signature that stands beside the message in the query (Bind 3.4.4.1) or form
 * (SimpleSign 2.5) over the original octets, with every trusted key; when it fails, tries the
 * variants of saml-verification 2.3 and names the one that verifies as the cause. Does nothing when
 * there is none; options may be NULL. Fills state, cause, trusted_key and key of message->query_signature. Leaves
 * OpenSSL's error queue empty.
 */
void dsig_query_verify(struct arena *arena, const struct saml_options *options, struct message *message);

#endif
