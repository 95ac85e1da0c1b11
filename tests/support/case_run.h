/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_CASE_RUN_H
#define SAMLTAP_TESTS_CASE_RUN_H

#include "case_file.h"
#include "examine.h"

/* A case that is made but not examined yet. Lives in the arena it was made in; settings->keys is to be released. */
struct case_prepared {
    const struct case_file *file;
    struct settings *settings;
    bool is_bare; /* input is what is examined; else the exchanges are */
    struct str input;
    struct exchange **steps;
    size_t step_count;
};

/* Makes what the case describes. Returns false with one line in why; nothing is to be released then. */
bool case_prepare(struct arena *arena, const struct case_file *file, const char *base_folder,
                  struct case_prepared *prepared, char *why, size_t why_size);
void case_release(struct case_prepared *prepared);

/*
 * Examines it, as often as you like. Gives the report of the last exchange (one reference), or NULL. *complete
 * (may be NULL): no report on the way was missing or incomplete.
 */
struct report *case_examine(const struct case_prepared *prepared, bool *complete);

/*
 * Makes what the case describes and examines it. Gives the report (one reference) and, in *input,
 * the bytes that were sent (in the arena), or NULL with one line in why.
 */
struct report *case_run(struct arena *arena, const struct case_file *file, const char *base_folder, struct str *input,
                        char *why, size_t why_size);

/* Compares the report with what the case expects; adds a line to problems for each difference. */
void case_judge(const struct case_file *file, const struct report *report, bool must_be_clean, struct buf *problems);

#endif
