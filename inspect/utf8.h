/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_UTF8_H
#define SAMLTAP_UTF8_H

#include "str.h"

enum { UTF8_INVALID = 0x110000 }; /* above every character */

/*
 * Decodes the character at i (i < s.len). Returns its length in bytes, at least 1. A byte that starts
 * no well-formed character (RFC 3629) counts alone, with the code UTF8_INVALID + byte.
 */
size_t utf8_at(struct str s, size_t i, uint32_t *code);

#endif
