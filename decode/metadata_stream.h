/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_METADATA_STREAM_H
#define SAMLTAP_METADATA_STREAM_H

#include "arena.h"
#include "metadata_types.h"

/*
 * Reads metadata that may be as big as a federation's: the bytes come in pieces, one EntityDescriptor at a time is
 * cut out and read, with what the groups around it say (namespaces, validUntil), and only facts of wanted entities
 * stay. Memory is bounded by the largest entity and by what is kept, not by the file.
 *
 * Bytes are UTF-8 or another encoding that contains ASCII. There is no DTD. A signature over a group is noticed, not
 * verified: that needs the whole document.
 */
struct metadata_stream;

enum {
    METADATA_STREAM_MAX_ENTITY = 4 * 1024 * 1024, /* bytes of one EntityDescriptor */
    METADATA_STREAM_MAX_KEPT = 2000,              /* entities that are kept when none is named */
};

/*
 * Makes a reader whose facts live in the arena. source names the file (copied). wanted: entity IDs to keep, borrowed
 * until the end; wanted_count 0 keeps all, up to METADATA_STREAM_MAX_KEPT. Gives NULL when memory is out.
 */
struct metadata_stream *metadata_stream_new(struct arena *arena, struct str source, const struct str *wanted,
                                            size_t wanted_count);
void metadata_stream_free(struct metadata_stream *stream); /* NULL is fine */

/* Takes the next bytes (len may be 0). Returns false when it makes no sense to go on: metadata_stream_end says why. */
bool metadata_stream_feed(struct metadata_stream *stream, const char *bytes, size_t len) CHECK_RESULT;

/*
 * The file is over. Fills *metadata with the kept entities (perhaps none) and *seen with how many there were (NULL is
 * fine). Returns false with *why (one line, in the arena or static) when it was no usable metadata.
 */
bool metadata_stream_end(struct metadata_stream *stream, struct metadata *metadata, size_t *seen,
                         struct str *why) CHECK_RESULT;

#endif
