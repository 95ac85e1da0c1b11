/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_KEYS_H
#define SAMLTAP_KEYS_H

#include "arena.h"
#include "dsig_types.h"

/*
 * Keys that the user trusts for signatures, and private keys for decryption. Owns its OpenSSL
 * objects; made once, then read-only, so several examinations may share it.
 */
struct key_set;

struct key_set *key_set_new(void);

/* Takes the set (NULL is fine); private keys are wiped. */
void key_set_free(struct key_set *keys);

/*
 * Adds every certificate or public key of PEM text, or one DER certificate, or bare base64 of one.
 * source names the file in facts (copied). entity_id: the entity it belongs to, absent for any.
 * Returns how many were added; 0 and *why (static text) when there was none.
 */
size_t key_set_add_trusted(struct key_set *keys, struct str bytes, struct str source, struct str entity_id,
                           const char **why);

/* Adds one DER certificate from metadata. expired ones count: metadata certificates are key containers. */
bool key_set_add_certificate(struct key_set *keys, struct str der, struct str source, struct str entity_id);

/*
 * Adds a private key for decryption: PEM or DER (PKCS#8, PKCS#1, SEC1) or PKCS#12, passphrase may be absent.
 * Returns false and *why (static text) when it cannot be used.
 */
bool key_set_add_decryption(struct key_set *keys, struct str bytes, struct str passphrase, const char **why);

size_t key_set_trusted_count(const struct key_set *keys);
size_t key_set_decryption_count(const struct key_set *keys);

/* Facts of the i-th trusted key, and the entity it belongs to (absent: any). Borrowed from the set. */
const struct certificate_facts *key_set_trusted(const struct key_set *keys, size_t i);
struct str key_set_trusted_entity(const struct key_set *keys, size_t i);

/* Reads a DER certificate into facts whose text lives in the arena. Never fails: see facts.parsed. */
void certificate_read(struct arena *arena, struct str der, struct str source, struct certificate_facts *facts);

#endif
