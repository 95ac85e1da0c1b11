/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory_watch.h"

enum { BLOCK_BYTES = 16 * 1024 };

struct block {
    struct block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *blocks;
    size_t used;
    size_t max_bytes;
    bool failed;
};

struct arena *
arena_new(size_t max_bytes)
{
    struct arena *arena = calloc(1, sizeof(*arena));

    if (arena != NULL)
        arena->max_bytes = max_bytes;
    else
        memory_refused();
    return arena;
}

void
arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    for (struct block *block = arena->blocks, *next; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

void
arena_reset(struct arena *arena)
{
    struct block *kept = NULL;

    for (struct block *block = arena->blocks, *next; block != NULL; block = next) {
        next = block->next;
        if (kept == NULL && block->size == BLOCK_BYTES)
            kept = block;
        else
            free(block);
    }
    if (kept != NULL) {
        kept->next = NULL;
        kept->used = 0;
    }
    arena->blocks = kept;
    arena->used = 0;
    arena->failed = false;
}

static struct block *
block_with_room(struct arena *arena, size_t size)
{
    struct block *block = arena->blocks;
    size_t want = size > BLOCK_BYTES ? size : BLOCK_BYTES;

    if (block != NULL && block->size - block->used >= size)
        return block;
    block = malloc(sizeof(*block) + want);
    if (block == NULL)
        return NULL;
    block->size = want;
    block->used = 0;
    /* A big block of its own goes behind the current one, whose free room stays usable. */
    if (size > BLOCK_BYTES && arena->blocks != NULL) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

static void *
refuse(struct arena *arena)
{
    arena->failed = true;
    memory_refused();
    return NULL;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct block *block;
    void *bytes;

    if (arena->failed || rounded < size || rounded > arena->max_bytes - arena->used)
        return refuse(arena);
    block = block_with_room(arena, rounded);
    if (block == NULL)
        return refuse(arena);
    bytes = block->bytes + block->used;
    block->used += rounded;
    arena->used += rounded;
    memset(bytes, 0, rounded);
    return bytes;
}

void *
arena_calloc(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return refuse(arena);
    return arena_alloc(arena, count * size);
}

struct str
arena_copy(struct arena *arena, struct str s)
{
    char *copy;

    if (s.ptr == NULL || s.len == SIZE_MAX)
        return (struct str){ 0 };
    copy = arena_alloc(arena, s.len + 1);
    if (copy == NULL)
        return (struct str){ 0 };
    memcpy(copy, s.ptr, s.len);
    return (struct str){ copy, s.len };
}

struct str
arena_copy_c(struct arena *arena, const char *c_string)
{
    return arena_copy(arena, str_from(c_string));
}

struct str
arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    int length;
    char *text;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        return (struct str){ 0 };
    text = arena_alloc(arena, (size_t)length + 1);
    if (text == NULL)
        return (struct str){ 0 };
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return (struct str){ text, (size_t)length };
}

bool
arena_failed(const struct arena *arena)
{
    return arena->failed;
}

size_t
arena_used(const struct arena *arena)
{
    return arena->used;
}

bool
arena_grow(struct arena *arena, void **items, size_t count, size_t *capacity, size_t item_size)
{
    size_t wider;
    void *moved;

    if (count < *capacity)
        return true;
    wider = *capacity ? *capacity * 2 : 8;
    moved = arena_calloc(arena, wider, item_size);
    if (moved == NULL)
        return false;
    if (count > 0)
        memcpy(moved, *items, count * item_size);
    *items = moved;
    *capacity = wider;
    return true;
}
