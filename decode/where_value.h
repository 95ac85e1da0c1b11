/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_WHERE_VALUE_H
#define SAMLTAP_WHERE_VALUE_H

#include <stdbool.h>

#include "where.h"

/*
 * The octets of the value itself: between the quotes of an attribute, between the tags of an element, as they stand
 * in xml (the bytes that where.offset counts in), so with their character references. Gives a slice of xml. Returns
 * false, with *value absent, when where has no range or lies outside xml.
 */
bool where_value(struct str xml, struct where where, struct str *value);

/* Line and column of an offset, both from 1; the column counts bytes. An offset past the end is the end. */
void where_line(struct str xml, size_t offset, size_t *line, size_t *column);

#endif
