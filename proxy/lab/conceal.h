/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_CONCEAL_H
#define SAMLTAP_LAB_CONCEAL_H

#include "sign.h"

/*
 * Encrypts an assertion (AES-256-GCM, key by RSA-OAEP) for key. Gives the saml:EncryptedAssertion as
 * canonical text, or the absent str when memory or the algorithm is not there.
 */
struct str lab_conceal(struct arena *arena, const struct lab_key *key, struct str assertion);

#endif
