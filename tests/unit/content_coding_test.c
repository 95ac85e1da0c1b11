/* SPDX-License-Identifier: MIT */
#include "content_coding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "inflate.h"

enum { ROOM = 64 << 20, BOMB_BYTES = 8 << 20 };

/* Every coding that is taken off; "deflate" in its two forms. Brotli has no writer here: it is the innermost one. */
enum coding { GZIP, DEFLATE_ZLIB, DEFLATE_RAW, ZSTD, WRITABLE_COUNT, BROTLI = WRITABLE_COUNT, NONE, CODING_COUNT };

static const char *const names[] = { "gzip", "deflate", "Deflate", "zstd", "br", "identity" };

#define TEXT "<samlp:Response>h\xc3\xa9</samlp:Response>"

/* RFC 7932 streams of TEXT in one uncompressed block, and of 8 MiB of zeros. */
static const struct str brotli_text = STR_INIT("\x30\x02\x10" TEXT "\x03");
static const struct str brotli_bomb = STR_INIT("\x9b\xff\xff\x7f\x00\x24\x00\xe2\xb1\x40\x72\xef\xff\x00");

static struct str
pack(struct arena *arena, struct str in, enum coding coding)
{
    static const int windows[] = { 31, 15, -15 };
    size_t room = in.len + in.len / 100 + 1024;
    char *out = arena_alloc(arena, room);
    z_stream stream = { 0 };

    assert_non_null(out);
    if (coding == ZSTD)
        return (struct str){ out, ZSTD_compress(out, room, in.ptr, in.len, 1) };
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, windows[coding], 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)in.ptr;
    stream.avail_in = (uInt)in.len;
    stream.next_out = (unsigned char *)out;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return (struct str){ out, stream.total_out };
}

/* A body under up to three codings, the last of them outermost, with its header. */
struct coded {
    struct header header;
    struct str bytes;
};

static struct coded
make(struct arena *arena, struct str text, const struct str *in_brotli, const enum coding stack[3])
{
    struct coded made = { { STR("Content-Encoding"), { 0 } }, stack[0] == BROTLI ? *in_brotli : text };

    for (int i = 0; i < 3; i++)
        if (stack[i] < WRITABLE_COUNT)
            made.bytes = pack(arena, made.bytes, stack[i]);
    made.header.value = arena_printf(arena, "%s, %s,%s", names[stack[0]], names[stack[1]], names[stack[2]]);
    return made;
}

static enum content_result
undo(struct arena *arena, const struct coded *coded, size_t max_bytes, struct str *out)
{
    struct header item = coded->header;
    struct headers headers = { &item, 1 };
    struct str detail;
    enum content_result result = content_decode(arena, coded->bytes, &headers, max_bytes, out, &detail);

    assert_int_equal(str_present(detail), result != CONTENT_OK);
    return result;
}

static const char *
name_of(const struct coded *coded)
{
    return coded->header.value.ptr;
}

/* All stacks of one to three codings: off they come, up to the limit to the byte, and a cut one is told. */
static void
check_stack(const enum coding stack[3])
{
    struct arena *arena = arena_new(ROOM);
    struct coded coded = make(arena, STR(TEXT), &brotli_text, stack), cut = coded;
    struct str out;

    if (undo(arena, &coded, 1 << 20, &out) != CONTENT_OK || !str_eq(out, STR(TEXT)))
        fail_msg("%s: not taken off", name_of(&coded));
    if (stack[0] != NONE) {
        size_t widest = sizeof(TEXT) - 1;

        for (int i = 1; i < 3; i++) { /* what stands between two codings counts, too */
            enum coding inner[3] = { stack[0], i > 1 ? stack[1] : NONE, NONE };
            size_t length = make(arena, STR(TEXT), &brotli_text, inner).bytes.len;

            widest = stack[i] != NONE && length > widest ? length : widest;
        }
        if (undo(arena, &coded, widest, &out) != CONTENT_OK)
            fail_msg("%s: %zu bytes are within the limit", name_of(&coded), widest);
        if (undo(arena, &coded, widest - 1, &out) != CONTENT_TOO_LARGE)
            fail_msg("%s: over a limit of %zu bytes", name_of(&coded), widest - 1);
        cut.bytes.len--;
        if (undo(arena, &cut, 1 << 20, &out) != CONTENT_DAMAGED)
            fail_msg("%s: cut off, and not told", name_of(&coded));
    }
    arena_free(arena);
}

/* 8 MiB of zeros under the stack: what comes out, and the memory it takes, stay near the input. */
static void
check_bomb(struct str zeros, const enum coding stack[3])
{
    struct arena *arena = arena_new(ROOM), *small = arena_new(4 << 20);
    struct coded coded = make(arena, zeros, &brotli_bomb, stack);
    struct str out;
    enum content_result result = undo(small, &coded, 1 << 20, &out);

    if (stack[0] == NONE) {
        assert_int_equal(result, CONTENT_OK);
    } else if (result != CONTENT_TOO_LARGE) {
        fail_msg("%s: a bomb went through (%d)", name_of(&coded), (int)result);
    } else if (out.len > 1 << 20) {
        fail_msg("%s: %zu bytes of a bomb", name_of(&coded), out.len);
    }
    arena_free(small);
    arena_free(arena);
}

static void
every_stack(void **state)
{
    char *bytes = calloc(1, BOMB_BYTES);
    struct str zeros = { bytes, BOMB_BYTES };

    (void)state;
    assert_non_null(bytes);
    for (enum coding first = GZIP; first < CODING_COUNT; first++)
        for (enum coding second = GZIP; second < CODING_COUNT; second++)
            for (enum coding third = GZIP; third < CODING_COUNT; third++) {
                const enum coding stack[3] = { first, second, third };

                if (second == BROTLI || third == BROTLI || (first == NONE && (second != NONE || third != NONE)) ||
                    (second == NONE && third != NONE))
                    continue;
                check_stack(stack);
                if (third == NONE)
                    check_bomb(zeros, stack);
            }
    free(bytes);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(every_stack) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
