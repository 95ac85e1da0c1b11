/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_XML_SCAN_H
#define SAMLTAP_XML_SCAN_H

#include "xml.h"

struct xml_range {
    size_t offset;
    size_t length; /* 0: the element is not closed */
};

/*
 * What one cheap pass over the bytes sees before a parser does: byte ranges of the elements in
 * document order, and limits, because libxml2 has already paid for a hostile tag when it hands it
 * over. Bytes must be in an encoding that contains ASCII. Broken markup ends the scan quietly:
 * the parser finds the words for it.
 */
struct xml_scan {
    enum xml_result result; /* XML_OK, or the limit that was passed */
    size_t offset;          /* where */
    struct xml_range *ranges;
    uint32_t count;
    uint64_t squares;
};

/* Ranges live in the arena. Returns false when the arena is exhausted. */
bool xml_scan(struct arena *arena, struct str bytes, const struct xml_limits *limits, struct xml_scan *scan);

/* Byte range of the attribute called name (with its prefix) in the start tag at the head of tag. */
bool xml_scan_attribute(struct str tag, struct str name, size_t *offset, size_t *length);

#endif
