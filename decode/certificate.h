/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CERTIFICATE_H
#define SAMLTAP_CERTIFICATE_H

#include <openssl/evp.h>

#include "keys.h"

/*
 * What keys.h says of certificate_read(), and gives the public key too (the caller frees it), or NULL.
 * A certificate that OpenSSL cannot read may still give its key: then facts.parsed stays false, but
 * key_type, key_bits and spki_sha256 are set.
 */
EVP_PKEY *certificate_read_key(struct arena *arena, struct str der, struct str source, struct certificate_facts *facts);

/* Facts of a bare public key: no certificate, so der, subject, dates are absent; parsed is true. */
void public_key_read(struct arena *arena, EVP_PKEY *key, struct str source, struct certificate_facts *facts);

#endif
