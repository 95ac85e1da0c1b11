/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JSON_WRITE_H
#define SAMLTAP_JSON_WRITE_H

#include <jansson.h>

#include "exchange.h"

/* Help for the writers of JSON captures. NULL means that memory is out; jansson passes it on until the dump. */

/* A string, absent as "". Bytes that are no UTF-8 are read as Latin-1. */
json_t *json_write_string(struct str s);

/* The string in base64. */
json_t *json_write_base64(struct str s);

bool json_write_is_utf8(struct str s);

/* Headers as { "name", "value" } objects. */
json_t *json_write_headers(const struct headers *headers);

/*
 * Appends an element of an array, on a line of its own behind a comma unless it is the first, and releases it.
 * Returns false when memory is out (value may be NULL: the same); nothing of it is then appended.
 */
bool json_write_element(json_t *value, bool first, struct buf *out);

#endif
