/* SPDX-License-Identifier: MIT */
#include "inflate_stream.h"

#include <limits.h>
#include <stdlib.h>

#define ZLIB_CONST /* next_in points to const */
#include <zlib.h>

struct inflate_stream {
    z_stream zlib;
    bool members;  /* another one may follow */
    bool at_end;   /* of a member */
    bool finished; /* damaged, or something else follows */
};

struct inflate_stream *
inflate_stream_new(enum inflate_format format)
{
    struct inflate_stream *stream = calloc(1, sizeof(*stream));

    if (stream != NULL && inflateInit2(&stream->zlib, inflate_window_bits(format)) != Z_OK) {
        free(stream);
        return NULL;
    }
    if (stream != NULL)
        stream->members = format == INFLATE_GZIP;
    return stream;
}

void
inflate_stream_free(struct inflate_stream *stream)
{
    if (stream != NULL)
        inflateEnd(&stream->zlib);
    free(stream);
}

bool
inflate_stream_may_end(const struct inflate_stream *stream)
{
    return stream->at_end;
}

/* Behind a member: its first byte tells whether another one follows. */
static bool
begin_member(struct inflate_stream *stream, struct str in)
{
    if (!stream->members || in.ptr[0] != '\x1f' || inflateReset(&stream->zlib) != Z_OK)
        return false;
    stream->at_end = false;
    return true;
}

enum inflate_result
inflate_stream_next(struct inflate_stream *stream, struct str *in, char *out, size_t room, size_t *got)
{
    int status;

    *got = 0;
    if (in->len == 0 || room == 0)
        return INFLATE_OK;
    if (stream->finished || (stream->at_end && !begin_member(stream, *in))) {
        stream->finished = true;
        return INFLATE_TRAILING;
    }
    room = room > UINT_MAX ? UINT_MAX : room;
    stream->zlib.next_in = (const unsigned char *)in->ptr;
    stream->zlib.avail_in = in->len > UINT_MAX ? UINT_MAX : (uInt)in->len;
    stream->zlib.next_out = (unsigned char *)out;
    stream->zlib.avail_out = (uInt)room;
    status = inflate(&stream->zlib, Z_NO_FLUSH);
    *got = room - stream->zlib.avail_out;
    *in = str_from_offset(*in, (size_t)((const char *)stream->zlib.next_in - in->ptr));
    stream->at_end = status == Z_STREAM_END;
    if (status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR)
        return INFLATE_OK;
    stream->finished = true;
    return status == Z_MEM_ERROR ? INFLATE_NO_MEMORY : INFLATE_DAMAGED;
}
