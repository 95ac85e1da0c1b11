/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SETTINGS_FILES_H
#define SAMLTAP_SETTINGS_FILES_H

#include "context.h"
#include "options.h"

/*
 * Reads every file that the options name into settings: metadata, trusted certificates, private keys.
 * Returns false and *why (malloc'd) at the first that cannot be used.
 */
bool settings_read_files(struct settings *settings, const struct options *options, char **why);

#endif
