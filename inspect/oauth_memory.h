/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_OAUTH_MEMORY_H
#define SAMLTAP_OAUTH_MEMORY_H

#include "message.h"

/*
 * Authorization requests that were seen, so that their answers can be held against them: by state, and
 * then by the code that was given. Bounded: the oldest go first. One thread.
 */
struct oauth_memory;

enum { OAUTH_MEMORY_SIZE = 64 };

/* Gives an empty memory, or NULL. */
struct oauth_memory *oauth_memory_new(void);
void oauth_memory_free(struct oauth_memory *memory); /* NULL is fine */

/*
 * Remembers the requests among messages, and gives the others their authorization (copied into the
 * arena). What does not fit into memory is not joined, nothing else.
 */
void oauth_memory_join(struct oauth_memory *memory, struct arena *arena, struct messages *messages);

#endif
