/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_COUNTS_ROWS_H
#define SAMLTAP_COUNTS_ROWS_H

#include "counts.h"

/* One number, or one for each member of an enum, and what it is called in each output. */
struct counts_row {
    const char *title;  /* in the table; one that starts a new paragraph has no leading space */
    const char *json;   /* path in the JSON object: "connections.open" */
    const char *metric; /* Prometheus name; rows of one name stand together */
    const char *labels; /* fixed labels: "side=\"client\""; NULL none */
    const char *help;   /* one sentence, no full stop; of the first row of that name */
    bool is_gauge;      /* goes up and down; else it only grows */
    bool is_bytes;
    size_t offset;                            /* of the uint64_t, or the first of them, in struct counts */
    size_t members;                           /* 0: a single number */
    const char *label;                        /* name of the label that tells members apart */
    const char *(*member_name)(size_t index); /* its value */
};

extern const struct counts_row counts_rows[];
extern const size_t counts_row_count;

/* The number of a row; index: of the member, 0 for a single one. */
uint64_t counts_value(const struct counts *counts, const struct counts_row *row, size_t index);

#endif
