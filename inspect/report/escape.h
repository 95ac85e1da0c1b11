/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_ESCAPE_H
#define SAMLTAP_ESCAPE_H

#include "buf.h"

/*
 * The one way for untrusted bytes to a terminal, a log or a text report (saml-verification 9.4):
 * printable Unicode stays; C0, DEL, C1, bidi and zero-width characters, line separators, BOM,
 * private use and invalid UTF-8 become visible escapes (\x1b, \u{202e}).
 */
void escape_text(struct buf *out, struct str text);

/* The same for HTML text and attribute values. */
void escape_html(struct buf *out, struct str text);

/* How many terminal columns escape_text would use for text (each character one; enough for a caret). */
size_t escape_width(struct str text);

#endif
