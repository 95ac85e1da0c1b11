/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_ARENA_H
#define SAMLTAP_ARENA_H

#include "attributes.h"
#include "str.h"

/*
 * Memory with one life: everything decoded from one input lives in one arena and goes with it.
 * An arena has a ceiling; past it, or when the system has no memory, every call returns NULL (or
 * the absent str) and the arena stays failed. One thread at a time.
 */
struct arena;

/* Gives a new arena that will hold at most max_bytes, or NULL. */
struct arena *arena_new(size_t max_bytes);

/* Takes the arena (NULL is fine) and frees all that came from it. */
void arena_free(struct arena *arena);

/* Forgets everything in it and a failure, too; keeps a little memory, for the next use. */
void arena_reset(struct arena *arena);

/* Gives size zeroed bytes aligned for any type, or NULL. The arena owns them. */
void *arena_alloc(struct arena *arena, size_t size) CHECK_RESULT;

/* Gives count zeroed elements; checks the product for overflow. */
void *arena_calloc(struct arena *arena, size_t count, size_t size) CHECK_RESULT;

/* Copies s into the arena; the copy is followed by a NUL that is not counted. Absent stays absent. */
struct str arena_copy(struct arena *arena, struct str s);
struct str arena_copy_c(struct arena *arena, const char *c_string);

/* Formats into the arena; the result is followed by a NUL that is not counted. */
struct str arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* True once an allocation was refused: what was built may then be incomplete. */
bool arena_failed(const struct arena *arena);

/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);

/*
 * Grows an array that lives in the arena. Makes room for one more element of item_size bytes in
 * *items (which holds count elements and has *capacity), copying when it must. Returns false when
 * the arena refuses; the old array stays valid.
 */
bool arena_grow(struct arena *arena, void **items, size_t count, size_t *capacity, size_t item_size);

#endif
