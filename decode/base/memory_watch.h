/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_MEMORY_WATCH_H
#define SAMLTAP_MEMORY_WATCH_H

#include <stddef.h>

/*
 * Whether memory was refused on the way to a result. Libraries that run out of memory often answer like
 * ones that were given nonsense: "not well-formed", "the signature is not valid". Whoever turns such an
 * answer into a claim compares the count before with the count after.
 */

/* How often memory was refused in this thread so far, by the system or by the ceiling of an arena. */
unsigned long memory_refusals(void);

/* One more. */
void memory_refused(void);

/* malloc() and its kin, counting refusals; as hooks for libraries. Freed with free(). */
void *memory_watch_malloc(size_t size);
void *memory_watch_realloc(void *block, size_t size);
char *memory_watch_strdup(const char *text);

#endif
