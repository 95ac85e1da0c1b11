/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JSON_LOAD_H
#define SAMLTAP_JSON_LOAD_H

#include <jansson.h>

#include "str.h"

/*
 * json_loadb() for the bytes of others. When memory is out, the library's reader of strings does not see that its
 * buffer could not grow, and reads and writes behind its end; here a refused allocation ends the load at once, and
 * what was built is freed. Gives what json_loadb() gives; error (NULL: not wanted) says "out of memory" then. The
 * caller owns the value.
 */
json_t *json_load(struct str text, size_t flags, json_error_t *error);

#endif
