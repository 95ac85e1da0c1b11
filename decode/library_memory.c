/* SPDX-License-Identifier: MIT */
#include "library_memory.h"

#include <libxml/xmlmemory.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "memory_watch.h"

static void *
crypto_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return memory_watch_malloc(size);
}

static void *
crypto_realloc(void *block, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    if (size == 0) {
        free(block);
        return NULL;
    }
    return memory_watch_realloc(block, size);
}

static void
crypto_free(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    free(block);
}

static void
xml_free(void *block)
{
    free(block);
}

void
library_memory_keep(void)
{
#ifdef M_TRIM_THRESHOLD
    enum { KEPT = 4 << 20, MAPPED = 2 << 20 };

    mallopt(M_TRIM_THRESHOLD, KEPT);
    mallopt(M_MMAP_THRESHOLD, MAPPED);
#endif
}

void
library_memory_watch(void)
{
    xmlMemSetup(xml_free, memory_watch_malloc, memory_watch_realloc, memory_watch_strdup);
    /* Refused once it has allocated something: then it goes on as it is. */
    (void)CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
}
