/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_COUNTS_TEXT_H
#define SAMLTAP_COUNTS_TEXT_H

#include "buf.h"
#include "counts.h"

enum { COUNTS_MAX_BYTES = 256 * 1024 };

/* A table for people, one line for a log (no line feed), one JSON object (no line feed), Prometheus' text format 0.0.4. */
void counts_table(struct buf *out, const struct counts *counts);
void counts_line(struct buf *out, const struct counts *counts);
void counts_json(struct buf *out, const struct counts *counts);
void counts_prometheus(struct buf *out, const struct counts *counts);

#endif
