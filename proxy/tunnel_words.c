/* SPDX-License-Identifier: MIT */
#include "tunnel_words.h"

#include "log.h"

enum { TUNNELS_SHOWN = 20 };

void
tunnel_words_log(const struct host_table *tunnels)
{
    size_t shown = tunnels->used < TUNNELS_SHOWN ? tunnels->used : TUNNELS_SHOWN;

    for (size_t i = 0; i < shown; i++) {
        const struct host_row *row = tunnels->rows[i];

        log_info("passed unopened: %s port %u, %llu connection%s: %s", row->host, row->port,
                 (unsigned long long)row->count, row->count == 1 ? "" : "s", row->reason);
    }
    if (tunnels->used > shown || tunnels->left_out > 0)
        log_info("passed unopened: and %zu more hosts", tunnels->used - shown);
}
