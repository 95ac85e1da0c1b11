/* SPDX-License-Identifier: MIT */
#include "leaf.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "ca_parts.h"
#include "leaf_mint.h"

enum { RENEW_BEFORE_S = 3600, READ_BUFFER = 4 * 16709 };

struct entry {
    struct entry *next_in_bucket;
    struct entry *newer, *older; /* by use */
    X509 *certificate;
    int64_t not_after_s;
    uint32_t hash;
    size_t host_len;
    char host[];
};

struct leaf_cache {
    struct leaf_mint *mint;
    SSL_CTX *context;
    struct entry **buckets;
    size_t bucket_count;
    struct entry *newest, *oldest;
    size_t count, capacity;
    uint64_t minted, reused;
};

/* Who does not offer what is wanted goes on without ALPN. */
static int
select_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in, unsigned in_len,
                void *data)
{
    static const struct str names[] = {
        [LEAF_HTTP1] = STR_INIT("http/1.1"), [LEAF_HTTP2] = STR_INIT("h2"), [LEAF_NO_PROTOCOL] = STR_INIT("")
    };
    const enum leaf_protocol *wanted = SSL_get_app_data(ssl);
    struct str name = names[wanted != NULL ? *wanted : LEAF_HTTP1];

    (void)data;
    for (unsigned i = 0; i < in_len && i + 1 + in[i] <= in_len; i += 1u + in[i]) {
        if (in[i] > 0 && in[i] == name.len && memcmp(in + i + 1, name.ptr, name.len) == 0) {
            *out = in + i + 1;
            *out_len = in[i];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

/*
 * The root goes along: a browser told to accept its key (SPKI list) looks for it in what the server sends. The leafs'
 * key is not set here: a certificate that is set after its key has its parameters compared with the key's, at the cost
 * of the signature; a key that is set after its certificate only is looked at whether it fits.
 */
static SSL_CTX *
make_context(X509 *root)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (context == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, READ_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* tickets carry the state */
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_alpn_select_cb(context, select_protocol, NULL);
    if (X509_up_ref(root) != 1)
        goto fail;
    if (SSL_CTX_add_extra_chain_cert(context, root) != 1) {
        X509_free(root);
        goto fail;
    }
    return context;
fail:
    SSL_CTX_free(context);
    return NULL;
}

struct leaf_cache *
leaf_cache_new(const struct ca *ca, size_t capacity, const char **why)
{
    struct leaf_cache *cache = calloc(1, sizeof *cache);

    *why = "out of memory";
    if (cache == NULL)
        return NULL;
    cache->capacity = capacity > 0 ? capacity : 1;
    for (cache->bucket_count = 16; cache->bucket_count < cache->capacity; cache->bucket_count *= 2)
        continue;
    cache->buckets = calloc(cache->bucket_count, sizeof(struct entry *));
    if (cache->buckets == NULL)
        goto fail;
    cache->mint = leaf_mint_new(ca, why);
    if (cache->mint == NULL)
        goto fail;
    cache->context = make_context(ca->certificate);
    if (cache->context == NULL) {
        *why = "the TLS library cannot make a server context";
        goto fail;
    }
    *why = NULL;
    return cache;
fail:
    leaf_cache_free(cache);
    return NULL;
}

static uint32_t
hash_of(struct str host)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < host.len; i++)
        hash = (hash ^ (unsigned char)host.ptr[i]) * 16777619u;
    return hash;
}

static struct entry **
bucket_of(const struct leaf_cache *cache, uint32_t hash)
{
    return &cache->buckets[hash & (cache->bucket_count - 1)];
}

static void
unlink_use(struct leaf_cache *cache, struct entry *entry)
{
    *(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void
link_newest(struct leaf_cache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void
drop(struct leaf_cache *cache, struct entry *entry)
{
    struct entry **link = bucket_of(cache, entry->hash);

    while (*link != entry)
        link = &(*link)->next_in_bucket;
    *link = entry->next_in_bucket;
    unlink_use(cache, entry);
    cache->count--;
    X509_free(entry->certificate);
    free(entry);
}

SSL_CTX *
leaf_cache_context(struct leaf_cache *cache)
{
    return cache->context;
}

void
leaf_cache_free(struct leaf_cache *cache)
{
    if (cache == NULL)
        return;
    while (cache->newest != NULL)
        drop(cache, cache->newest);
    SSL_CTX_free(cache->context);
    leaf_mint_free(cache->mint);
    free(cache->buckets);
    free(cache);
}

/* Mints, and makes room first. */
static struct entry *
add(struct leaf_cache *cache, struct str host, uint32_t hash, int64_t now_s, const char **why)
{
    int64_t not_after_s;
    X509 *certificate = leaf_mint_make(cache->mint, host, now_s, &not_after_s, why);
    struct entry *entry;

    if (certificate == NULL)
        return NULL;
    entry = calloc(1, sizeof *entry + host.len);
    if (entry == NULL) {
        *why = "out of memory";
        X509_free(certificate);
        return NULL;
    }
    if (cache->count == cache->capacity)
        drop(cache, cache->oldest);
    entry->certificate = certificate;
    entry->not_after_s = not_after_s;
    entry->hash = hash;
    entry->host_len = host.len;
    memcpy(entry->host, host.ptr, host.len);
    entry->next_in_bucket = *bucket_of(cache, hash);
    *bucket_of(cache, hash) = entry;
    link_newest(cache, entry);
    cache->count++;
    return entry;
}

static X509 *
find_or_mint(struct leaf_cache *cache, struct str host, int64_t now_s, const char **why)
{
    uint32_t hash = hash_of(host);
    struct entry *entry = *bucket_of(cache, hash);

    *why = NULL;
    while (entry != NULL && (entry->hash != hash || !str_eq((struct str){ entry->host, entry->host_len }, host)))
        entry = entry->next_in_bucket;
    if (entry != NULL && now_s + RENEW_BEFORE_S > entry->not_after_s) {
        drop(cache, entry);
        entry = NULL;
    }
    if (entry == NULL) {
        entry = add(cache, host, hash, now_s, why);
        cache->minted += entry != NULL;
        return entry != NULL ? entry->certificate : NULL;
    }
    unlink_use(cache, entry);
    link_newest(cache, entry);
    return entry->certificate;
}

X509 *
leaf_cache_get(struct leaf_cache *cache, struct str host, int64_t now_s, const char **why)
{
    uint64_t minted = cache->minted;
    X509 *certificate = find_or_mint(cache, host, now_s, why);

    cache->reused += certificate != NULL && cache->minted == minted;
    return certificate;
}

struct leaf_cache_counts
leaf_cache_counts(const struct leaf_cache *cache)
{
    return (struct leaf_cache_counts){ .minted = cache->minted, .reused = cache->reused, .cached = cache->count };
}

SSL *
leaf_cache_accept_bare(struct leaf_cache *cache, struct str host, enum leaf_protocol *protocol)
{
    unsigned char context_id[EVP_MAX_MD_SIZE];
    unsigned context_id_len = 0;
    SSL *ssl = SSL_new(cache->context);

    /* A ticket is good for the host it was issued for and for no other. */
    if (ssl == NULL || EVP_Digest(host.ptr, host.len, context_id, &context_id_len, EVP_sha256(), NULL) != 1 ||
        SSL_set_session_id_context(ssl, context_id, context_id_len) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_app_data(ssl, protocol);
    SSL_set_accept_state(ssl);
    return ssl;
}

SSL *
leaf_cache_accept(struct leaf_cache *cache, struct str host, int64_t now_s, enum leaf_protocol *protocol,
                  const char **why)
{
    X509 *certificate = find_or_mint(cache, host, now_s, why);
    SSL *ssl;

    if (certificate == NULL)
        return NULL;
    *why = "the TLS library cannot make a server connection";
    ssl = leaf_cache_accept_bare(cache, host, protocol);
    if (ssl == NULL || SSL_use_certificate(ssl, certificate) != 1 ||
        SSL_use_PrivateKey(ssl, leaf_mint_key(cache->mint)) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    *why = NULL;
    return ssl;
}
