/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_METADATA_H
#define SAMLTAP_METADATA_H

#include "arena.h"
#include "keys.h"
#include "metadata_types.h"

/*
 * Reads SAML 2.0 metadata (EntityDescriptor or EntitiesDescriptor). source names the file. Facts
 * live in the arena. Returns false with *why (one line, in the arena or static) when bytes are not
 * metadata that can be read; *metadata is then untouched.
 */
bool metadata_read(struct arena *arena, struct str bytes, struct str source, struct metadata *metadata,
                   struct str *why);

/*
 * The same, and verifies the signature over the document element with the keys of signers (NULL or empty: it is
 * noticed, not checked). Its result is in metadata->signature.
 */
bool metadata_read_signed(struct arena *arena, struct str bytes, struct str source, const struct key_set *signers,
                          struct metadata *metadata, struct str *why);

/*
 * Adds the signing keys (use "signing" or none) of every identity provider in metadata to keys, each
 * as a trusted key of its entityID. Returns how many were added; 0 also when memory ran out.
 */
size_t metadata_add_keys(const struct metadata *metadata, struct key_set *keys);

#endif
