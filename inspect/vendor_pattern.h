/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_VENDOR_PATTERN_H
#define SAMLTAP_VENDOR_PATTERN_H

#include <stdbool.h>

#include "attributes.h"
#include "str.h"

/*
 * Does the pattern match somewhere in the subject? Letters of the subject count as lower case; the
 * pattern's are lower case. pattern: a POSIX extended regular expression (POSIX.1-2017, XBD 9.4) of
 * characters, escaped characters, ".", bracket expressions without classes, groups, "|", "^", "$",
 * "*", "+", "?", "{n}" and "{n,m}"; borrowed. It is read while it is matched: every message is held
 * against some two hundred of them, and to compile those costs more than to verify the signature.
 * Work is bounded: past 20,000 steps the answer is false. Any thread.
 */
bool vendor_pattern_matches(const char *pattern, struct str subject) CHECK_RESULT;

#endif
