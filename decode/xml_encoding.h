/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_XML_ENCODING_H
#define SAMLTAP_XML_ENCODING_H

#include "arena.h"
#include "xml_status.h"

/* Bytes brought to UTF-8, so that everything behind has to know one encoding only. */
struct xml_text {
    struct str utf8; /* without byte order mark; in the arena, or the same bytes as given */
    size_t skipped;  /* bytes of the mark when utf8 is the given bytes */
    bool converted;  /* offsets in utf8 are not offsets in the given bytes */
    bool has_bom;
    struct str declared; /* of the XML declaration, absent when none; points into utf8 */
};

/*
 * Accepts UTF-8, US-ASCII, UTF-16 (byte order mark or pattern), ISO-8859-1 and windows-1252
 * (saml-verification 2.2, rung 11). Returns XML_OK, XML_BAD_ENCODING, XML_NUL_BYTE or XML_NO_MEMORY;
 * *offset is then the place in bytes.
 */
enum xml_result xml_to_utf8(struct arena *arena, struct str bytes, struct xml_text *text, size_t *offset);

#endif
