/* SPDX-License-Identifier: MIT */
#include "inflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>
#include <zstd.h>

#include "content_coding.h"
#include "expand.h"

static const int windows[] = { [INFLATE_RAW] = -15, [INFLATE_ZLIB] = 15, [INFLATE_GZIP] = 31 };

/* Deflates text into the arena. */
static struct str
deflated(struct arena *arena, struct str text, enum inflate_format format)
{
    z_stream stream = { 0 };
    size_t room = text.len + 1024;
    char *out = arena_alloc(arena, room);

    assert_non_null(out);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, windows[format], 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text.ptr;
    stream.avail_in = (uInt)text.len;
    stream.next_out = (unsigned char *)out;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    room = stream.total_out;
    deflateEnd(&stream);
    return (struct str){ out, room };
}

static struct str
joined(struct arena *arena, struct str a, struct str b)
{
    char *out = arena_alloc(arena, a.len + b.len + 1);

    assert_non_null(out);
    memcpy(out, a.ptr, a.len);
    memcpy(out + a.len, b.ptr, b.len);
    return (struct str){ out, a.len + b.len };
}

static const struct str text = STR_INIT("<samlp:Response> hello hello hello hello </samlp:Response>");

static void
each_format_round_trips(void **state)
{
    (void)state;
    for (enum inflate_format format = INFLATE_RAW; format <= INFLATE_GZIP; format++) {
        struct arena *arena = arena_new(1 << 20);
        struct str packed = deflated(arena, text, format), out;
        size_t used;

        assert_int_equal(inflate_bytes(arena, packed, format, 1 << 20, &out, &used), INFLATE_OK);
        assert_true(str_eq(out, text));
        assert_int_equal(used, packed.len);
        assert_int_equal(inflate_bytes(arena, joined(arena, packed, STR("tail")), format, 1 << 20, &out, &used),
                         INFLATE_TRAILING);
        assert_true(str_eq(out, text));
        assert_int_equal(used, packed.len);
        for (size_t cut = 1; cut < packed.len; cut++)
            assert_int_equal(inflate_bytes(arena, str_slice(packed, 0, cut), format, 1 << 20, &out, &used),
                             INFLATE_DAMAGED);
        assert_true(str_starts_c(text, "<samlp:") && str_starts_c(out, "<samlp:"));
        arena_free(arena);
    }
}

static void
formats_are_not_mixed_up(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct str out;
    size_t used;

    (void)state;
    for (enum inflate_format made = INFLATE_RAW; made <= INFLATE_GZIP; made++)
        for (enum inflate_format read = INFLATE_RAW; read <= INFLATE_GZIP; read++)
            assert_int_equal(inflate_bytes(arena, deflated(arena, text, made), read, 1 << 20, &out, &used),
                             made == read ? INFLATE_OK : INFLATE_DAMAGED);
    assert_int_equal(inflate_bytes(arena, STR(""), INFLATE_RAW, 10, &out, &used), INFLATE_DAMAGED);
    arena_free(arena);
}

static void
gzip_members_are_joined(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct str member = deflated(arena, STR("ab"), INFLATE_GZIP), out;
    size_t used;

    (void)state;
    assert_int_equal(inflate_bytes(arena, joined(arena, member, member), INFLATE_GZIP, 100, &out, &used), INFLATE_OK);
    assert_true(str_eq_c(out, "abab"));
    arena_free(arena);
}

static void
bombs_stop_at_the_ceiling(void **state)
{
    struct arena *arena = arena_new(32 << 20);
    char *zeros = calloc(1, 4 << 20);
    struct str bomb, out;
    size_t used;

    (void)state;
    assert_non_null(zeros);
    bomb = deflated(arena, (struct str){ zeros, 4 << 20 }, INFLATE_RAW);
    assert_int_equal(inflate_bytes(arena, bomb, INFLATE_RAW, 16 << 20, &out, &used), INFLATE_TOO_LARGE);
    assert_int_equal(out.len, bomb.len * INFLATE_MAX_RATIO);
    bomb = deflated(arena, (struct str){ zeros, INFLATE_FREE_BYTES }, INFLATE_RAW);
    assert_int_equal(inflate_bytes(arena, bomb, INFLATE_RAW, 1 << 20, &out, &used), INFLATE_OK);
    assert_int_equal(inflate_bytes(arena, bomb, INFLATE_RAW, INFLATE_FREE_BYTES, &out, &used), INFLATE_OK);
    assert_int_equal(inflate_bytes(arena, bomb, INFLATE_RAW, INFLATE_FREE_BYTES - 1, &out, &used), INFLATE_TOO_LARGE);
    assert_int_equal(out.len, INFLATE_FREE_BYTES - 1);
    free(zeros);
    arena_free(arena);
}

static enum content_result
undo(struct arena *arena, const char *coding, struct str body, struct str *out)
{
    struct header item = { STR_INIT("content-encoding"), str_from(coding) };
    struct headers headers = { &item, 1 };
    struct str detail;
    enum content_result result = content_decode(arena, body, &headers, 1 << 20, out, &detail);

    assert_int_equal(str_present(detail), result != CONTENT_OK);
    return result;
}

static void
content_codings_come_off(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct str gzip = deflated(arena, text, INFLATE_GZIP), zlib = deflated(arena, text, INFLATE_ZLIB), out;

    (void)state;
    assert_int_equal(undo(arena, "gzip", gzip, &out), CONTENT_OK);
    assert_true(str_eq(out, text));
    assert_int_equal(undo(arena, "deflate", zlib, &out), CONTENT_OK);
    assert_true(str_eq(out, text));
    assert_int_equal(undo(arena, "deflate", deflated(arena, text, INFLATE_RAW), &out), CONTENT_OK);
    assert_true(str_eq(out, text));
    assert_int_equal(undo(arena, " , identity", text, &out), CONTENT_OK);
    assert_true(str_eq(out, text));
    assert_int_equal(undo(arena, "deflate, X-GZIP", deflated(arena, zlib, INFLATE_GZIP), &out), CONTENT_OK);
    assert_true(str_eq(out, text));
    assert_int_equal(undo(arena, "gzip, gzip, gzip, gzip", gzip, &out), CONTENT_UNSUPPORTED);
    assert_int_equal(undo(arena, "unheard-of", text, &out), CONTENT_UNSUPPORTED);
    assert_false(str_present(out));
    assert_int_equal(undo(arena, "gzip", text, &out), CONTENT_DAMAGED);
    assert_int_equal(undo(arena, "gzip", str_slice(gzip, 0, gzip.len - 9), &out), CONTENT_DAMAGED);
    assert_true(str_starts_c(out, "<samlp:"));
    arena_free(arena);
}

/* Streams of RFC 7932: text, nothing, 8 MiB of zeros, INFLATE_FREE_BYTES of zeros. */
static const struct str brotli_text =
    STR_INIT("\x1b\x39\x00\x00\x44\x27\x47\x7a\xb0\x7b\xfb\x12\x08\x2c\xb8\xd5\xd6\x56\x6f"
             "\xe2\xcb\x30\xd2\xe8\xc3\xf2\x50\xd6\xf7\xce\x45\xf9\x26\x8f\x13\x91\x17\x27"
             "\xda");
static const struct str brotli_nothing = STR_INIT("\x3b");
static const struct str brotli_bomb = STR_INIT("\x9b\xff\xff\x7f\x00\x24\x00\xe2\xb1\x40\x72\xef\xff\x00");
static const struct str brotli_zeros = STR_INIT("\x1b\xff\xff\x00\x24\x00\xe2\xb1\x40\x72\xef\x01\x00");

static struct str
zstd_of(struct arena *arena, struct str in, int window_log)
{
    size_t size = ZSTD_compressBound(in.len) + 64;
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_outBuffer output = { arena_alloc(arena, size), size, 0 };
    ZSTD_inBuffer input = { in.ptr, in.len, 0 };

    assert_non_null(output.dst);
    if (window_log > 0)
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    assert_int_equal(ZSTD_compressStream2(context, &output, &input, ZSTD_e_flush), 0);
    assert_int_equal(ZSTD_compressStream2(context, &output, &input, ZSTD_e_end), 0);
    ZSTD_freeCCtx(context);
    return (struct str){ output.dst, output.pos };
}

static void
codings_of_browsers_come_off(void **state)
{
    struct arena *arena = arena_new(1 << 22);
    struct str brotli = brotli_text, zstd = zstd_of(arena, text, 0), out;

    (void)state;
    assert_int_equal(undo(arena, "br", brotli, &out), CONTENT_OK);
    assert_true(str_eq(out, text));
    assert_int_equal(undo(arena, "ZSTD", zstd, &out), CONTENT_OK);
    assert_true(str_eq(out, text));
    assert_int_equal(undo(arena, "zstd", joined(arena, zstd, zstd), &out), CONTENT_OK);
    assert_true(str_eq(out, joined(arena, text, text)));
    assert_int_equal(undo(arena, "br, gzip, zstd", zstd_of(arena, deflated(arena, brotli, INFLATE_GZIP), 0), &out),
                     CONTENT_OK);
    assert_true(str_eq(out, text));
    assert_int_equal(undo(arena, "br", brotli_nothing, &out), CONTENT_OK);
    assert_true(str_present(out) && out.len == 0);
    for (size_t cut = 0; cut < brotli.len; cut++)
        assert_int_equal(undo(arena, "br", str_slice(brotli, 0, cut), &out), CONTENT_DAMAGED);
    for (size_t cut = 0; cut < zstd.len; cut++)
        assert_int_equal(undo(arena, "zstd", str_slice(zstd, 0, cut), &out), CONTENT_DAMAGED);
    assert_int_equal(undo(arena, "zstd", zstd_of(arena, text, 24), &out), CONTENT_DAMAGED);
    assert_int_equal(undo(arena, "br", text, &out), CONTENT_DAMAGED);
    assert_int_equal(undo(arena, "dcb", text, &out), CONTENT_UNSUPPORTED);
    arena_free(arena);
}

static void
bombs_of_other_codings_stop_too(void **state)
{
    struct arena *arena = arena_new(64 << 20);
    char *zeros = calloc(1, 8 << 20);
    struct str bombs[2], out;

    (void)state;
    assert_non_null(zeros);
    bombs[EXPAND_BROTLI] = brotli_bomb;
    bombs[EXPAND_ZSTD] = zstd_of(arena, (struct str){ zeros, 8 << 20 }, 0);
    for (enum expand_format format = EXPAND_BROTLI; format <= EXPAND_ZSTD; format++) {
        assert_int_equal(expand_bytes(arena, bombs[format], format, 1 << 20, &out), INFLATE_TOO_LARGE);
        assert_int_equal(out.len, inflate_ceiling(bombs[format].len, 1 << 20));
        assert_true(out.len < 1 << 20);
    }
    bombs[0] = brotli_zeros;
    assert_int_equal(expand_bytes(arena, bombs[0], EXPAND_BROTLI, INFLATE_FREE_BYTES, &out), INFLATE_OK);
    assert_int_equal(expand_bytes(arena, bombs[0], EXPAND_BROTLI, INFLATE_FREE_BYTES - 1, &out), INFLATE_TOO_LARGE);
    bombs[1] = zstd_of(arena, (struct str){ zeros, INFLATE_FREE_BYTES }, 0);
    assert_int_equal(expand_bytes(arena, bombs[1], EXPAND_ZSTD, INFLATE_FREE_BYTES, &out), INFLATE_OK);
    assert_int_equal(expand_bytes(arena, bombs[1], EXPAND_ZSTD, INFLATE_FREE_BYTES - 1, &out), INFLATE_TOO_LARGE);
    free(zeros);
    arena_free(arena);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_round_trips),         cmocka_unit_test(formats_are_not_mixed_up),
        cmocka_unit_test(gzip_members_are_joined),         cmocka_unit_test(bombs_stop_at_the_ceiling),
        cmocka_unit_test(content_codings_come_off),        cmocka_unit_test(codings_of_browsers_come_off),
        cmocka_unit_test(bombs_of_other_codings_stop_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
