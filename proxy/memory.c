/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_code.h"

static NO_RETURN void
out_of_memory(void)
{
    fputs("samltap: out of memory\n", stderr);
    exit(EXIT_RUNTIME);
}

void *
xcalloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);

    if (memory == NULL)
        out_of_memory();
    return memory;
}

void *
xmalloc(size_t size)
{
    void *memory = malloc(size ? size : 1);

    if (memory == NULL)
        out_of_memory();
    return memory;
}

char *
xstrdup(const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        out_of_memory();
    return copy;
}

char *
xstrndup(struct str text)
{
    char *copy = xcalloc(text.len + 1, 1);

    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

char *
xprintf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int length;

    va_start(args, format);
    length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        out_of_memory();
    return text;
}

void *
xgrow(void **items, size_t *count, size_t item_size)
{
    char *grown = reallocarray(*items, *count + 1, item_size);

    if (grown == NULL)
        out_of_memory();
    *items = grown;
    memset(grown + *count * item_size, 0, item_size);
    return grown + (*count)++ * item_size;
}
