/* SPDX-License-Identifier: MIT */
#include "find.h"

/* Any file, paste or capture: recognition, ladder, containers, and what is in their exchanges. */
enum { CEILING = 64 << 20, MAX_EXCHANGES = 16 };

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
    struct arena *arena = arena_new(CEILING);
    struct messages messages = { 0 };
    struct input input;

    if (arena == NULL)
        return 0;
    if (find_input(arena, (struct str){ (const char *)data, size }, &options, &input))
        for (size_t i = 0; i < input.exchange_count && i < MAX_EXCHANGES; i++)
            if (!find_messages(arena, &input.exchanges[i], &options, &messages))
                break;
    arena_free(arena);
    return 0;
}
