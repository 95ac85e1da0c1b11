/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_ERROR_ROWS_H
#define SAMLTAP_ERROR_ROWS_H

#include "error_entry.h"

/* Data of error_texts.c: every row is one sentence and the ids behind it, the likeliest first. */
struct error_row {
    const char *sentence; /* lower case, single spaces; "*" stands for anything between */
    const char *ids;      /* space separated */
};

extern const struct error_row error_rows[];
extern const size_t error_row_count;
/* Codes of OAuth: sentence is a list of words, space separated; each counts where it stands alone. */
extern const struct error_row error_codes[];
extern const size_t error_code_count;
extern const struct error_entry error_entries[];
extern const size_t error_entry_count;

#endif
