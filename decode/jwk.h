/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JWK_H
#define SAMLTAP_JWK_H

#include <openssl/evp.h>

#include "arena.h"
#include "jose_types.h"

/*
 * JSON Web Keys (RFC 7517, 7518 6, 8037): RSA, EC (P-256, P-384, P-521) and OKP Ed25519. A set owns
 * its OpenSSL objects; made once, then read-only, so several examinations may share it.
 */

enum jwk_type { JWK_OTHER, JWK_RSA, JWK_EC, JWK_OKP };

/* One key of a set. A key that cannot be used stays listed, with the reason. */
struct jwk {
    EVP_PKEY *key; /* NULL: see problem */
    enum jwk_type type;
    bool is_private;
    struct str kid; /* absent: none */
    struct str alg;
    struct str use;
    bool has_operations; /* key_ops is there */
    bool may_verify;     /* by key_ops, true without it */
    bool may_decrypt;
    const char *problem; /* static text; NULL: usable */
};

struct jwk_set;

enum { JWK_MAX_BYTES = 1024 * 1024, JWK_MAX_KEYS = 256, JWK_MIN_RSA_BITS = 2048, JWK_MAX_RSA_BITS = 16384 };

/* Gives an empty set, or NULL. */
struct jwk_set *jwk_set_new(void);

/* Takes the set (NULL is fine); private keys are wiped. */
void jwk_set_free(struct jwk_set *set);

/*
 * Adds every key of a JWKS document, or one JWK. Returns false and *why (static text) when text is
 * neither, or has no key at all; keys that cannot be used are added with their problem.
 */
bool jwk_set_add(struct jwk_set *set, struct str text, const char **why) CHECK_RESULT;

/* Notes that the set was seen in traffic, at this URL (copied, cut at 512 bytes), and not given by the user. */
void jwk_set_seen_at(struct jwk_set *set, struct str url);

/* Where the set was seen; absent: the user gave it. NULL is fine. Borrowed. */
struct str jwk_set_origin(const struct jwk_set *set);

size_t jwk_set_count(const struct jwk_set *set); /* NULL is an empty set */
const struct jwk *jwk_set_at(const struct jwk_set *set, size_t i);

/* Reads the public EC or OKP key of an "epk" header into *key (the caller frees it). */
bool jwk_read_public(struct str json, EVP_PKEY **key) CHECK_RESULT;

/* "P-256" … of an EC key, "Ed25519"; NULL for others. */
const char *jwk_curve(const EVP_PKEY *key);

#endif
