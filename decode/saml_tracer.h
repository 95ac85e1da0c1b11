/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SAML_TRACER_H
#define SAMLTAP_SAML_TRACER_H

#include <jansson.h>

#include "exchange.h"

/*
 * Reads one element of "requests" of an export of the SAML-tracer browser extension, of today's layout
 * (headers as objects) or of that before 1.0 (headers as pairs), into *exchange, which lives in the arena.
 * The extension keeps no response bodies and no times; it has decoded the posted fields, which are encoded
 * here again. A message that was masked when the file was made is put back from the XML beside it; *restored
 * counts these. Returns false when the arena refuses, or with *why (static) when the element is no request.
 */
bool saml_tracer_read_entry(struct arena *arena, const json_t *entry, struct exchange *exchange, size_t *restored,
                            const char **why) CHECK_RESULT;

#endif
