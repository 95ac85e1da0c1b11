/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_INFLATE_H
#define SAMLTAP_INFLATE_H

#include "arena.h"
#include "str.h"

enum inflate_format {
    INFLATE_RAW,  /* RFC 1951 */
    INFLATE_ZLIB, /* RFC 1950 */
    INFLATE_GZIP, /* RFC 1952; several members are joined */
};

enum inflate_result {
    INFLATE_OK,
    INFLATE_TRAILING,  /* complete, but bytes follow the stream */
    INFLATE_DAMAGED,   /* ends early, is corrupt or fails its checksum: out holds what came before */
    INFLATE_TOO_LARGE, /* over max_bytes, or over 100 times the input past the first 64 KiB: out holds the beginning */
    INFLATE_NO_MEMORY,
};

enum { INFLATE_MAX_RATIO = 100, INFLATE_FREE_BYTES = 64 * 1024 };

/*
 * Inflates in into the arena, to at most max_bytes. *used is the number of bytes of in that belong to
 * the stream. *out is absent when nothing came out.
 */
enum inflate_result inflate_bytes(struct arena *arena, struct str in, enum inflate_format format, size_t max_bytes,
                                  struct str *out, size_t *used);

/* How many bytes may come out of input bytes: max_bytes, or what the ratio allows when that is less. */
size_t inflate_ceiling(size_t input, size_t max_bytes);

/* What zlib's inflateInit2 calls the format. */
int inflate_window_bits(enum inflate_format format);

#endif
