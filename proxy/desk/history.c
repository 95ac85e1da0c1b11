/* SPDX-License-Identifier: MIT */
#include "history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "file.h"
#include "log.h"
#include "memory.h"

enum { LOG_BYTES = 64 * 1024, RECORD_HEAD = JOURNAL_MAGIC_BYTES + 4, SUM_BYTES = 4 };

/* A record is what was noted, and its CRC-32 behind it: hashes that were damaged look like any others. */
static void
add_sum(struct buf *record)
{
    buf_add_u32(record, (uint32_t)crc32(0, (const unsigned char *)record->bytes, (unsigned)record->len));
}

static bool
recall_record(struct past *past, struct str record, int64_t oldest_ms)
{
    struct str noted = str_slice(record, 0, record.len - SUM_BYTES);
    struct buf again;
    bool whole;

    if (record.len < SUM_BYTES)
        return false;
    buf_init(&again, record.len + SUM_BYTES);
    buf_add_str(&again, noted);
    add_sum(&again);
    whole = !buf_failed(&again) && str_eq(buf_str(&again), record);
    buf_release(&again);
    return whole && past_recall(past, noted, oldest_ms);
}

/* The records of one file, oldest first. */
static void
recall_file(struct past *past, const char *path, int64_t oldest_ms)
{
    struct str rest, record;
    size_t whole = 0, damaged = 0;
    struct buf bytes;
    char *why = NULL;

    if (access(path, F_OK) != 0)
        return;
    if (!file_read(path, 2 * (size_t)HISTORY_MAX_BYTES, &bytes, &why))
        log_warn("%s; what was seen before this start is not remembered", why);
    for (rest = buf_str(&bytes); journal_next(&rest, false, &record); whole += RECORD_HEAD + record.len)
        damaged += !recall_record(past, record, oldest_ms);
    if (why == NULL && (damaged > 0 || whole < bytes.len))
        log_warn("%s: a damaged part is skipped; a replay of what it remembered goes unnoticed", path);
    buf_release(&bytes);
    free(why);
}

bool
history_open(struct history *history, const char *path, int64_t now_ms)
{
    char *why = NULL, *older;

    *history = (struct history){ .past = past_new(), .journal.file = -1 };
    buf_init(&history->log, LOG_BYTES);
    if (history->past == NULL)
        return false;
    if (path == NULL)
        return true;
    older = xprintf("%s.1", path);
    recall_file(history->past, older, now_ms - HISTORY_MAX_AGE_MS);
    recall_file(history->past, path, now_ms - HISTORY_MAX_AGE_MS);
    free(older);
    if (journal_open(&history->journal, path, HISTORY_MAX_BYTES, &why)) {
        past_write_down(history->past, &history->log);
    } else {
        log_warn("%s; what is seen now will not be remembered after the next start", why);
        history->failed = true;
    }
    free(why);
    return true;
}

void
history_write(struct history *history)
{
    bool kept = !buf_failed(&history->log);

    if (history->journal.path == NULL || (kept && history->log.len == 0))
        return;
    add_sum(&history->log);
    errno = ENOMEM;
    kept = !buf_failed(&history->log) && journal_append(&history->journal, buf_str(&history->log));
    if (!kept && !history->failed)
        log_warn("%s: what is seen is not remembered on disk any more: %s", history->journal.path, strerror(errno));
    else if (kept && history->failed)
        log_info("%s: what is seen is remembered on disk again", history->journal.path);
    history->failed = !kept;
    buf_release(&history->log); /* a failed one starts afresh */
    buf_init(&history->log, LOG_BYTES);
}

void
history_reopen(struct history *history)
{
    journal_reopen(&history->journal);
}

void
history_close(struct history *history)
{
    journal_release(&history->journal);
    past_free(history->past);
    buf_release(&history->log);
}
