/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_INTAKE_H
#define SAMLTAP_INTAKE_H

#include "context.h"
#include "reporter.h"

/* How the desk shows what it finds. */
struct intake_options {
    const struct settings *settings;
    const struct reporter *reporter; /* for standard output */
    struct reporter_options how;
    const char *journal_path;  /* NULL: nothing is kept on disk */
    const char *history_path;  /* what of the past is known is kept there; NULL: as long as the process lives */
    const char *json_log_path; /* JSON lines of every finished sign-in are appended there; NULL none */
    bool verdict_is_code;      /* the exit code is the verdict of the last sign-in */
};

/*
 * The desk: reads exchanges from the pipe (a descriptor, taken), keeps, examines, acknowledges and
 * prints them until PIPE_FINISH or the end of the pipe; then finishes open sign-ins. Returns an
 * enum exit_code.
 */
int intake_run(const struct intake_options *options, int pipe);

#endif
