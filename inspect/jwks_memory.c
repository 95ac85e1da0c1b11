/* SPDX-License-Identifier: MIT */
#include "jwks_memory.h"

#include <stdlib.h>
#include <string.h>

#include "memory_watch.h"
#include "oauth.h"

enum { SCRATCH_BYTES = 4 * 1024 * 1024 };

struct jwks_memory {
    struct jwk_set *sets[JWKS_MEMORY_SIZE]; /* newest first */
    size_t count;
};

struct jwks_memory *
jwks_memory_new(void)
{
    struct jwks_memory *memory = calloc(1, sizeof(*memory));

    if (memory == NULL)
        memory_refused();
    return memory;
}

void
jwks_memory_free(struct jwks_memory *memory)
{
    if (memory == NULL)
        return;
    for (size_t i = 0; i < memory->count; i++)
        jwk_set_free(memory->sets[i]);
    free(memory);
}

/* Index of the set that makes room: the one of the same URL, else the oldest, else a free place. */
static size_t
place_for(struct jwks_memory *memory, struct str url)
{
    for (size_t i = 0; i < memory->count; i++)
        if (str_eq(jwk_set_origin(memory->sets[i]), url))
            return i;
    if (memory->count < JWKS_MEMORY_SIZE)
        memory->sets[memory->count++] = NULL;
    return memory->count - 1;
}

/* Takes set. */
static void
keep(struct jwks_memory *memory, struct jwk_set *set)
{
    size_t at = place_for(memory, jwk_set_origin(set));

    jwk_set_free(memory->sets[at]);
    memmove(&memory->sets[1], &memory->sets[0], at * sizeof(memory->sets[0]));
    memory->sets[0] = set;
}

void
jwks_memory_note(struct jwks_memory *memory, const struct exchange *exchange)
{
    struct arena *scratch = memory != NULL ? arena_new(SCRATCH_BYTES) : NULL;
    struct str text = scratch != NULL ? oauth_key_set(scratch, exchange) : (struct str){ 0 };
    struct jwk_set *set = str_present(text) ? jwk_set_new() : NULL;
    const char *why;

    if (set != NULL && jwk_set_add(set, text, &why)) {
        jwk_set_seen_at(set, exchange_url_without_query(scratch, exchange));
        keep(memory, set);
    } else {
        jwk_set_free(set);
    }
    arena_free(scratch);
}

const struct jwk_set *const *
jwks_memory_sets(const struct jwks_memory *memory, size_t *count)
{
    *count = memory != NULL ? memory->count : 0;
    return memory != NULL ? (const struct jwk_set *const *)memory->sets : NULL;
}
