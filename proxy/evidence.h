/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EVIDENCE_H
#define SAMLTAP_EVIDENCE_H

#include "examine.h"

/*
 * The bytes behind every signature, with commands that repeat the verification by other tools:
 * `samltap inspect --evidence DIR`. Files are numbered through all reports and 0600.
 */
struct evidence;

/* Takes a directory that is new or empty, and makes it 0700. Returns NULL and *why (malloc'd). */
struct evidence *evidence_new(const char *directory, char **why);
void evidence_free(struct evidence *evidence); /* NULL is fine */

/* Writes what the report's messages keep. Returns false and *why (malloc'd) when a file cannot be written. */
bool evidence_write(struct evidence *evidence, const struct report *report, char **why);

#endif
