/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_RANDOM_NUMBERS_H
#define SAMLTAP_TESTS_RANDOM_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

/* xorshift64*: the same numbers for the same seed, everywhere. The seed is not 0. */
struct random_numbers {
    uint64_t state;
};

static inline uint64_t
random_next(struct random_numbers *numbers)
{
    numbers->state ^= numbers->state >> 12;
    numbers->state ^= numbers->state << 25;
    numbers->state ^= numbers->state >> 27;
    return numbers->state * UINT64_C(2685821657736338717);
}

/* 0 up to below - 1; below is not 0. */
static inline size_t
random_below(struct random_numbers *numbers, size_t below)
{
    return (size_t)((random_next(numbers) >> 11) % below);
}

#endif
