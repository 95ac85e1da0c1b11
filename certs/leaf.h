/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LEAF_H
#define SAMLTAP_LEAF_H

#include <openssl/ssl.h>

#include "ca.h"

/*
 * Leaf certificates: bounded cache of one SSL_CTX per host. All leafs of a process share one P-256
 * key that lives in memory only. One thread at a time.
 */
struct leaf_cache;

/* ca must outlive the cache. capacity: contexts kept (least recently used go first). */
struct leaf_cache *leaf_cache_new(const struct ca *ca, size_t capacity, const char **why);
void leaf_cache_free(struct leaf_cache *cache);

/*
 * The server context for host (DNS name or IP literal, lower case), minted when needed with now_s as
 * clock. Names of the peer's certificate are not copied: the host alone is what the browser checks.
 * Borrowed; an SSL made from it keeps it alive. NULL and *why when it cannot be made (name
 * constraints exclude the host, out of memory).
 */
SSL_CTX *leaf_cache_get(struct leaf_cache *cache, struct str host, int64_t now_s, const char **why);

#endif
