/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SAML_TRACER_URL_H
#define SAMLTAP_SAML_TRACER_URL_H

#include "arena.h"

/*
 * What the SAML-tracer extension can import. It decodes every parameter of a URL, and the message in one, as it
 * loads a file; a single one that it cannot decode ends the import of the whole file.
 */

/*
 * The URL as the extension can load it: url itself, or one in which "%" that begins no escape of UTF-8 is written
 * "%25" and, in a GET, an empty parameter stands before a message that it could not inflate, so that it passes that
 * over. Absent when the arena refuses.
 */
struct str saml_tracer_url(struct arena *arena, struct str url, bool is_get);

/* True when the extension can decode the value of a posted SAMLRequest or SAMLResponse. */
bool saml_tracer_can_decode_post(struct arena *arena, struct str value);

#endif
