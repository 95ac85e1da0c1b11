/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_JWT_MAKER_H
#define SAMLTAP_TESTS_JWT_MAKER_H

#include <openssl/evp.h>

#include "arena.h"

/* Makes tokens and key sets for tests, with the keys of saml_maker.h. Independent of decode/ on purpose. */

/* Signs: header and claims are JSON. alg: RS256, RS384, PS256, ES256, EdDSA; none and HS256 give an empty signature. */
struct str jwt_maker_sign(struct arena *arena, const char *key, const char *alg, struct str header, struct str claims);

/* A JWKS with the public keys of these names, blank separated; the name is the kid. */
struct str jwt_maker_jwks(struct arena *arena, struct str names);

/* base64url without padding. */
struct str jwt_maker_base64url(struct arena *arena, const void *bytes, size_t len);

/*
 * Replaces each {{jwt KEY ALG CLAIMS}} in text by a token whose kid is KEY, and each {{jwt-kid KID KEY ALG
 * CLAIMS}} by one with that kid. Gives text itself when there is none.
 */
struct str jwt_maker_fill(struct arena *arena, struct str text);

#endif
