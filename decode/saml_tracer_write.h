/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SAML_TRACER_WRITE_H
#define SAMLTAP_SAML_TRACER_WRITE_H

#include "exchange.h"

/*
 * Writes exchanges as an export of the SAML-tracer browser extension (layout since 1.0), which it and
 * capture_read() open again. It holds no response bodies and only the fields of posted forms. now_ms:
 * time of the export. Returns false when memory is out.
 */
bool saml_tracer_write(struct arena *arena, const struct exchange *exchanges, size_t count, int64_t now_ms,
                       struct buf *out) CHECK_RESULT;

#endif
