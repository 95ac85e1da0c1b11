/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SAML_TRACER_H
#define SAMLTAP_SAML_TRACER_H

#include "har.h"

/*
 * Reads an export of the SAML-tracer browser extension, of today's layout (headers as objects) or of
 * that before 1.0 (headers as pairs), into exchanges. The extension keeps no response bodies and no
 * times; it has decoded the posted fields, which are encoded here again. A message that was masked when the
 * file was made is put back from the XML beside it, and *problem says so. Results as in har_read.
 */
enum capture_result saml_tracer_read(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count,
                                     struct str *problem);

#endif
