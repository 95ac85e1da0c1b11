/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_OUTLET_H
#define SAMLTAP_OUTLET_H

#include "reporter.h"

enum { OUTLET_REMEMBERED = 64 };

/*
 * Where the desk's findings go: standard output in one format, and a file of JSON lines. Traffic
 * without message that fails the same way again and again (a browser that does not trust the CA)
 * is shown once.
 */
struct outlet {
    const struct reporter *reporter;
    struct reporter_options how;
    const char *json_log_path;         /* NULL: none */
    int json_log;                      /* descriptor, -1: none */
    bool output_gone;                  /* the reader of standard output has left */
    uint64_t shown[OUTLET_REMEMBERED]; /* hashes of problems shown, a ring */
    size_t shown_count;
};

/* how is copied, the path borrowed. Returns false and *why (malloc'd) when the JSON log cannot be opened. */
bool outlet_open(struct outlet *outlet, const struct reporter *reporter, const struct reporter_options *how,
                 const char *json_log_path, char **why);
void outlet_close(struct outlet *outlet);

/* Opens the JSON log again, if there is one: somebody moved it. When that fails, lines go on into the old file. */
void outlet_reopen(struct outlet *outlet);

/* Exchanges that the relay could not keep until we had time for them. */
void outlet_not_examined(struct outlet *outlet, uint64_t count, struct str text);

/* Prints whole lines as they are. */
void outlet_lines(struct outlet *outlet, struct str lines);

/* A finished sign-in: its block, or its line. */
void outlet_signin(struct outlet *outlet, const struct signin *signin);

/* A report outside any sign-in: shown when it holds messages or fails, in one line of text. */
void outlet_report(struct outlet *outlet, const struct report *report);

/* An exchange that stopped the desk twice. */
void outlet_quarantine(struct outlet *outlet, uint64_t number, struct str text);

#endif
