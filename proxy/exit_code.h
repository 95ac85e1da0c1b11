/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXIT_CODE_H
#define SAMLTAP_EXIT_CODE_H

/* What the program ends with; stable, scripts rely on it. */
enum exit_code {
    EXIT_PASS = 0,
    EXIT_FAIL = 1,
    EXIT_USAGE = 2,      /* the command line, the environment or the config file is wrong */
    EXIT_UNREADABLE = 3, /* an input cannot be read or is nothing that samltap knows */
    EXIT_RUNTIME = 4,    /* port taken, disk full, out of memory … */
    EXIT_UNDECIDED = 5,
};

#endif
