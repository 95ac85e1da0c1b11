/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_COUNTS_H
#define SAMLTAP_COUNTS_H

#include "desk_link.h"
#include "relay_stats.h"

/* What the running proxy has counted, at one moment. */
struct counts {
    struct relay_stats relay;
    uint64_t signins[DESK_VERDICTS];
    uint64_t not_examined, quarantined, desk_restarts, settings_read;
    uint64_t waiting, waiting_bytes, waiting_limit; /* exchanges on their way to the desk, now */
    uint64_t process, started_s, now_s;             /* seconds since 1970 */
    uint64_t resident_bytes, open_files, open_files_limit;
    const char *address; /* of the first way in; borrowed */
};

#endif
