/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CHECK_NAMES_H
#define SAMLTAP_CHECK_NAMES_H

/*
 * What to say about an id that no check has: "there is no check 'x'; did you mean a or b?" (malloc'd).
 * The nearest by edits, and those that contain what was typed.
 */
char *check_unknown_text(const char *typed);

#endif
