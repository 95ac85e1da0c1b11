/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SETTINGS_H
#define SAMLTAP_SETTINGS_H

#include "context.h"
#include "options.h"

/*
 * What the options say about the parties: reads metadata, certificates and keys. Asks on the
 * terminal for the passphrase of an encrypted key. Gives the settings, or NULL with *why (malloc'd:
 * file, line, what is wrong, the way out) and *code, what the program should end with.
 */
struct settings *settings_new(const struct options *options, char **why, int *code);

/* NULL is fine. Private keys are wiped. */
void settings_free(struct settings *settings);

#endif
