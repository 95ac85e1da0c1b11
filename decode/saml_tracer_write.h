/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SAML_TRACER_WRITE_H
#define SAMLTAP_SAML_TRACER_WRITE_H

#include "exchange.h"

/*
 * Writes exchanges as an export of the SAML-tracer browser extension (layout since 1.0), which it and
 * capture_read() open again. It holds no response bodies and only the fields of posted forms. A URL that would
 * end the extension's import (saml_tracer_url.h) is written so that it does not, and as it was in "_url".
 * Piece by piece, so that a file may be larger than memory:
 *
 *     saml_tracer_write_begin(&out);
 *     for each exchange: saml_tracer_write_entry(arena, exchange, ordinal, &out);   // flush out as you like
 *     saml_tracer_write_end(now_ms, &out);
 *
 * ordinal: place in this file, from 1; it becomes the requestId, which must be unique: the extension joins
 * requests and responses by it. now_ms: time of the export. Failure of out is sticky, as always.
 * saml_tracer_write_entry returns false when memory is out; nothing of the entry is then written.
 */
void saml_tracer_write_begin(struct buf *out);
bool saml_tracer_write_entry(struct arena *arena, const struct exchange *exchange, size_t ordinal,
                             struct buf *out) CHECK_RESULT;
void saml_tracer_write_end(int64_t now_ms, struct buf *out);

/* All of it at once. Returns false when memory is out. */
bool saml_tracer_write(struct arena *arena, const struct exchange *exchanges, size_t count, int64_t now_ms,
                       struct buf *out) CHECK_RESULT;

#endif
