/* SPDX-License-Identifier: MIT */
#include "alloc_fault.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void __real_free(void *block);
void *__real_arena_alloc(struct arena *arena, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
void __wrap_free(void *block);
void *__wrap_arena_alloc(struct arena *arena, size_t size);

static struct {
    bool armed;
    enum alloc_fault fault;
    uint64_t n;
    uint64_t allocations;
    uint64_t pieces;
    int64_t live;
} state;

/* This one is refused. */
static bool
refuses(void)
{
    if (!state.armed)
        return false;
    state.allocations++;
    if (state.n == 0 || state.fault == ALLOC_FAULT_ARENA)
        return false;
    return state.fault == ALLOC_FAULT_ONE ? state.allocations == state.n : state.allocations >= state.n;
}

static void *
count(void *block)
{
    state.live += block != NULL;
    return block;
}

void *
__wrap_malloc(size_t size)
{
    return refuses() ? NULL : count(__real_malloc(size));
}

void *
__wrap_calloc(size_t number, size_t size)
{
    return refuses() ? NULL : count(__real_calloc(number, size));
}

void *
__wrap_realloc(void *block, size_t size)
{
    void *moved;

    if (block == NULL)
        return __wrap_malloc(size);
    if (size == 0) {
        __wrap_free(block);
        return NULL;
    }
    if (refuses())
        return NULL;
    moved = __real_realloc(block, size);
    return moved;
}

char *
__wrap_strdup(const char *text)
{
    return refuses() ? NULL : count(__real_strdup(text));
}

char *
__wrap_strndup(const char *text, size_t len)
{
    return refuses() ? NULL : count(__real_strndup(text, len));
}

void
__wrap_free(void *block)
{
    state.live -= block != NULL;
    __real_free(block);
}

void *
__wrap_arena_alloc(struct arena *arena, size_t size)
{
    if (state.armed && ++state.pieces == state.n && state.fault == ALLOC_FAULT_ARENA)
        return __real_arena_alloc(arena, SIZE_MAX / 2); /* over any ceiling: the arena stays failed */
    return __real_arena_alloc(arena, size);
}

void
alloc_fault_arm(enum alloc_fault fault, uint64_t n)
{
    state.fault = fault;
    state.n = n;
    state.allocations = state.pieces = 0;
    state.armed = true;
}

uint64_t
alloc_fault_disarm(void)
{
    state.armed = false;
    return state.fault == ALLOC_FAULT_ARENA ? state.pieces : state.allocations;
}

int64_t
alloc_fault_live(void)
{
    return state.live;
}
