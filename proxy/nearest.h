/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_NEAREST_H
#define SAMLTAP_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How many single-character edits (insert, delete, replace, swap of neighbours) turn a into b;
 * texts over 63 bytes count as far apart (SIZE_MAX).
 */
size_t edit_distance(const char *a, const char *b);

/* True when the distance is small enough for "did you mean": a third of the length, at least one edit. */
bool edit_distance_is_near(const char *typed, size_t distance);

#endif
