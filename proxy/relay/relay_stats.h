/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_RELAY_STATS_H
#define SAMLTAP_RELAY_STATS_H

#include <stdint.h>

/* Counters, for the summary at the end and for tests. */
struct relay_stats {
    uint64_t connections; /* accepted */
    uint64_t open;        /* of them still there */
    uint64_t intercepted, tunnelled, plain, failed;
    uint64_t http2;                /* of the intercepted those that speak HTTP/2 */
    uint64_t unreadable;           /* of them (and of plain ones) those whose bytes went by unread */
    uint64_t exchanges;            /* told */
    uint64_t bytes_up, bytes_down; /* of intercepted, tunnelled and plain content */
};

#endif
