/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_SIGN_H
#define SAMLTAP_LAB_SIGN_H

#include <openssl/types.h>

#include "arena.h"

/*
 * An RSA key with a self-signed certificate, and enveloped XML signatures over text that is
 * canonical already (exclusive C14N by construction), so that no XML library is needed.
 */
struct lab_key;

/* Makes an RSA-2048 key whose certificate names common_name and holds from a day before now_s for a year. */
struct lab_key *lab_key_new(const char *common_name, int64_t now_s);

/* Takes the key (NULL is fine). */
void lab_key_free(struct lab_key *key);

/* The certificate, DER in base64 on one line. Borrowed from the key. */
struct str lab_key_certificate(const struct lab_key *key);

/* Borrowed from the key. */
EVP_PKEY *lab_key_pair(const struct lab_key *key);

enum lab_digest { LAB_SHA256, LAB_SHA1 };

/*
 * Signs element, which is the canonical text of one element with the attribute ID="id", and puts
 * ds:Signature at offset at (right behind Issuer). Gives the signed text (in the arena), or the
 * absent str when memory or the algorithm is not there.
 */
struct str lab_sign(struct arena *arena, const struct lab_key *key, enum lab_digest digest, struct str element,
                    size_t at, struct str id);

/* Gives "_" and 32 random hex digits: an xs:ID nobody can guess. Absent when out of memory. */
struct str lab_random_id(struct arena *arena);

#endif
