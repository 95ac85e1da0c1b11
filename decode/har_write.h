/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HAR_WRITE_H
#define SAMLTAP_HAR_WRITE_H

#include "exchange.h"

/*
 * Writes exchanges as an HTTP Archive 1.2 that browsers and capture_read() open again. Bodies of responses
 * are written without their content coding; bytes that are no UTF-8 go in base64, in headers and URLs
 * they are read as Latin-1. What the format has no place for stands in members that begin with "_".
 * Piece by piece, so that a file may be larger than memory:
 *
 *     har_write_begin(&out);
 *     for each exchange: har_write_entry(arena, exchange, first, &out);   // flush and reset out as you like
 *     har_write_end(&out);
 *
 * Failure of out is sticky, as always. har_write_entry returns false when memory is out; nothing of the
 * entry is then written.
 */
void har_write_begin(struct buf *out);
bool har_write_entry(struct arena *arena, const struct exchange *exchange, bool first, struct buf *out) CHECK_RESULT;
void har_write_end(struct buf *out);

/* All of it at once. Returns false when memory is out. */
bool har_write(struct arena *arena, const struct exchange *exchanges, size_t count, struct buf *out) CHECK_RESULT;

#endif
