/* SPDX-License-Identifier: MIT */
#include "alloc_fault.h"

#include <libxml/c14n.h>
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
void *__real_arena_calloc(struct arena *arena, size_t count, size_t size);
struct str __real_arena_copy(struct arena *arena, struct str s);
bool __real_arena_grow(struct arena *arena, void **items, size_t count, size_t *capacity, size_t item_size);
int __real_xmlC14NExecute(xmlDocPtr document, xmlC14NIsVisibleCallback is_visible, void *data, int mode,
                          xmlChar **prefixes, int with_comments, xmlOutputBufferPtr out);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
void __wrap_free(void *block);
void *__wrap_arena_alloc(struct arena *arena, size_t size);
void *__wrap_arena_calloc(struct arena *arena, size_t count, size_t size);
struct str __wrap_arena_copy(struct arena *arena, struct str s);
bool __wrap_arena_grow(struct arena *arena, void **items, size_t count, size_t *capacity, size_t item_size);
int __wrap_xmlC14NExecute(xmlDocPtr document, xmlC14NIsVisibleCallback is_visible, void *data, int mode,
                          xmlChar **prefixes, int with_comments, xmlOutputBufferPtr out);

static struct {
    bool armed;
    enum alloc_fault fault;
    uint64_t n;
    uint64_t allocations;
    uint64_t pieces;
    int64_t live;
    bool in_c14n, hit_c14n;
} state;

/* This one is refused. */
static bool
refuses(void)
{
    bool refused;

    if (!state.armed)
        return false;
    state.allocations++;
    if (state.n == 0 || state.fault == ALLOC_FAULT_ARENA)
        return false;
    refused = state.fault == ALLOC_FAULT_ONE ? state.allocations == state.n : state.allocations >= state.n;
    state.hit_c14n = state.hit_c14n || (refused && state.in_c14n);
    return refused;
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

/* Exhausts the arena for good when this piece is the one to refuse. */
static void
count_piece(struct arena *arena)
{
    if (state.armed && ++state.pieces == state.n && state.fault == ALLOC_FAULT_ARENA)
        (void)__real_arena_alloc(arena, SIZE_MAX / 2); /* over any ceiling */
}

void *
__wrap_arena_alloc(struct arena *arena, size_t size)
{
    count_piece(arena);
    return __real_arena_alloc(arena, size);
}

void *
__wrap_arena_calloc(struct arena *arena, size_t number, size_t size)
{
    count_piece(arena);
    return __real_arena_calloc(arena, number, size);
}

struct str
__wrap_arena_copy(struct arena *arena, struct str s)
{
    count_piece(arena);
    return __real_arena_copy(arena, s);
}

bool
__wrap_arena_grow(struct arena *arena, void **items, size_t number, size_t *capacity, size_t item_size)
{
    count_piece(arena);
    return __real_arena_grow(arena, items, number, capacity, item_size);
}

int
__wrap_xmlC14NExecute(xmlDocPtr document, xmlC14NIsVisibleCallback is_visible, void *data, int mode, xmlChar **prefixes,
                      int with_comments, xmlOutputBufferPtr out)
{
    int written;

    state.in_c14n = true;
    written = __real_xmlC14NExecute(document, is_visible, data, mode, prefixes, with_comments, out);
    state.in_c14n = false;
    return written;
}

void
alloc_fault_arm(enum alloc_fault fault, uint64_t n)
{
    state.fault = fault;
    state.n = n;
    state.allocations = state.pieces = 0;
    state.hit_c14n = false;
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

bool
alloc_fault_hit_c14n(void)
{
    return state.hit_c14n;
}
