/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_METADATA_FILE_H
#define SAMLTAP_METADATA_FILE_H

#include "context.h"

enum { METADATA_FILE_WHOLE_BYTES = 4 * 1024 * 1024 }; /* bigger files are read piece by piece */

/*
 * Reads one file of metadata, of any size, into *metadata; facts live in the arena of the settings, which also say
 * which entities to keep (entity_ids; of big files the identity provider and service provider that are expected,
 * too) and who signs it. Returns false and *why (malloc'd, one line: file, place, way out).
 */
bool metadata_file_read(const struct settings *settings, const char *path, struct metadata *metadata, char **why);

#endif
