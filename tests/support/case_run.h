/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_CASE_RUN_H
#define SAMLTAP_TESTS_CASE_RUN_H

#include "case_file.h"
#include "examine.h"

/*
 * Makes what the case describes and examines it. Gives the report (one reference) and, in *input,
 * the bytes that were sent (in the arena), or NULL with one line in why.
 */
struct report *case_run(struct arena *arena, const struct case_file *file, const char *base_folder, struct str *input,
                        char *why, size_t why_size);

/* Compares the report with what the case expects; adds a line to problems for each difference. */
void case_judge(const struct case_file *file, const struct report *report, bool must_be_clean, struct buf *problems);

#endif
