/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HISTORY_H
#define SAMLTAP_HISTORY_H

#include "journal.h"
#include "past.h"

/*
 * What the desk knows about the past, kept on disk, so that a desk which is started again still knows which answer was
 * posted before. Hashes, URLs, client addresses and times only (past_write_down). A file of records like the journal's,
 * rotated like it; read back no further than HISTORY_MAX_AGE_MS. Never the reason to do without a desk: what goes wrong
 * is logged and the memory goes on without a file.
 */
struct history {
    struct past *past;
    struct journal journal;
    struct buf log; /* noted, not written yet */
    bool failed;    /* said already */
};

#define HISTORY_NAME "history.log" /* in the state directory */
#define HISTORY_MAX_AGE_MS INT64_C(86400000)
enum { HISTORY_MAX_BYTES = 512 * 1024 };

/*
 * Reads the files of that path (NULL: keeps nothing on disk) and opens it for appending. Returns false when memory is
 * out. now_ms: what is a day older is not read.
 */
bool history_open(struct history *history, const char *path, int64_t now_ms);

/* Writes what was noted since the last call. */
void history_write(struct history *history);

/* Lets the file go, wherever somebody moved it. */
void history_reopen(struct history *history);
void history_close(struct history *history);

#endif
