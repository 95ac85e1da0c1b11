/* SPDX-License-Identifier: MIT */
#include "capture.h"
#include "har_write.h"
#include "saml.h"
#include "saml_tracer_write.h"

/* Captures: read whole and in pieces to the same end; what was read is written, read again, and written alike. */
enum { CEILING = 64 << 20, PIECE = 7 };

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
    if (!arena_failed(arena) && (capture_reader_end(&reader, arena, &problem) != whole || found != count) &&
        !arena_failed(arena))
        __builtin_trap();
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
            __builtin_trap();
        if (result == CAPTURE_OK && har_write(arena, second, count, &b) && !str_eq(buf_str(&a), buf_str(&b)))
            __builtin_trap();
    }
    buf_release(&a);
    buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size }, problem;
    struct arena *arena = arena_new(CEILING);
    struct exchange *exchanges;
    enum capture_result result;
    struct buf out;
    size_t count;

    if (arena == NULL)
        return 0;
    result = capture_read(arena, text, &exchanges, &count, &problem, NULL);
    check_pieces(arena, text, result, count);
    if (result == CAPTURE_OK)
        check_round_trip(arena, exchanges, count);
    if (capture_read(arena, text, &exchanges, &count, &problem, NULL) == CAPTURE_OK) {
        buf_init(&out, CEILING);
        if (saml_tracer_write(arena, exchanges, count, 0, &out) &&
            capture_read(arena, buf_str(&out), &exchanges, &count, &problem, NULL) == CAPTURE_BROKEN)
            __builtin_trap();
        buf_release(&out);
    }
    arena_free(arena);
    return 0;
}
