/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIBRARY_MEMORY_H
#define SAMLTAP_LIBRARY_MEMORY_H

/*
 * Makes refusals inside libxml2, xmlsec and OpenSSL count (memory_watch.h). Once, before any thread and,
 * for OpenSSL, before it has allocated anything; it keeps its own allocator otherwise, and its refusals
 * do not count.
 */
void library_memory_watch(void);

/*
 * Lets the allocator keep up to 4 MiB that are free at the end of the heap. Each message takes and frees
 * some hundred KiB; to return them to the system each time was a sixth of the work on a large one.
 */
void library_memory_keep(void);

#endif
