/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_ALLOC_FAULT_H
#define SAMLTAP_TESTS_ALLOC_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Makes the n-th allocation fail. The program is linked with --wrap for malloc and its kin: that catches
 * samltap's own code, and libxml2, xmlsec and OpenSSL, which it lends its allocator (library_memory.h); not
 * jansson, whose parser stops the process when it gets no memory. One thread.
 */

enum alloc_fault {
    ALLOC_FAULT_ONE,   /* only the n-th allocation fails */
    ALLOC_FAULT_REST,  /* the n-th and every later one */
    ALLOC_FAULT_ARENA, /* the n-th piece of an arena is refused, which exhausts that arena */
};

/* Counts from here on; n 0: nothing fails. */
void alloc_fault_arm(enum alloc_fault fault, uint64_t n);

/* Nothing fails any more. Returns how many allocations (or, with ALLOC_FAULT_ARENA, pieces) there were. */
uint64_t alloc_fault_disarm(void);

/* Whether what was refused was asked for by xmlC14NExecute(): libxml2 2.9.14 may then lose a block of its own. */
bool alloc_fault_hit_c14n(void);

/* Blocks that are allocated and not freed. */
int64_t alloc_fault_live(void);

#endif
