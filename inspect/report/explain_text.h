/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXPLAIN_TEXT_H
#define SAMLTAP_EXPLAIN_TEXT_H

#include "error_texts.h"
#include "report.h"
#include "reporter.h"

/* The long text of an entry that is no check. */
void explain_entry(struct buf *out, const struct error_entry *entry, const struct reporter_options *options);

/* Reports of a trace in which the error happened; borrowed. count 0: none was given. */
struct explain_trace {
    struct report *const *reports;
    size_t count;
};

/*
 * What produces an error text: the best match at length, the others a line each. What the trace (NULL: none) has as
 * an error stands first, in the order of its causes. Returns false, with a line that says so, when nothing is known
 * about the text.
 */
bool explain_text(struct buf *out, struct str text, const struct explain_trace *trace,
                  const struct reporter_options *options);

#endif
