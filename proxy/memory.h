/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_MEMORY_H
#define SAMLTAP_MEMORY_H

#include <stddef.h>

#include "attributes.h"
#include "str.h"

/*
 * Memory for small, fixed things of the program itself (never for hostile input, which goes through
 * capped buffers and arenas): when there is none the program says so and ends. All give malloc'd
 * memory that the caller frees.
 */
void *xcalloc(size_t count, size_t size);
void *xmalloc(size_t size); /* not zeroed: for what is filled anyhow, and large */
char *xstrdup(const char *text);
char *xstrndup(struct str text);
char *xprintf(const char *format, ...) PRINTF_LIKE(1, 2);

/* Grows an array of item_size bytes by one element, zeroed, and gives the new element. */
void *xgrow(void **items, size_t *count, size_t item_size);

#endif
