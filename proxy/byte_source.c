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

enum { PIECE_BYTES = 64 * 1024, MAGIC_BYTES = 2 };

bool
byte_source_open(struct byte_source *source, const char *argument, char **why)
{
    struct stat status;

    *source = (struct byte_source){ .name = input_argument_name(argument), .descriptor = -1 };
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
    source->piece = xcalloc(1, PIECE_BYTES);
    return true;
}

void
byte_source_close(struct byte_source *source)
{
    if (source->descriptor > STDIN_FILENO)
        close(source->descriptor);
    inflate_stream_free(source->inflate);
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
        source->at_end = got == 0;
        source->done += (uint64_t)got;
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

ssize_t
byte_source_read(struct byte_source *source, char *bytes, size_t room, char **why)
{
    size_t len;

    if (!fill(source, source->started ? 1 : MAGIC_BYTES, why))
        return -1;
    if (!source->started && str_starts_c(source->rest, "\x1f\x8b")) {
        source->inflate = inflate_stream_new(INFLATE_GZIP);
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
