/* SPDX-License-Identifier: MIT */
#include "inflate.h"

#include <limits.h>

#define ZLIB_CONST /* next_in points to const */
#include <zlib.h>

#include "buf.h"

enum { PIECE_BYTES = 16 * 1024, RAW_WINDOW = -15, ZLIB_WINDOW = 15, GZIP_WINDOW = 15 + 16 };

int
inflate_window_bits(enum inflate_format format)
{
    switch (format) {
    case INFLATE_RAW:
        return RAW_WINDOW;
    case INFLATE_ZLIB:
        return ZLIB_WINDOW;
    case INFLATE_GZIP:
        break;
    }
    return GZIP_WINDOW;
}

size_t
inflate_ceiling(size_t input, size_t max_bytes)
{
    size_t by_ratio = input > SIZE_MAX / INFLATE_MAX_RATIO ? SIZE_MAX : input * INFLATE_MAX_RATIO;

    if (by_ratio < INFLATE_FREE_BYTES)
        by_ratio = INFLATE_FREE_BYTES;
    return by_ratio < max_bytes ? by_ratio : max_bytes;
}

/* Another gzip member follows: its magic is there. */
static bool
next_member(z_stream *stream)
{
    return stream->avail_in >= 2 && stream->next_in[0] == 0x1f && stream->next_in[1] == 0x8b &&
           inflateReset(stream) == Z_OK;
}

/* Inflates piece by piece, so that a bomb costs no more than the ceiling. */
static enum inflate_result
run(z_stream *stream, enum inflate_format format, struct buf *out)
{
    for (;;) {
        size_t room = out->max_bytes - out->len;
        size_t piece = room < PIECE_BYTES ? room + 1 : PIECE_BYTES; /* one more than fits, to see that it does not */
        unsigned char bytes[PIECE_BYTES + 1];
        size_t got;
        int status;

        stream->next_out = bytes;
        stream->avail_out = (uInt)piece;
        status = inflate(stream, Z_NO_FLUSH);
        got = piece - stream->avail_out;
        buf_add(out, bytes, got < room ? got : room);
        if (buf_failed(out))
            return INFLATE_NO_MEMORY;
        if (got > room)
            return INFLATE_TOO_LARGE;
        if (status == Z_STREAM_END) {
            if (format == INFLATE_GZIP && next_member(stream))
                continue;
            return stream->avail_in > 0 ? INFLATE_TRAILING : INFLATE_OK;
        }
        if (status == Z_MEM_ERROR)
            return INFLATE_NO_MEMORY;
        if (status != Z_OK || (got == 0 && stream->avail_in == 0))
            return INFLATE_DAMAGED;
    }
}

enum inflate_result
inflate_bytes(struct arena *arena, struct str in, enum inflate_format format, size_t max_bytes, struct str *out,
              size_t *used)
{
    z_stream stream = { .avail_in = (uInt)in.len };
    enum inflate_result result;
    struct buf collected;

    *out = (struct str){ 0 };
    *used = 0;
    if (in.len > UINT_MAX)
        return INFLATE_TOO_LARGE;
    stream.next_in = (const unsigned char *)in.ptr;
    if (inflateInit2(&stream, inflate_window_bits(format)) != Z_OK)
        return INFLATE_NO_MEMORY;
    buf_init(&collected, inflate_ceiling(in.len, max_bytes));
    result = run(&stream, format, &collected);
    *used = in.len - stream.avail_in;
    inflateEnd(&stream);
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
