/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_INPUT_ARGUMENT_H
#define SAMLTAP_INPUT_ARGUMENT_H

#include "buf.h"

/* True when an argument is the input itself, pasted, and not the name of a file: a URL or a query. */
bool input_argument_is_input(const char *argument);

/*
 * Reads what an argument means: the file, standard input for "-", or the argument itself. *bytes is
 * initialised here and released by the caller, also on failure. Returns false and *why.
 */
bool input_argument_read(const char *argument, size_t max_bytes, struct buf *bytes, char **why);

/* How to call the input in messages. Borrowed from the argument or static. */
const char *input_argument_name(const char *argument);

#endif
