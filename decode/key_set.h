/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_KEY_SET_H
#define SAMLTAP_KEY_SET_H

#include <openssl/evp.h>

#include "keys.h"

/* The inside of a key set, for the verifier and the decryptor. Read-only once it is in use. */

struct trusted_key {
    EVP_PKEY *key;
    struct certificate_facts facts; /* in the set's arena */
    struct str entity_id;           /* absent: any */
};

struct key_set {
    struct arena *arena;
    struct trusted_key *trusted;
    size_t trusted_count;
    size_t trusted_capacity;
    EVP_PKEY **decryption;
    size_t decryption_count;
    size_t decryption_capacity;
};

#endif
