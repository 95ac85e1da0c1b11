/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TEXT_FORMS_H
#define SAMLTAP_TEXT_FORMS_H

#include "arena.h"
#include "str.h"

/*
 * What mail programs, web pages and loggers do to a text, taken back. Each gives the text as it was in the
 * arena, the text itself when there is nothing to take back, and the absent str when the arena refuses. Any
 * bytes are fine.
 */

/* Zero width characters and soft hyphens go, typographic quotes become plain, no-break spaces blanks. */
struct str text_cleaned(struct arena *arena, struct str text);

/* Quoted-printable (RFC 2045 6.7). */
struct str text_unquoted(struct arena *arena, struct str text);

/* Escapes of JSON and of JavaScript strings: \/ \" \u003d \x3d \n … */
struct str text_unescaped(struct arena *arena, struct str text);

/* Without the tags of HTML; those that break lines become a line end. */
struct str text_without_tags(struct arena *arena, struct str text);

/* Writes the character as UTF-8 (at most 4 bytes), whatever it is. Returns how many. */
size_t text_put_utf8(char *out, unsigned code);

#endif
