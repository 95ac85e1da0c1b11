/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "exchange.h"

/* The pipe's binary form: hostile bytes are refused or read; what was read is written alike. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = { (const char *)data, size };
    struct arena *arena = arena_new(64 << 20);
    struct exchange exchange;
    struct buf out;

    if (arena == NULL)
        return 0;
    buf_init(&out, 64 << 20);
    if (exchange_read(arena, bytes, &exchange)) {
        exchange_write(&out, &exchange);
        if (!buf_failed(&out) && !str_eq(buf_str(&out), bytes))
            abort();
    }
    buf_release(&out);
    arena_free(arena);
    return 0;
}
