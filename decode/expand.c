/* SPDX-License-Identifier: MIT */
#include "expand.h"

#include <brotli/decode.h>
#include <zstd.h>

#include "buf.h"

enum { PIECE_BYTES = 16 * 1024, ZSTD_WINDOW_LOG = 23 };

/*
 * Keeps a piece that came out of a decoder, as far as the ceiling lets it. INFLATE_OK: go on. The pieces
 * are one byte larger than what may still come, so that reaching the ceiling and passing it differ.
 */
static enum inflate_result
keep(struct buf *out, const char *piece, size_t got)
{
    size_t room = out->max_bytes - out->len;

    buf_add(out, piece, got < room ? got : room);
    if (buf_failed(out))
        return INFLATE_NO_MEMORY;
    return got > room ? INFLATE_TOO_LARGE : INFLATE_OK;
}

static size_t
piece_for(const struct buf *out)
{
    size_t room = out->max_bytes - out->len;

    return room < PIECE_BYTES ? room + 1 : PIECE_BYTES;
}

static enum inflate_result
run_brotli(struct str in, struct buf *out)
{
    BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    const uint8_t *next = (const uint8_t *)in.ptr;
    size_t left = in.len;
    enum inflate_result result = INFLATE_OK;
    BrotliDecoderResult status = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;

    if (state == NULL)
        return INFLATE_NO_MEMORY;
    while (result == INFLATE_OK && status == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
        uint8_t piece[PIECE_BYTES + 1], *to = piece;
        size_t size = piece_for(out), room = size;

        status = BrotliDecoderDecompressStream(state, &left, &next, &room, &to, NULL);
        result = keep(out, (const char *)piece, size - room);
    }
    BrotliDecoderDestroyInstance(state);
    if (result != INFLATE_OK)
        return result;
    if (status != BROTLI_DECODER_RESULT_SUCCESS)
        return INFLATE_DAMAGED;
    return left > 0 ? INFLATE_TRAILING : INFLATE_OK;
}

static enum inflate_result
run_zstd(struct str in, struct buf *out)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    ZSTD_inBuffer input = { .src = in.ptr, .size = in.len };
    enum inflate_result result = INFLATE_OK;
    size_t pending = 1; /* 0: a frame is complete and all of it came out */

    if (context == NULL)
        return INFLATE_NO_MEMORY;
    if (ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG)))
        result = INFLATE_NO_MEMORY;
    while (result == INFLATE_OK) {
        char piece[PIECE_BYTES + 1];
        ZSTD_outBuffer output = { .dst = piece, .size = piece_for(out) };

        pending = ZSTD_decompressStream(context, &output, &input);
        result = keep(out, piece, output.pos);
        if (ZSTD_isError(pending))
            result = result == INFLATE_OK ? INFLATE_DAMAGED : result;
        else if (input.pos == input.size && (pending == 0 || output.pos < output.size))
            break;
    }
    ZSTD_freeDCtx(context);
    return result == INFLATE_OK && pending > 0 ? INFLATE_DAMAGED : result;
}

enum inflate_result
expand_bytes(struct arena *arena, struct str in, enum expand_format format, size_t max_bytes, struct str *out)
{
    enum inflate_result result;
    struct buf collected;

    *out = (struct str){ 0 };
    buf_init(&collected, inflate_ceiling(in.len, max_bytes));
    result = format == EXPAND_BROTLI ? run_brotli(in, &collected) : run_zstd(in, &collected);
    if (collected.len > 0) {
        *out = arena_copy(arena, buf_str(&collected));
        if (!str_present(*out))
            result = INFLATE_NO_MEMORY;
    } else if (result == INFLATE_OK || result == INFLATE_TRAILING) {
        *out = STR("");
    }
    buf_release(&collected);
    return result;
}
