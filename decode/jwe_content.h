/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JWE_CONTENT_H
#define SAMLTAP_JWE_CONTENT_H

#include "arena.h"

/* Content encryption of JWE (RFC 7518 5) and AES key wrap (4.4). */

enum { JWE_MAX_SECRET = 64 };

struct jwe_content {
    const char *name;   /* "A256GCM" */
    const char *cipher; /* as OpenSSL names it */
    const char *digest; /* of the CBC family; NULL: GCM */
    size_t key_bytes;   /* of the whole content key, MAC half included */
};

/* NULL when the algorithm is not known. */
const struct jwe_content *jwe_content_named(struct str name);

/*
 * Checks the tag and decrypts into the arena; aad is the encoded header. False on any failure: bad
 * tag, bad padding and bad lengths are one answer. secret holds key_bytes bytes.
 */
bool jwe_content_open(struct arena *arena, const struct jwe_content *content, const unsigned char *secret,
                      struct str aad, const struct str *parts, struct str *plaintext) CHECK_RESULT;

/* Unwraps (RFC 3394) with a key of 16, 24 or 32 bytes. Returns the length of secret, 0 on failure. */
size_t jwe_key_unwrap(const unsigned char *key, size_t key_bytes, struct str wrapped,
                      unsigned char secret[JWE_MAX_SECRET]);

#endif
