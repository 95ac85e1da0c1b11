/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_XML_INDEX_H
#define SAMLTAP_XML_INDEX_H

#include "xml_scan.h"

/*
 * Numbers the elements from document->root on and hangs a struct xml_element on each node.
 * Returns false when the arena is exhausted.
 */
bool xml_index(struct xml_document *document);

/* Adds byte ranges found by the scan, unless the numbers differ. shift is added to every offset. */
void xml_index_ranges(struct xml_document *document, const struct xml_range *ranges, uint32_t count, size_t shift);

#endif
