/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include <stdlib.h>

#include "fuzz.h"
#include "har_write.h"
#include "saml_tracer_write.h"

/* Captures: read whole and in pieces to the same end; what was read is written, read again, and written alike. */
enum { CEILING = 64 << 20, PIECE = 7 };

static void
check_pieces(struct arena *arena, struct str text, enum capture_result whole, size_t count)
{
    struct capture_reader reader;
    struct exchange exchange;
    struct str problem;
    size_t found = 0;

    capture_reader_init(&reader, text.len);
    for (size_t at = 0; at < text.len; at += PIECE) {
        struct str piece = str_slice(text, at, PIECE);

        while (capture_reader_next(&reader, arena, &piece, &exchange) == CAPTURE_EXCHANGE)
            found++;
    }
    found += capture_reader_cut(&reader, arena, &exchange);
    if (!arena_failed(arena) && (capture_reader_end(&reader, arena, &problem) != whole || found != count) &&
        !arena_failed(arena))
        abort();
    capture_reader_release(&reader);
}

static void
check_round_trip(struct arena *arena, const struct exchange *first, size_t count)
{
    struct buf a, b;
    struct exchange *second;
    struct str problem;
    size_t count_again;

    buf_init(&a, CEILING);
    buf_init(&b, CEILING);
    if (har_write(arena, first, count, &a)) {
        enum capture_result result = capture_read(arena, buf_str(&a), &second, &count_again, &problem, NULL);

        if (result != CAPTURE_NO_MEMORY && (result != CAPTURE_OK || count_again != count))
            abort();
        if (result == CAPTURE_OK && har_write(arena, second, count, &b) && !str_eq(buf_str(&a), buf_str(&b)))
            abort();
    }
    buf_release(&a);
    buf_release(&b);
}

static void
run(struct str input)
{
    struct str text = input, problem;
    struct arena *arena = arena_new(CEILING);
    struct exchange *exchanges;
    enum capture_result result;
    struct buf out;
    size_t count;

    if (arena == NULL)
        return;
    result = capture_read(arena, text, &exchanges, &count, &problem, NULL);
    check_pieces(arena, text, result, count);
    if (result == CAPTURE_OK)
        check_round_trip(arena, exchanges, count);
    if (capture_read(arena, text, &exchanges, &count, &problem, NULL) == CAPTURE_OK) {
        buf_init(&out, CEILING);
        if (saml_tracer_write(arena, exchanges, count, 0, &out) &&
            capture_read(arena, buf_str(&out), &exchanges, &count, &problem, NULL) == CAPTURE_BROKEN)
            abort();
        buf_release(&out);
    }
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct exchange *exchanges = fuzz_exchanges(seeds->arena);
    struct buf out;

    buf_init(&out, CEILING);
    fuzz_promise(har_write(seeds->arena, exchanges, FUZZ_EXCHANGES, &out));
    fuzz_seed(seeds, buf_str(&out));
    buf_reset(&out);
    fuzz_promise(saml_tracer_write(seeds->arena, exchanges, FUZZ_EXCHANGES, 0, &out));
    fuzz_seed(seeds, buf_str(&out));
    buf_release(&out);
    fuzz_seed_c(
        seeds,
        "\xef\xbb\xbf{\"log\": {\"version\": \"1.2\", \"entries\": [{\"request\": {\"url\": \"https://a.test/\"}}, 1");
    fuzz_seed_c(seeds,
                "{\"requests\": [{\"method\": \"POST\", \"url\": \"https://a.test/\", \"post\": [[\"a\", \"b\"]]}]}");
}

FUZZ_TARGET(capture) = { .name = "capture", .max_len = 32768, .run = run, .seed = seed };
