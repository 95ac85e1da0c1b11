/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HOST_TABLE_H
#define SAMLTAP_HOST_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Hosts of which something is remembered for the run, each with its port: a sentence, and how often it
 * was the case. Bounded: what comes when it is full is only counted. Zeroed memory is an empty one.
 */
enum { HOST_TABLE_ROWS = 256 };

struct host_row {
    char *host; /* untrusted */
    unsigned port;
    char *reason;
    uint64_t count;
};

struct host_table {
    struct host_row *rows[HOST_TABLE_ROWS]; /* stay where they are until the release */
    size_t used;
    uint64_t left_out; /* times that there was no room */
};

void host_table_release(struct host_table *table);

/* NULL when it is not there. host: as it was put. */
const struct host_row *host_table_find(const struct host_table *table, const char *host, unsigned port);

/*
 * Counts host and port; a new one is put with reason (both copied), which an older one keeps. True when it
 * is new.
 */
bool host_table_count(struct host_table *table, const char *host, unsigned port, const char *reason);

#endif
