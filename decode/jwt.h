/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JWT_H
#define SAMLTAP_JWT_H

#include "jose_types.h"
#include "jwk.h"
#include "keys.h"

/* What a token is read with; everything may be NULL. */
struct jwt_options {
    const struct jwk_set *verify;      /* the issuer's JWKS, as the user gave it */
    const struct jwk_set *const *seen; /* key sets seen in the same traffic, for what verify does not know */
    size_t seen_count;
    const struct jwk_set *decrypt;      /* private JWKs */
    const struct key_set *private_keys; /* its decryption keys open JWEs, too */
};

/*
 * Reads a compact JWS or JWE (RFC 7515 7.1, 7516 7.1), strictly. Gives facts in the arena for any
 * text, NULL only when the arena refuses. A signature is verified with RS256/384/512, PS256/384/512,
 * ES256/384/512 or EdDSA (Ed25519); none and HS256/384/512 are refused by name. Keys come from options
 * alone: jku, x5u, jwk and x5c are not looked at. A set that was seen can make a signature valid; it can
 * make it invalid only when it comes from the issuer's own host. An encrypted token that opens is read
 * inside, once.
 */
struct jwt *jwt_read(struct arena *arena, struct str text, const struct jwt_options *options);

/* True when text has the look of a compact token: "eyJ", two or four dots, the right alphabet. */
bool jwt_looks_like(struct str text);

const char *jwt_syntax_name(enum jwt_syntax syntax); /* "bad-base64" … */
const char *jws_result_name(enum jws_result result); /* "valid" … */
const char *jwe_result_name(enum jwe_result result); /* "opened" … */

#endif
