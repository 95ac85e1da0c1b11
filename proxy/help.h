/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HELP_H
#define SAMLTAP_HELP_H

#include "buf.h"
#include "command.h"

/* Everything that is printed from the tables of commands and options; all append to *out. */

/* The commands, one a line, and how to go on. */
void help_overview(struct buf *out, const struct command *commands, size_t count);
/* One command with its options. */
void help_command(struct buf *out, const struct command *command);
/* Every option with the commands that know it. */
void help_options(struct buf *out, const struct command *commands, size_t count);
/* The manual page in man(7) macros. */
void help_manual(struct buf *out, const struct command *commands, size_t count);
/* The options in force in the form of a config file, with where each is from. */
void help_config(struct buf *out, const struct options *options, unsigned command);

#endif
