/* SPDX-License-Identifier: MIT */
#include "exchange_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "har.h"
#include "input_argument.h"
#include "journal.h"
#include "memory.h"

enum {
    PIECE_BYTES = 256 * 1024,
    ENTRY_MAX_BYTES = 64 * 1024 * 1024,
    ENTRY_ARENA_BYTES = 256 * 1024 * 1024,
    WHOLE_ARENA_BYTES = 512 * 1024 * 1024,
    MIB = 1024 * 1024,
};

enum har_try { HAR_READ, HAR_IS_OTHER, HAR_FAILED };

static bool
hand_over(struct exchange_file *file, struct arena *arena, const struct exchange *exchange)
{
    file->count++;
    return file->take(file->data, arena, exchange);
}

/* --- HAR, piece by piece ----------------------------------------------------------------------------- */

/* A regular file that begins like JSON, opened; -1: something else. *size: its bytes. */
static int
open_json(const char *path, uint64_t *size)
{
    struct stat status;
    char head[64];
    ssize_t got;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct str text;

    if (descriptor < 0)
        return -1;
    got = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) ? pread(descriptor, head, sizeof(head), 0) : -1;
    text = (struct str){ head, got > 0 ? (size_t)got : 0 };
    if (str_starts_c(text, "\xef\xbb\xbf"))
        text = str_from_offset(text, 3);
    if (got > 0 && str_starts_c(str_trim(text), "{")) {
        *size = (uint64_t)status.st_size;
        return descriptor;
    }
    close(descriptor);
    return -1;
}

/* Returns false when the taker wants no more or memory is out. */
static bool
take_piece(struct exchange_file *file, struct har_reader *reader, struct arena *arena, struct str piece)
{
    for (;;) {
        struct exchange exchange;
        enum har_event event = har_reader_next(reader, arena, &piece, &exchange);

        if (event == HAR_MORE)
            return true;
        if (event != HAR_EXCHANGE || !hand_over(file, arena, &exchange))
            return false;
        arena_reset(arena);
    }
}

static enum har_try
har_result(struct exchange_file *file, const struct har_reader *reader, struct arena *arena, char **why)
{
    struct str problem = { 0 };
    enum capture_result result = har_reader_end(reader, arena, &problem);

    if (result == CAPTURE_OK && str_present(problem))
        file->problem = xstrndup(problem);
    if (result == CAPTURE_OK)
        return HAR_READ;
    if (file->count == 0)
        return HAR_IS_OTHER;
    *why = xprintf("%s: %.*s", file->argument, STR_ARG(problem));
    return HAR_FAILED;
}

static enum har_try
read_har(struct exchange_file *file, int descriptor, uint64_t size, char **why)
{
    struct arena *arena = arena_new(ENTRY_ARENA_BYTES);
    char *bytes = xcalloc(1, PIECE_BYTES);
    enum har_try result = HAR_FAILED;
    struct har_reader reader;
    uint64_t done = 0;
    bool going = arena != NULL;
    ssize_t got;

    har_reader_init(&reader, ENTRY_MAX_BYTES);
    while (going && (got = read(descriptor, bytes, PIECE_BYTES)) > 0) {
        going = take_piece(file, &reader, arena, (struct str){ bytes, (size_t)got });
        done += (uint64_t)got;
        progress_step(file->progress, (size_t)(done / MIB), (size_t)(size / MIB));
    }
    if (!going)
        *why = xprintf("%s: stopped after %zu exchanges", file->argument, file->count);
    else if (got < 0)
        *why = xprintf("%s: cannot be read: %s", file->argument, strerror(errno));
    else
        result = har_result(file, &reader, arena, why);
    har_reader_release(&reader);
    arena_free(arena);
    free(bytes);
    return result;
}

/* --- other files, whole ------------------------------------------------------------------------------ */

static bool
read_journal(struct exchange_file *file, struct str bytes)
{
    struct arena *arena = arena_new(ENTRY_ARENA_BYTES);
    bool going = arena != NULL;
    size_t total = bytes.len;
    struct str record;

    file->kind = "journal";
    while (going && journal_next(&bytes, &record)) {
        struct exchange exchange;

        if (exchange_read(arena, record, &exchange))
            going = hand_over(file, arena, &exchange);
        arena_reset(arena);
        progress_step(file->progress, (total - bytes.len) / MIB, total / MIB);
    }
    arena_free(arena);
    return going;
}

static bool
read_other(struct exchange_file *file, struct str bytes, char **why)
{
    const char *name = input_argument_name(file->argument);
    struct arena *arena;
    bool going = true;

    file->whole = arena_new(WHOLE_ARENA_BYTES);
    if (file->whole == NULL || !find_input(file->whole, arena_copy(file->whole, bytes), file->saml, &file->input)) {
        if (input_argument_is_input(file->argument))
            *why = xprintf("%s carries no SAML message; samltap opens no URLs: download it and give the file", name);
        else
            *why = xprintf("%s: %.*s", name,
                           STR_ARG(str_present(file->input.problem) ? file->input.problem : STR("out of memory")));
        return false;
    }
    file->kind = input_kind_name(file->input.kind);
    if (str_present(file->input.problem))
        file->problem = xstrndup(file->input.problem);
    arena = arena_new(ENTRY_ARENA_BYTES);
    for (size_t i = 0; arena != NULL && going && i < file->input.exchange_count; i++) {
        going = hand_over(file, arena, &file->input.exchanges[i]);
        arena_reset(arena);
    }
    if (!going || arena == NULL)
        *why = xprintf("%s: stopped after %zu exchanges", name, file->count);
    going = going && arena != NULL;
    arena_free(arena);
    return going;
}

static bool
read_whole(struct exchange_file *file, char **why)
{
    struct buf bytes;
    bool done = input_argument_read(file->argument, FILE_MAX_BYTES, &bytes, why);

    if (done && str_starts_c(buf_str(&bytes), JOURNAL_MAGIC)) {
        done = read_journal(file, buf_str(&bytes));
        if (!done)
            *why = xprintf("%s: stopped after %zu exchanges", file->argument, file->count);
    } else if (done) {
        done = read_other(file, buf_str(&bytes), why);
    }
    buf_release(&bytes);
    return done;
}

bool
exchange_file_read(struct exchange_file *file, char **why)
{
    enum har_try result = HAR_IS_OTHER;
    uint64_t size;
    int descriptor = input_argument_is_input(file->argument) ? -1 : open_json(file->argument, &size);

    if (descriptor >= 0) {
        file->kind = input_kind_name(INPUT_HAR);
        result = read_har(file, descriptor, size, why);
        close(descriptor);
    }
    progress_end(file->progress);
    return result == HAR_IS_OTHER ? read_whole(file, why) : result == HAR_READ;
}

void
exchange_file_release(struct exchange_file *file)
{
    arena_free(file->whole);
    free(file->problem);
    file->whole = NULL;
    file->problem = NULL;
}
