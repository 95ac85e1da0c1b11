/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LEAF_MINT_H
#define SAMLTAP_LEAF_MINT_H

#include <openssl/x509.h>

#include "ca.h"

/* Makes leafs under one CA and one key: what is the same in all of them is made once. */
struct leaf_mint;

struct leaf_mint *leaf_mint_new(const struct ca *ca, const char **why);
void leaf_mint_free(struct leaf_mint *mint);

/* The key of all leafs, borrowed. */
EVP_PKEY *leaf_mint_key(const struct leaf_mint *mint);

/*
 * Gives the certificate for host by the profile of saml-verification 9.2, valid from an hour before
 * now_s; *not_after_s gets its end. NULL and *why (static text).
 */
X509 *leaf_mint_make(struct leaf_mint *mint, struct str host, int64_t now_s, int64_t *not_after_s, const char **why);

#endif
