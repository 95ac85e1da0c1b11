/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_COMMAND_H
#define SAMLTAP_COMMAND_H

#include "options.h"

/* One subcommand. Options name it by its bit; everything else about it is in its row (cli.c). */
struct command {
    const char *name;
    unsigned bit;          /* enum command_bit */
    const char *arguments; /* "FILE…"; "" none */
    const char *summary;   /* one line, no full stop */
    const char *text;      /* what it does and ends with, for --help and the manual */
    size_t least, most;    /* number of arguments */
    bool hidden;
    int (*run)(const struct options *options); /* returns an enum exit_code */
};

#endif
