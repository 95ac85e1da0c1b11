/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TERMINAL_H
#define SAMLTAP_TERMINAL_H

#include "buf.h"
#include "options.h"
#include "reporter.h"

/* How to print: colours by --color, NO_COLOR and whether standard output is a terminal; its width. */
struct reporter_options terminal_reporter_options(const struct options *options);

/* Writes to standard output, whole. A reader that has gone (EPIPE) is not an error; returns false on others. */
bool terminal_print(struct str text);

#endif
