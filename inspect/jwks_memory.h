/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JWKS_MEMORY_H
#define SAMLTAP_JWKS_MEMORY_H

#include "exchange.h"
#include "jwk.h"

/*
 * Key sets of OpenID providers that were seen in traffic, so that their ID tokens can be verified without
 * --jwks. Bounded: a set replaces the one of the same URL, else the oldest. One thread.
 */
struct jwks_memory;

enum { JWKS_MEMORY_SIZE = 8 };

/* Gives an empty memory, or NULL. */
struct jwks_memory *jwks_memory_new(void);
void jwks_memory_free(struct jwks_memory *memory); /* NULL is fine */

/* Keeps the key set that the exchange answers with, if it is one. NULL keeps nothing; nor does a lack of memory. */
void jwks_memory_note(struct jwks_memory *memory, const struct exchange *exchange);

/* The sets, newest first. Borrowed until the next note; NULL and *count 0 for NULL. */
const struct jwk_set *const *jwks_memory_sets(const struct jwks_memory *memory, size_t *count);

#endif
