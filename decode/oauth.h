/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_OAUTH_H
#define SAMLTAP_OAUTH_H

#include "find.h"
#include "oauth_types.h"

/*
 * Appends the messages of OAuth 2.0 and OpenID Connect in an exchange to *out: authorization requests
 * and responses in query, form, Location and self-posting pages, token requests and their answers.
 * Names alone make no message: a response needs state and a code or token of the right shape, or an
 * error that is registered. Messages of one exchange refer to each other. Returns false only when the
 * arena is exhausted.
 */
bool oauth_find(struct arena *arena, const struct exchange *exchange, const struct saml_options *options,
                struct messages *out) CHECK_RESULT;

/*
 * The same for parameters that somebody pasted, as the query or fragment of a redirect URL: names say more
 * then. exchange holds what is known of the URL.
 */
bool oauth_find_parameters(struct arena *arena, const struct exchange *exchange, struct str query, bool fragment,
                           const struct saml_options *options, struct messages *out) CHECK_RESULT;

/* Appends a bare compact token, with or without "Bearer" before it and line ends in it; nothing when it is none. */
bool oauth_find_token(struct arena *arena, struct str text, const struct saml_options *options,
                      struct messages *out) CHECK_RESULT;

/*
 * Appends a bare JSON document when it is the answer of a token endpoint, a provider's configuration
 * (OpenID Connect Discovery) or a key set. Keys are told of, never kept.
 */
bool oauth_find_json(struct arena *arena, struct str text, const struct saml_options *options,
                     struct messages *out) CHECK_RESULT;

/*
 * The JSON of a key set (JWKS) that the exchange answers with, in the arena; absent when the answer is
 * nothing like one. It is not parsed here.
 */
struct str oauth_key_set(struct arena *arena, const struct exchange *exchange);

/* True for the error codes of RFC 6749, RFC 6750, RFC 8628 and OpenID Connect. */
bool oauth_is_error(struct str code);

#endif
