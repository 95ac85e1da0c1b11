/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_OPTION_GATHER_H
#define SAMLTAP_OPTION_GATHER_H

#include "options.h"

/*
 * Command line over environment over config file (--config, else the default one when it exists). Gives the options,
 * or NULL and *why (malloc'd, one line). The desk has its command line alone.
 */
struct options *options_gather(const struct option_sources *sources, char **why);

/* The same from the same sources as they are now: a file may have changed. */
struct options *options_gather_again(const struct options *options, char **why);

#endif
