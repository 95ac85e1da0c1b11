/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LEAF_H
#define SAMLTAP_LEAF_H

#include <openssl/ssl.h>

#include "ca.h"

/*
 * Leaf certificates: a bounded cache of one certificate per host below one server SSL_CTX (a context
 * per host would cost more than minting and the handshake's signature together). All leafs of a
 * process share one P-256 key that lives in memory only. One thread at a time.
 */
struct leaf_cache;

struct leaf_cache_counts {
    uint64_t minted, reused; /* certificates asked for with leaf_cache_get() that were made, or were there */
    size_t cached;           /* now */
};

/* ca must outlive the cache. capacity: certificates kept (least recently used go first). */
struct leaf_cache *leaf_cache_new(const struct ca *ca, size_t capacity, const char **why);
void leaf_cache_free(struct leaf_cache *cache);

/*
 * The certificate for host (DNS name or IP literal without brackets, lower case), minted when needed
 * with now_s as clock. Names of the peer's certificate are not copied: the host alone is what the
 * browser checks. Borrowed until the next call. NULL and *why (static text) when it cannot be made
 * (name constraints exclude the host, the CA has expired, out of memory).
 */
X509 *leaf_cache_get(struct leaf_cache *cache, struct str host, int64_t now_s, const char **why);

struct leaf_cache_counts leaf_cache_counts(const struct leaf_cache *cache);

/* The context that every SSL of this cache is made from; borrowed, for settings that hold for all of them. */
SSL_CTX *leaf_cache_context(struct leaf_cache *cache);

/* What ALPN may select. */
enum leaf_protocol {
    LEAF_HTTP1,       /* http/1.1 */
    LEAF_HTTP2,       /* h2 */
    LEAF_NO_PROTOCOL, /* nothing, whatever is offered */
};

/*
 * Gives a server-side SSL that presents the leaf of host: accept state, TLS 1.2 and 1.3. ALPN selects
 * *protocol when the client offers it, and nothing otherwise; it is looked at during the handshake, so
 * borrowed until then (NULL: HTTP/1.1). Resumption is by ticket and per host. NULL and *why as above.
 * The SSL may outlive the cache.
 */
SSL *leaf_cache_accept(struct leaf_cache *cache, struct str host, int64_t now_s, enum leaf_protocol *protocol,
                       const char **why);

/* The same without a certificate: the caller puts one of its own on it. NULL: out of memory. */
SSL *leaf_cache_accept_bare(struct leaf_cache *cache, struct str host, enum leaf_protocol *protocol);

#endif
