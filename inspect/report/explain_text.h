/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXPLAIN_TEXT_H
#define SAMLTAP_EXPLAIN_TEXT_H

#include "error_texts.h"
#include "reporter.h"

/* The long text of an entry that is no check. */
void explain_entry(struct buf *out, const struct error_entry *entry, const struct reporter_options *options);

/*
 * What produces an error text: the best match at length, the others a line each. Returns false, with a
 * line that says so, when nothing is known about it.
 */
bool explain_text(struct buf *out, struct str text, const struct reporter_options *options);

#endif
