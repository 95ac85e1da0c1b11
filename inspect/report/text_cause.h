/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TEXT_CAUSE_H
#define SAMLTAP_TEXT_CAUSE_H

#include "text_page.h"

/*
 * The cause card: title, id and confidence, both values with a caret under the first difference, and
 * who mends it where. full: also the explanation, the place, the source and what it rests on.
 */
void cause_card(struct page *page, const struct report *report, const struct finding *finding, bool full);

/* One line for a finding that is not the cause. */
void finding_line(struct page *page, const char *label, const struct finding *finding);

/* Fixes in the order of their worth for this report: the recognised vendor's, the general one, others. */
size_t fixes_for(const struct report *report, const struct check *check,
                 const struct check_fix *fixes[CHECK_MAX_FIXES]);

/* "Okta" for "okta"; the name itself when there is no such vendor. */
const char *fix_vendor_title(const char *vendor);

/* "IdP admin", "user" … for people. */
const char *owner_words(enum owner owner);

#endif
