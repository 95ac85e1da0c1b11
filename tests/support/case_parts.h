/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_CASE_PARTS_H
#define SAMLTAP_TESTS_CASE_PARTS_H

#include "case_run.h"

/* What the parts of case_run() share. */

/* A case at work. Everything lives in the arena. */
struct case_runner {
    struct arena *arena;
    const struct case_file *file;
    const char *base_folder;
    struct settings *settings;
    char *why;
    size_t why_size;
    unsigned iteration;
};

/* case_payload.c: the text, ended by NUL; "" when absent. */
const char *case_c_string(struct case_runner *runner, struct str text);

/* Writes "what: value" into why. Returns false. */
bool case_complain(struct case_runner *runner, const char *what, struct str value);

/* A template of the base folder, edited and filled. Returns false with why. */
bool case_fill(struct case_runner *runner, struct str name, enum case_stage stage, struct str *xml);

/* What goes into the body, the query or the file. Returns false with why. */
bool case_payload(struct case_runner *runner, struct str *payload);

/* case_settings.c: what the options of the case say, into runner->settings. Returns false with why. */
bool case_settings(struct case_runner *runner);

#endif
