/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_HTML_H
#define SAMLTAP_LAB_HTML_H

#include "buf.h"

/*
 * Small accessible pages without any outside resource. A page is begun, filled and ended; failures
 * stay in the buffer.
 */

/* Opens the page up to <main><h1>: party is who speaks ("samltap lab: identity provider"). */
void html_begin(struct buf *out, const char *party, const char *title);
void html_end(struct buf *out);

/* Appends text escaped for element content and for quoted attribute values. */
void html_text(struct buf *out, struct str text);

/* <input type="hidden" name value>; nothing when value is absent. */
void html_hidden(struct buf *out, const char *name, struct str value);

#endif
