/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_BYTE_SOURCE_H
#define SAMLTAP_BYTE_SOURCE_H

#include <sys/types.h>

#include "utf16_stream.h"

struct inflate_stream;

/*
 * The bytes of an input from its beginning to its end, in pieces: a file, standard input ("-"), or an
 * argument that is the input itself; unpacked when it is gzip or zlib as a whole, and in UTF-8 when it is a
 * text in UTF-16 (XML stays as it is).
 */
struct byte_source {
    const char *name; /* for messages; borrowed */
    uint64_t size;    /* of a regular file; 0: not known */
    uint64_t done;    /* bytes of it that were taken; more may have come out */
    bool is_utf16;
    bool damaged; /* the gzip data is damaged or cut off; what came before was given */

    /* Private. */
    int descriptor; /* -1: an argument */
    bool started, at_end;
    struct inflate_stream *inflate; /* NULL: not compressed */
    char *piece;
    struct str rest; /* what of the piece was not given yet */
    bool looked;     /* whether it is UTF-16 */
    struct utf16_stream utf16;
    struct buf text; /* in UTF-8, what was not given yet */
};

/* Borrows the argument. Returns false and *why (malloc'd, one line); closing is then not needed. */
bool byte_source_open(struct byte_source *source, const char *argument, char **why);

/* Gives the number of bytes (at most room, which is not 0), 0 at the end, -1 and *why. */
ssize_t byte_source_read(struct byte_source *source, char *bytes, size_t room, char **why);

void byte_source_close(struct byte_source *source);

#endif
