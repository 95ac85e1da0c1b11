/* SPDX-License-Identifier: MIT */
#include "base64.h"

#include "base64url.h"
#include "fuzz.h"

/* What is encoded and decoded again is the same; what is decoded is no longer than it can be. */
enum { CEILING = 64 << 20 };

static void
check_round_trip(struct arena *arena, struct str bytes)
{
    struct base64_notes notes;
    struct str back, text;
    struct buf plain;

    buf_init(&plain, CEILING);
    base64_encode(&plain, bytes);
    if (bytes.len > 0)
        fuzz_promise(base64_decode(arena, buf_str(&plain), &back, &notes) && str_eq(back, bytes) &&
                     notes.oddities == 0);
    buf_release(&plain);
    text = base64url_encode(arena, bytes);
    fuzz_promise(base64url_decode(arena, text, &back) && str_eq(back, bytes));
}

static void
run(struct str input)
{
    struct arena *arena = arena_new(CEILING);
    struct base64_notes notes;
    struct str bytes, again;

    if (arena == NULL)
        return;
    if (base64_decode(arena, input, &bytes, &notes)) {
        fuzz_promise(bytes.len <= input.len / 4 * 3 + 3);
        for (int i = 0; i < BASE64_ODDITY_COUNT; i++)
            fuzz_promise(!base64_has(&notes, (enum base64_oddity)i) || notes.at[i] <= input.len);
    }
    /* base64url is strict: one spelling of each value. */
    if (base64url_decode(arena, input, &bytes)) {
        again = base64url_encode(arena, bytes);
        fuzz_promise(str_eq(again, input));
    }
    check_round_trip(arena, input);
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    fuzz_seed_c(seeds, "PHNhbWxwOlJlc3BvbnNlLz4=");
    fuzz_seed_c(seeds, "PHNhbWxwOl\r\nJlc3BvbnNl\r\nLz4=\r\n");
    fuzz_seed_c(seeds, "-_-_");
    fuzz_seed_c(seeds, "a b c d ab cd==QUJD*&^%");
    fuzz_seed(seeds, STR("\x00\xff"));
}

FUZZ_TARGET(base64) = { .name = "base64", .max_len = 4096, .run = run, .seed = seed };
