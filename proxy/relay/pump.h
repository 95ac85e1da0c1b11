/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PUMP_H
#define SAMLTAP_PUMP_H

#include "tls_io.h"

/*
 * Hands bytes on between two streams, as they came, with back-pressure: when more than
 * PUMP_HIGH_WATER bytes wait for one end, the other is not read until less than PUMP_LOW_WATER do.
 * The end of one direction is passed on while the other goes on (half-close), properly or cut as it
 * came.
 */
enum { PUMP_HIGH_WATER = 256 * 1024, PUMP_LOW_WATER = 128 * 1024, PUMP_SCRATCH = 64 * 1024 };

enum pump_end { PUMP_CLIENT, PUMP_SERVER };

struct pump {
    struct stream *end[2]; /* by enum pump_end */
    bool paused[2];        /* that end is not read: the other takes nothing */
    uint64_t bytes[2];     /* read from that end and accepted by the other */
    /*
     * Called after bytes from that end were handed on (or queued), and with the absent str when it
     * ended; see its stream's input. With is_blind the bytes are not shown: an empty str. NULL: nobody looks.
     */
    void (*seen)(void *data, enum pump_end from, struct str bytes);
    void *data;
    bool is_blind;   /* nobody wants to see the bytes: they need not come up from the kernel */
    bool is_stopped; /* set by seen: this pump moves nothing more and ends nothing; the caller takes over */
};

/* Which ends may have something to read; ends with buffered bytes are tried in any case. */
enum { PUMP_CLIENT_READY = 1 << PUMP_CLIENT, PUMP_SERVER_READY = 1 << PUMP_SERVER };

/*
 * Does all that can be done now and sets what both streams watch. scratch has PUMP_SCRATCH bytes.
 * Returns true while something may still come, false when both directions are through,
 * or when the pump was stopped.
 */
bool pump_run(struct pump *pump, unsigned ready, char *scratch);

#endif
