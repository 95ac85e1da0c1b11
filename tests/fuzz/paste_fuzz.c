/* SPDX-License-Identifier: MIT */
#include "find_parts.h"

/* What people paste: commands, logs, text around a message. Recognised or not, each reader gets it. */
enum { CEILING = 64 << 20 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *why;

    (void)argc;
    (void)argv;
    return saml_library_init(&why) ? 0 : -1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct saml_options options;
    struct str text = { (const char *)data, size };
    struct arena *arena = arena_new(CEILING);
    struct messages messages = { 0 };
    struct exchange *exchanges;
    size_t count;

    if (arena == NULL)
        return 0;
    if (find_curl(arena, text, &exchanges, &count))
        for (size_t i = 0; i < count; i++)
            if (exchanges[i].host.len == 0)
                __builtin_trap();
    if (find_curl_log(arena, text, &exchanges, &count))
        find_http_text(arena, text, &exchanges, &count);
    find_in_text(arena, text, &options, &messages);
    arena_free(arena);
    return 0;
}
