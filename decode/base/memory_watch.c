/* SPDX-License-Identifier: MIT */
#include "memory_watch.h"

#include <stdlib.h>
#include <string.h>

static _Thread_local unsigned long refusals;

unsigned long
memory_refusals(void)
{
    return refusals;
}

void
memory_refused(void)
{
    refusals++;
}

void *
memory_watch_malloc(size_t size)
{
    void *block = malloc(size);

    if (block == NULL && size > 0)
        refusals++;
    return block;
}

void *
memory_watch_realloc(void *block, size_t size)
{
    void *moved = realloc(block, size);

    if (moved == NULL && size > 0)
        refusals++;
    return moved;
}

char *
memory_watch_strdup(const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        refusals++;
    return copy;
}
