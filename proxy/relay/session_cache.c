/* SPDX-License-Identifier: MIT */
#include "session_cache.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { WAYS = 8 }; /* a key may lie in one of that many slots beside each other */

struct slot {
    char *key; /* NULL: free */
    SSL_SESSION *session;
    uint64_t age; /* of the last put */
};

struct session_cache {
    struct slot *slots;
    size_t sets;
    uint64_t clock;
};

struct session_cache *
session_cache_new(size_t capacity)
{
    struct session_cache *cache = xcalloc(1, sizeof *cache);

    cache->sets = (capacity + WAYS - 1) / WAYS;
    if (cache->sets == 0)
        cache->sets = 1;
    cache->slots = xcalloc(cache->sets * WAYS, sizeof *cache->slots);
    return cache;
}

void
session_cache_free(struct session_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->sets * WAYS; i++) {
        SSL_SESSION_free(cache->slots[i].session);
        free(cache->slots[i].key);
    }
    free(cache->slots);
    free(cache);
}

static struct slot *
set_of(struct session_cache *cache, const char *key)
{
    uint32_t hash = 2166136261u;

    for (const char *p = key; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * 16777619u;
    return &cache->slots[hash % cache->sets * WAYS];
}

static struct slot *
find(struct slot *set, const char *key)
{
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].key != NULL && strcmp(set[i].key, key) == 0)
            return &set[i];
    return NULL;
}

bool
session_cache_put(struct session_cache *cache, const char *key, SSL_SESSION *session)
{
    struct slot *set = set_of(cache, key), *slot = find(set, key);

    if (slot == NULL) {
        slot = set;
        for (size_t i = 1; i < WAYS; i++)
            if (set[i].age < slot->age)
                slot = &set[i];
        free(slot->key);
        slot->key = xstrdup(key);
    }
    SSL_SESSION_free(slot->session);
    slot->session = session;
    slot->age = ++cache->clock;
    return true;
}

SSL_SESSION *
session_cache_take(struct session_cache *cache, const char *key)
{
    struct slot *slot = cache != NULL ? find(set_of(cache, key), key) : NULL;

    if (slot == NULL || SSL_SESSION_is_resumable(slot->session) != 1)
        return NULL;
    return SSL_SESSION_dup(slot->session);
}
