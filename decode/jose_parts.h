/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JOSE_PARTS_H
#define SAMLTAP_JOSE_PARTS_H

#include "jwt.h"

/* Shared by jwt.c, jws.c and jwe.c; nobody else includes this. */

enum { JWT_MAX_PARTS = 5 };

struct jwt_parts {
    struct str encoded[JWT_MAX_PARTS];
    struct str decoded[JWT_MAX_PARTS];
};

/* Fills signature, signed_by, would_verify, keys_…, key_algorithm_differs and detail of a JWS with its claims. */
void jws_verify(struct arena *arena, struct jwt *jwt, const struct jwt_parts *parts, const struct jwt_options *options);

/* Fills decryption, payload and detail of a JWE. */
void jwe_decrypt(struct arena *arena, struct jwt *jwt, const struct jwt_parts *parts,
                 const struct jwt_options *options);

#endif
