/* SPDX-License-Identifier: MIT */
#include "byte_source.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "inflate_stream.h"
#include "input_argument.h"
#include "memory.h"

enum { PIECE_BYTES = 64 * 1024, MAGIC_BYTES = 2, HEAD_BYTES = 4, TEXT_MAX_BYTES = 64 * 1024 * 1024 };

bool
byte_source_open(struct byte_source *source, const char *argument, char **why)
{
    struct stat status;

    *source = (struct byte_source){ .name = input_argument_name(argument), .descriptor = -1 };
    buf_init(&source->text, TEXT_MAX_BYTES);
    if (input_argument_is_input(argument)) {
        source->rest = str_from(argument);
        source->started = source->at_end = true;
        return true;
    }
    source->descriptor = file_open_for_reading(argument, why);
    if (source->descriptor < 0)
        return false;
    if (fstat(source->descriptor, &status) == 0 && S_ISREG(status.st_mode))
        source->size = (uint64_t)status.st_size;
    source->piece = xmalloc(PIECE_BYTES);
    return true;
}

void
byte_source_close(struct byte_source *source)
{
    if (source->descriptor > STDIN_FILENO)
        close(source->descriptor);
    inflate_stream_free(source->inflate);
    buf_release(&source->text);
    free(source->piece);
}

/* Reads on behind what is left, until there are that many bytes or no more. Returns false and *why. */
static bool
fill(struct byte_source *source, size_t wanted, char **why)
{
    if (source->rest.len < wanted && !source->at_end && source->rest.len > 0)
        memmove(source->piece, source->rest.ptr, source->rest.len);
    while (source->rest.len < wanted && !source->at_end) {
        size_t kept = source->rest.len;
        ssize_t got = file_read_some(source->descriptor, source->name, source->piece + kept, PIECE_BYTES - kept, why);

        if (got < 0)
            return false;
        source->done += (uint64_t)got;
        source->at_end = got == 0 || source->done == source->size;
        source->rest = (struct str){ source->piece, kept + (size_t)got };
    }
    return true;
}

static ssize_t
read_packed(struct byte_source *source, char *bytes, size_t room, char **why)
{
    for (;;) {
        enum inflate_result result;
        size_t got;

        if (!fill(source, 1, why))
            return -1;
        if (source->rest.len == 0) {
            source->damaged = source->damaged || !inflate_stream_may_end(source->inflate);
            return 0;
        }
        result = inflate_stream_next(source->inflate, &source->rest, bytes, room, &got);
        if (got > 0)
            return (ssize_t)got;
        if (result == INFLATE_OK)
            continue;
        source->damaged = source->damaged || result != INFLATE_TRAILING;
        source->rest.len = 0;
        source->at_end = true;
        return 0;
    }
}

/* How it is compressed as a whole; mitmproxy's .zhar is zlib. (Its fourth level, "x^", may be a text.) */
static bool
is_packed(struct str head, enum inflate_format *format)
{
    *format = str_starts_c(head, "\x1f\x8b") ? INFLATE_GZIP : INFLATE_ZLIB;
    return *format == INFLATE_GZIP || str_starts_c(head, "x\x01") || str_starts_c(head, "x\x9c") ||
           str_starts_c(head, "x\xda");
}

/* Like byte_source_read, in the encoding of the input. */
static ssize_t
read_bytes(struct byte_source *source, char *bytes, size_t room, char **why)
{
    enum inflate_format format;
    size_t len;

    if (!fill(source, source->started ? 1 : MAGIC_BYTES, why))
        return -1;
    if (!source->started && is_packed(source->rest, &format)) {
        source->inflate = inflate_stream_new(format);
        if (source->inflate == NULL) {
            *why = xprintf("%s: out of memory", source->name);
            return -1;
        }
    }
    source->started = true;
    if (source->inflate != NULL)
        return read_packed(source, bytes, room, why);
    len = source->rest.len < room ? source->rest.len : room;
    if (len > 0)
        memcpy(bytes, source->rest.ptr, len);
    source->rest = str_from_offset(source->rest, len);
    return (ssize_t)len;
}

/* The first bytes, enough to tell UTF-16 from other texts. */
static ssize_t
read_head(struct byte_source *source, char *bytes, size_t room, char **why)
{
    size_t have = 0;
    ssize_t got = 1;

    while (have < HEAD_BYTES && have < room && got > 0) {
        got = read_bytes(source, bytes + have, room - have, why);
        have += got > 0 ? (size_t)got : 0;
    }
    source->looked = true;
    source->is_utf16 = utf16_stream_begins(&source->utf16, (struct str){ bytes, have });
    return got < 0 ? got : (ssize_t)have;
}

ssize_t
byte_source_read(struct byte_source *source, char *bytes, size_t room, char **why)
{
    ssize_t got = 0;
    size_t len;

    if (!source->looked)
        got = read_head(source, bytes, room, why);
    else if (!source->is_utf16)
        got = read_bytes(source, bytes, room, why);
    if (!source->is_utf16 || got < 0)
        return got;
    while (source->text.len == 0 || got > 0) {
        if (got == 0)
            got = read_bytes(source, bytes, room, why);
        if (got <= 0)
            return got;
        utf16_stream_next(&source->utf16, (struct str){ bytes, (size_t)got }, &source->text);
        got = 0;
    }
    if (buf_failed(&source->text)) {
        *why = xprintf("%s: out of memory", source->name);
        return -1;
    }
    len = source->text.len < room ? source->text.len : room;
    memcpy(bytes, source->text.bytes, len);
    buf_consume(&source->text, len);
    return (ssize_t)len;
}
