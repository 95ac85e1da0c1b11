/* SPDX-License-Identifier: MIT */
#include "content_coding.h"
#include "expand.h"

/* Compressed data of every kind, bare and as a stack of content codings that the first byte chooses. */
enum { CEILING = 64 << 20, MAX_OUT = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_size(struct str in, struct str out)
{
    if (out.len > inflate_ceiling(in.len, MAX_OUT))
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const stacks[] = { "gzip", "deflate", "br", "zstd", "br, gzip", "zstd,br", "gzip, zstd, br" };
    struct str input = { (const char *)data, size }, out, detail;
    struct arena *arena = arena_new(CEILING);
    struct header header = { .name = STR("Content-Encoding") };
    struct headers headers = { &header, 1 };
    size_t used;

    if (arena == NULL || size == 0) {
        arena_free(arena);
        return 0;
    }
    for (enum inflate_format format = INFLATE_RAW; format <= INFLATE_GZIP; format++) {
        inflate_bytes(arena, input, format, MAX_OUT, &out, &used);
        check_size(input, out);
        if (used > size)
            __builtin_trap();
    }
    for (enum expand_format format = EXPAND_BROTLI; format <= EXPAND_ZSTD; format++) {
        expand_bytes(arena, input, format, MAX_OUT, &out);
        check_size(input, out);
    }
    header.value = str_from(stacks[data[0] % (sizeof(stacks) / sizeof(*stacks))]);
    content_decode(arena, str_from_offset(input, 1), &headers, MAX_OUT, &out, &detail);
    if (out.len > MAX_OUT && out.len > size)
        __builtin_trap();
    arena_free(arena);
    return 0;
}
