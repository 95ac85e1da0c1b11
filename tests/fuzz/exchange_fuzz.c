/* SPDX-License-Identifier: MIT */
#include "exchange.h"

#include <stdlib.h>

#include "fuzz.h"

/* The pipe's binary form: hostile bytes are refused or read; what was read is written alike. */
static void
run(struct str input)
{
    struct arena *arena = arena_new(64 << 20);
    struct exchange exchange;
    struct buf out;

    if (arena == NULL)
        return;
    buf_init(&out, 64 << 20);
    if (exchange_read(arena, input, &exchange)) {
        exchange_write(&out, &exchange);
        if (!buf_failed(&out) && !str_eq(buf_str(&out), input))
            abort();
    }
    buf_release(&out);
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct exchange *exchanges = fuzz_exchanges(seeds->arena);
    struct buf out;

    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < FUZZ_EXCHANGES; i++) {
        exchange_write(&out, &exchanges[i]);
        fuzz_seed(seeds, buf_str(&out));
        buf_reset(&out);
    }
    buf_release(&out);
}

FUZZ_TARGET(exchange) = { .name = "exchange", .max_len = 16384, .run = run, .seed = seed };
