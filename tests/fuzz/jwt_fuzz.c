/* SPDX-License-Identifier: MIT */
#include "jwt.h"

/* Tokens and key sets: the input is a token, and, behind a line break, a JWKS it is read with. */
enum { CEILING = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str token, keys;
    struct jwk_set *set = jwk_set_new();
    struct arena *arena = arena_new(CEILING);
    struct jwt_options options = { .verify = set, .decrypt = set };
    const char *why;

    str_cut((struct str){ (const char *)data, size }, '\n', &token, &keys);
    if (arena != NULL && set != NULL) {
        if (!jwk_set_add(set, keys, &why) && why == NULL)
            __builtin_trap();
        if (jwt_read(arena, token, &options) == NULL && !arena_failed(arena))
            __builtin_trap();
    }
    jwk_set_free(set);
    arena_free(arena);
    return 0;
}
