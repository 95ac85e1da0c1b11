/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_STOPWATCH_H
#define SAMLTAP_STOPWATCH_H

#include <stdint.h>

/* A clock that somebody lends to code that has none: microseconds that never go back, from any beginning. */
struct stopwatch {
    int64_t (*now_us)(void *data);
    void *data;
};

#endif
