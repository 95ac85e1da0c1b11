/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXPAND_H
#define SAMLTAP_EXPAND_H

#include "inflate.h"

/* The codings that browsers are sent besides the DEFLATE family, under the same limits as inflate_bytes(). */
enum expand_format {
    EXPAND_BROTLI, /* RFC 7932, without large windows */
    EXPAND_ZSTD,   /* RFC 8878; several frames are joined; windows up to 8 MiB (RFC 9659) */
};

/*
 * Expands in into the arena, to at most max_bytes. *out is absent when nothing came out; INFLATE_DAMAGED
 * and INFLATE_TOO_LARGE leave the beginning in it.
 */
enum inflate_result expand_bytes(struct arena *arena, struct str in, enum expand_format format, size_t max_bytes,
                                 struct str *out);

#endif
