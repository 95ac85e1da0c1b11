/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JWK_MAKE_H
#define SAMLTAP_JWK_MAKE_H

#include <jansson.h>

#include "jwk.h"

/*
 * Makes the OpenSSL key of a JWK. Scratch values live in the arena, the private ones among them: give
 * one that goes soon. Returns NULL and *problem (static text).
 */
EVP_PKEY *jwk_make(struct arena *arena, const json_t *jwk, enum jwk_type type, bool is_private, const char **problem);

#endif
