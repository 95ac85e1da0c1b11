/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_UTF16_STREAM_H
#define SAMLTAP_UTF16_STREAM_H

#include <stdint.h>

#include "buf.h"

/* Text in UTF-16, as some Windows tools write it, brought to UTF-8 piece by piece. Pure. */
struct utf16_stream {
    /* Private. */
    bool big_endian;
    bool at_start;       /* a byte order mark may come */
    bool odd;            /* one byte of a unit has come */
    unsigned char first; /* that byte */
    uint32_t high;       /* first half of a surrogate pair; 0: none */
};

/*
 * True, with the stream prepared, when head (the first bytes of a text, four or more) says that it is UTF-16: by its
 * byte order mark, or because every other byte is NUL. XML is left alone: its reader knows encodings, and reports them.
 */
bool utf16_stream_begins(struct utf16_stream *stream, struct str head);

/* Appends the next bytes in UTF-8, without byte order mark; a lone surrogate becomes U+FFFD. */
void utf16_stream_next(struct utf16_stream *stream, struct str bytes, struct buf *out);

#endif
