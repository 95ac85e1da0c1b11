/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_XML_BASE64_H
#define SAMLTAP_XML_BASE64_H

#include "arena.h"

/*
 * xs:base64Binary as it stands in XML: white space anywhere is nothing, everything else is strict
 * (alphabet, padding, zero bits). The lenient reading of transport values is base64.h.
 */

/* Gives the bytes (in the arena). Returns false when text is not base64 or the arena refuses. */
bool xml_base64_decode(struct arena *arena, struct str text, struct str *bytes) CHECK_RESULT;

/* Gives base64 without line breaks; absent when the arena refuses. */
struct str xml_base64_encode(struct arena *arena, struct str bytes);

#endif
