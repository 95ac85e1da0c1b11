/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_OPTION_ROWS_H
#define SAMLTAP_OPTION_ROWS_H

#include "options.h"

/* The table of options in two files; option_row() finds a row of either. */
enum { OPT_RUNNING = OPT_LISTEN_HOST };

extern const struct option_row option_rows_subject[OPT_RUNNING];
extern const struct option_row option_rows_running[OPTION_COUNT - OPT_RUNNING]; /* of id - OPT_RUNNING */

#endif
