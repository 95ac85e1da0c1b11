/* SPDX-License-Identifier: MIT */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "memory.h"

enum { HEAD_BYTES = JOURNAL_MAGIC_BYTES + 4 };

static void
close_file(struct journal *journal)
{
    if (journal->file >= 0)
        close(journal->file);
    journal->file = -1;
}

static bool
open_file(struct journal *journal)
{
    struct stat status;

    journal->file = open(journal->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (journal->file < 0)
        return false;
    if (fstat(journal->file, &status) != 0 || !S_ISREG(status.st_mode) || fchmod(journal->file, 0600) != 0) {
        close_file(journal);
        return false;
    }
    journal->size = (uint64_t)status.st_size;
    return true;
}

bool
journal_open(struct journal *journal, const char *path, uint64_t max_bytes, char **why)
{
    *journal = (struct journal){ .path = xstrdup(path), .file = -1, .max_bytes = max_bytes };
    if (open_file(journal))
        return true;
    *why = xprintf("%s: cannot be opened for writing: %s", path, strerror(errno));
    journal_release(journal);
    return false;
}

void
journal_release(struct journal *journal)
{
    close_file(journal);
    free(journal->path);
    journal->path = NULL;
}

void
journal_reopen(struct journal *journal)
{
    close_file(journal);
}

static bool
rotate(struct journal *journal)
{
    char *old = xprintf("%s.1", journal->path);
    bool done = rename(journal->path, old) == 0;

    free(old);
    close_file(journal);
    return open_file(journal) && done;
}

/* Another process may have set the file aside, or written behind what we know. Returns false with errno. */
static bool
catch_up(struct journal *journal)
{
    struct stat here, there;
    bool moved = stat(journal->path, &there) != 0 || fstat(journal->file, &here) != 0 || here.st_dev != there.st_dev ||
                 here.st_ino != there.st_ino;

    if (!moved) {
        journal->size = (uint64_t)here.st_size;
        return true;
    }
    close_file(journal);
    return open_file(journal) && flock(journal->file, LOCK_EX) == 0;
}

static bool
write_record(struct journal *journal, struct str record)
{
    struct buf bytes;
    ssize_t written = -1;

    buf_init(&bytes, JOURNAL_MAX_RECORD + HEAD_BYTES);
    buf_add_c(&bytes, JOURNAL_MAGIC);
    buf_add_u32(&bytes, (uint32_t)record.len);
    buf_add_str(&bytes, record);
    errno = ENOSPC;
    if (!buf_failed(&bytes))
        written = write(journal->file, bytes.bytes, bytes.len);
    if (written != (ssize_t)bytes.len) {
        int saved = errno;

        if (ftruncate(journal->file, (off_t)journal->size) != 0)
            close_file(journal); /* the reader skips the torn record */
        errno = saved;
        written = -1;
    } else {
        journal->size += bytes.len;
    }
    buf_release(&bytes);
    return written >= 0;
}

bool
journal_append(struct journal *journal, struct str record)
{
    bool done;

    if ((journal->file < 0 && !open_file(journal)) || flock(journal->file, LOCK_EX) != 0 || !catch_up(journal))
        return false;
    if (journal->size > 0 && journal->size + HEAD_BYTES + record.len > journal->max_bytes && !rotate(journal))
        return false;
    done = write_record(journal, record);
    if (journal->file >= 0) {
        int saved = errno;

        flock(journal->file, LOCK_UN);
        errno = saved;
    }
    return done;
}

/* What of bytes may be the beginning of a record's magic. */
static struct str
beginning_of_magic(struct str bytes)
{
    size_t length = bytes.len < JOURNAL_MAGIC_BYTES - 1 ? bytes.len : JOURNAL_MAGIC_BYTES - 1;

    while (!str_starts(STR(JOURNAL_MAGIC), str_from_offset(bytes, bytes.len - length)))
        length--;
    return str_from_offset(bytes, bytes.len - length);
}

bool
journal_next(struct str *bytes, bool more, struct str *record)
{
    for (;;) {
        size_t start = str_find_c(*bytes, JOURNAL_MAGIC);
        size_t length = 0;

        *bytes = start == SIZE_MAX ? beginning_of_magic(*bytes) : str_from_offset(*bytes, start);
        if (start == SIZE_MAX || bytes->len < HEAD_BYTES)
            return false;
        for (int i = 0; i < 4; i++)
            length = length << 8 | (unsigned char)bytes->ptr[JOURNAL_MAGIC_BYTES + i];
        if (length <= bytes->len - HEAD_BYTES) {
            *record = str_slice(*bytes, HEAD_BYTES, length);
            *bytes = str_from_offset(*bytes, HEAD_BYTES + length);
            return true;
        }
        if (more && length <= JOURNAL_MAX_RECORD)
            return false;
        *bytes = str_from_offset(*bytes, 1); /* cut or damaged: look for the next */
    }
}
