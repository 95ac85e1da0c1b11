/* SPDX-License-Identifier: MIT */
#include "inflate.h"

#include <zlib.h>

#include "content_coding.h"
#include "expand.h"
#include "fuzz.h"
#include "saml_maker.h"

/* Compressed data of every kind, bare and as a stack of content codings that the first byte chooses. */
enum { CEILING = 64 << 20, MAX_OUT = 1 << 20 };

static void
run(struct str input)
{
    static const char *const stacks[] = { "gzip", "deflate", "br", "zstd", "br, gzip", "zstd,br", "gzip, zstd, br" };
    struct arena *arena = arena_new(CEILING);
    struct header header = { .name = STR("Content-Encoding") };
    struct headers headers = { &header, 1 };
    struct str out, detail;
    size_t used;

    if (arena == NULL || input.len == 0) {
        arena_free(arena);
        return;
    }
    for (enum inflate_format format = INFLATE_RAW; format <= INFLATE_GZIP; format++) {
        inflate_bytes(arena, input, format, MAX_OUT, &out, &used);
        fuzz_promise(out.len <= inflate_ceiling(input.len, MAX_OUT) && used <= input.len);
    }
    for (enum expand_format format = EXPAND_BROTLI; format <= EXPAND_ZSTD; format++) {
        expand_bytes(arena, input, format, MAX_OUT, &out);
        fuzz_promise(out.len <= inflate_ceiling(input.len, MAX_OUT));
    }
    header.value = str_from(stacks[(unsigned char)input.ptr[0] % COUNT_OF(stacks)]);
    content_decode(arena, str_from_offset(input, 1), &headers, MAX_OUT, &out, &detail);
    fuzz_promise(out.len <= MAX_OUT || out.len <= input.len);
    arena_free(arena);
}

static void
seed_deflated(struct fuzz_seeds *seeds, struct str bytes, int window_bits)
{
    unsigned char packed[4096];
    z_stream stream = { .next_in = (unsigned char *)(uintptr_t)bytes.ptr, .avail_in = (unsigned)bytes.len };

    fuzz_promise(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_out = packed;
    stream.avail_out = sizeof packed;
    fuzz_promise(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    fuzz_seed(seeds, (struct str){ (const char *)packed, sizeof packed - stream.avail_out });
    deflateEnd(&stream);
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct str request = fuzz_template(seeds->arena, "authnrequest.xml");

    for (int i = 0; i < 3; i++)
        seed_deflated(seeds, request, (int[]){ -15, 15, 31 }[i]);
    /* Brotli: a stored meta-block of 3 bytes, then the empty last one. zstd: a frame with one raw block. */
    fuzz_seed(seeds, STR("\x0b\x01\x80"
                         "abc\x03"));
    fuzz_seed(seeds, STR("\x28\xb5\x2f\xfd\x20\x03\x19\x00\x00"
                         "abc"));
    fuzz_seed(seeds, STR("\x06\x28\xb5\x2f\xfd\x20\x03\x19\x00\x00"
                         "abc"));
}

FUZZ_TARGET(inflate) = { .name = "inflate", .max_len = 4096, .run = run, .seed = seed };
