/* SPDX-License-Identifier: MIT */
#include "json_load.h"

#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory_watch.h"

/*
 * In front of each piece of memory that is taken during a load. Its size makes the piece differ in alignment from
 * what malloc() gives, so that it can be told from one that was taken at another time.
 */
struct block {
    struct block *next;
    struct block **link; /* what points here while the load goes on; NULL: it is over */
    void *unused;
};

enum { MALLOC_ALIGNMENT = _Alignof(max_align_t) };

static_assert(sizeof(struct block) % MALLOC_ALIGNMENT != 0, "a block cannot be told from other memory");

/* The load of this thread. */
static _Thread_local struct {
    bool active;
    jmp_buf out;
    struct block *first;
} load;

static void *
take_memory(size_t size)
{
    struct block *block;

    if (!load.active)
        return memory_watch_malloc(size);
    block = size < SIZE_MAX - sizeof(*block) ? malloc(sizeof(*block) + size) : NULL;
    if (block == NULL) {
        memory_refused();
        longjmp(load.out, 1);
    }
    *block = (struct block){ .next = load.first, .link = &load.first };
    if (load.first != NULL)
        load.first->link = &block->next;
    load.first = block;
    return block + 1;
}

static void
give_memory_back(void *memory)
{
    struct block *block = memory;

    if ((uintptr_t)memory % MALLOC_ALIGNMENT == 0) {
        free(memory);
        return;
    }
    block--;
    if (block->link != NULL) {
        *block->link = block->next;
        if (block->next != NULL)
            block->next->link = block->link;
    }
    free(block);
}

static void
install(void)
{
    json_set_alloc_funcs(take_memory, give_memory_back);
}

/* The load is over: what is left of it is the caller's. */
static void
let_go(void)
{
    load.active = false;
    for (struct block *block = load.first; block != NULL; block = block->next)
        block->link = NULL;
    load.first = NULL;
}

static void
free_all(void)
{
    load.active = false;
    while (load.first != NULL) {
        struct block *block = load.first;

        load.first = block->next;
        free(block);
    }
}

json_t *
json_load(struct str text, size_t flags, json_error_t *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, install);
    load.active = true;
    if (setjmp(load.out) == 0) {
        json_t *value = json_loadb(text.ptr, text.len, flags, error);

        let_go();
        return value;
    }
    free_all();
    if (error != NULL) {
        *error = (json_error_t){ .line = -1, .column = -1 };
        snprintf(error->text, sizeof(error->text), "out of memory");
        error->text[sizeof(error->text) - 1] = (char)json_error_out_of_memory;
    }
    return NULL;
}
