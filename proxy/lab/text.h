/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_TEXT_H
#define SAMLTAP_LAB_TEXT_H

#include "str.h"

/* Copies text into a C string of size bytes (at least 1), cut when it must be. */
void text_copy(char *out, size_t size, struct str text);

/* True when text can stand in an XML document: UTF-8 and only characters that XML 1.0 has. */
bool text_is_xml(struct str text);

#endif
