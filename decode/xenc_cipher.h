/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_XENC_CIPHER_H
#define SAMLTAP_XENC_CIPHER_H

#include <openssl/evp.h>

#include "arena.h"

/* The arithmetic of XML Encryption: key transport by RSA, content by AES or triple DES. */

enum { XENC_MAX_SECRET = 2048 };

struct xenc_cipher {
    const char *uri;
    const EVP_CIPHER *(*cipher)(void);
    size_t key_bytes;
    size_t iv_bytes;
    bool authenticated; /* GCM: a 16 byte tag at the end */
};

/* NULL when the algorithm is not known. */
const struct xenc_cipher *xenc_cipher_find(struct str uri);

struct xenc_transport {
    struct str algorithm;
    struct str digest; /* of OAEP; absent: SHA-1 */
    struct str mask;   /* xenc11:MGF; absent: MGF1 with SHA-1 */
    struct str label;  /* OAEPparams, bytes */
};

/*
 * How many readings of the transport there are: 0 when it is not supported; 2 when writers differ on
 * the mask function (rsa-oaep-mgf1p with a digest other than SHA-1); else 1.
 */
int xenc_mask_count(const struct xenc_transport *transport);

/* Unwraps into secret. Returns its length, 0 on any failure, whatever the reason. */
size_t xenc_unwrap(const struct xenc_transport *transport, int reading, EVP_PKEY *key, struct str wrapped,
                   unsigned char secret[XENC_MAX_SECRET]);

/*
 * Decrypts into the arena. Returns false on any failure: bad padding and a bad tag are one answer.
 */
bool xenc_decrypt(struct arena *arena, const struct xenc_cipher *cipher, const unsigned char *secret,
                  struct str ciphertext, struct str *plaintext);

#endif
