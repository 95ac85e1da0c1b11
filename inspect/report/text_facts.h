/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TEXT_FACTS_H
#define SAMLTAP_TEXT_FACTS_H

#include "text_page.h"

/* What the principal message says: parties, subject, times against the clock, attributes. */
void facts_section(struct page *page, const struct report *report);

/* Every signature of the principal message as a table, with the proven causes below. */
void signatures_section(struct page *page, const struct report *report);

/* The end of an algorithm URI: "rsa-sha256". */
struct str algorithm_short(struct str uri);

#endif
