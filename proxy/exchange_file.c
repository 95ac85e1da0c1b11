/* SPDX-License-Identifier: MIT */
#include "exchange_file.h"

#include <stdlib.h>
#include <string.h>

#include "byte_source.h"
#include "capture.h"
#include "file.h"
#include "input_argument.h"
#include "journal.h"
#include "memory.h"

enum {
    PIECE_BYTES = 256 * 1024,
    READ_BYTES = 64 * 1024, /* of what is kept whole, at a time */
    HEAD_BYTES = 64,        /* what tells a capture from other things */
    ENTRY_MAX_BYTES = 64 * 1024 * 1024,
    ENTRY_ARENA_BYTES = 256 * 1024 * 1024,
    WHOLE_ARENA_BYTES = 512 * 1024 * 1024,
    MIB = 1024 * 1024,
};

static bool
hand_over(struct exchange_file *file, struct arena *arena, const struct exchange *exchange)
{
    file->count++;
    return file->take(file->data, arena, exchange);
}

static void
show_progress(struct exchange_file *file, const struct byte_source *source)
{
    progress_step(file->progress, (size_t)(source->done / MIB), (size_t)(source->size / MIB));
}

static void
add_problem(struct exchange_file *file, struct str problem)
{
    char *before = file->problem;

    if (!str_present(problem))
        return;
    file->problem = before == NULL ? xstrndup(problem) : xprintf("%s; %.*s", before, STR_ARG(problem));
    free(before);
}

static char *
stopped(const struct exchange_file *file, const char *name)
{
    return xprintf("%s: stopped after %zu exchanges", name, file->count);
}

/* --- captures, piece by piece ------------------------------------------------------------------------ */

/* A reading of what looks like a capture. */
struct capture_file {
    struct exchange_file *file;
    struct byte_source *source;
    struct capture_reader reader;
    struct arena *arena; /* of one entry */
    struct buf *seen;    /* all bytes until it is sure that it is a capture: it may be something else */
    bool sure;
};

static void
be_sure(struct capture_file *capture)
{
    if (!capture->sure)
        buf_release(capture->seen);
    capture->sure = true;
}

/* Before each exchange, which says where it was found. */
static void
note_kind(struct capture_file *capture)
{
    bool is_har = capture_reader_format(&capture->reader) == CAPTURE_HAR;

    capture->file->kind = input_kind_name(is_har ? INPUT_HAR : INPUT_SAML_TRACER);
}

/* Returns false when the taker wants no more or memory is out. */
static bool
take_piece(struct capture_file *capture, struct str piece)
{
    struct exchange exchange;
    enum capture_event event;

    if (!capture->sure)
        buf_add_str(capture->seen, piece);
    while ((event = capture_reader_next(&capture->reader, capture->arena, &piece, &exchange)) == CAPTURE_EXCHANGE) {
        be_sure(capture);
        note_kind(capture);
        if (!hand_over(capture->file, capture->arena, &exchange))
            return false;
        arena_reset(capture->arena);
    }
    if (capture_reader_format(&capture->reader) == CAPTURE_HAR)
        be_sure(capture);
    return event == CAPTURE_MORE;
}

/* Returns the bytes, all of them when it turns out to be no capture; false with *why. */
static bool
finish_capture(struct capture_file *capture, bool *is_capture, char **why)
{
    struct exchange_file *file = capture->file;
    struct str problem = { 0 };
    struct exchange exchange;
    enum capture_result result;

    if (capture_reader_cut(&capture->reader, capture->arena, &exchange)) {
        note_kind(capture);
        if (!hand_over(file, capture->arena, &exchange)) {
            *why = stopped(file, capture->source->name);
            return false;
        }
    }
    result = capture_reader_end(&capture->reader, capture->arena, &problem);
    *is_capture = result == CAPTURE_OK || capture->sure;
    if (result == CAPTURE_OK) {
        if (capture->source->is_utf16 && str_present(problem))
            add_problem(file, STR("the file is UTF-16, bytes are counted as in UTF-8"));
        note_kind(capture);
        add_problem(file, problem);
        return true;
    }
    if (capture->sure)
        *why = xprintf("%s: %.*s", capture->source->name, STR_ARG(str_present(problem) ? problem : STR("damaged")));
    else if (buf_failed(capture->seen))
        *why = xprintf("%s: is bigger than %d MiB, and neither a HAR file nor a SAML-tracer export",
                       capture->source->name, FILE_MAX_BYTES / MIB);
    return *why == NULL;
}

/* seen holds the beginning. Returns false and *why; *is_capture false: seen holds all of something else. */
static bool
read_capture(struct exchange_file *file, struct byte_source *source, struct buf *seen, bool *is_capture, char **why)
{
    struct capture_file capture = { .file = file, .source = source, .seen = seen };
    size_t head_length;
    char *head = buf_detach(seen, &head_length), *bytes = xmalloc(PIECE_BYTES);
    ssize_t got = 0;
    bool going, done = false;

    capture.arena = arena_new(ENTRY_ARENA_BYTES);
    capture_reader_init(&capture.reader, ENTRY_MAX_BYTES);
    going = capture.arena != NULL && take_piece(&capture, (struct str){ head, head_length });
    while (going && (got = byte_source_read(source, bytes, PIECE_BYTES, why)) > 0) {
        going = take_piece(&capture, (struct str){ bytes, (size_t)got });
        show_progress(file, source);
    }
    if (!going)
        *why = stopped(file, source->name);
    else if (got == 0)
        done = finish_capture(&capture, is_capture, why);
    capture_reader_release(&capture.reader);
    arena_free(capture.arena);
    free(bytes);
    free(head);
    return done;
}

/* --- other files, whole ------------------------------------------------------------------------------ */

/* Takes the records that are there in whole. */
static bool
take_records(struct exchange_file *file, struct arena *arena, struct buf *seen, bool more)
{
    struct str rest = buf_str(seen), record;
    bool going = true;

    while (going && journal_next(&rest, more, &record)) {
        struct exchange exchange;

        if (exchange_read(arena, record, &exchange))
            going = hand_over(file, arena, &exchange);
        arena_reset(arena);
    }
    buf_consume(seen, seen->len - rest.len);
    return going;
}

/* seen holds the beginning. Returns false and *why. */
static bool
read_journal(struct exchange_file *file, struct byte_source *source, struct buf *seen, char **why)
{
    struct arena *arena = arena_new(ENTRY_ARENA_BYTES);
    char *bytes = xmalloc(PIECE_BYTES);
    bool going;
    ssize_t got = 0;

    file->kind = "journal";
    going = arena != NULL && take_records(file, arena, seen, true);
    while (going && (got = byte_source_read(source, bytes, PIECE_BYTES, why)) > 0) {
        buf_add(seen, bytes, (size_t)got);
        going = !buf_failed(seen) && take_records(file, arena, seen, true);
        show_progress(file, source);
    }
    going = going && got == 0 && take_records(file, arena, seen, false);
    if (!going && *why == NULL)
        *why = stopped(file, source->name);
    arena_free(arena);
    free(bytes);
    return going;
}

static bool
read_other(struct exchange_file *file, struct str bytes, char **why)
{
    const char *name = input_argument_name(file->argument);
    struct arena *arena;
    bool going = true;

    file->whole = arena_new(WHOLE_ARENA_BYTES);
    if (file->whole != NULL)
        file->bytes = arena_copy(file->whole, bytes);
    if (file->whole == NULL || !find_input(file->whole, file->bytes, file->saml, &file->input)) {
        *why = xprintf("%s: %.*s", name,
                       STR_ARG(str_present(file->input.problem) ? file->input.problem : STR("out of memory")));
        return false;
    }
    file->kind = input_kind_name(file->input.kind);
    add_problem(file, file->input.problem);
    arena = arena_new(ENTRY_ARENA_BYTES);
    for (size_t i = 0; arena != NULL && going && i < file->input.exchange_count; i++) {
        going = hand_over(file, arena, &file->input.exchanges[i]);
        arena_reset(arena);
    }
    if (!going || arena == NULL)
        *why = stopped(file, name);
    going = going && arena != NULL;
    arena_free(arena);
    return going;
}

static bool
read_whole(struct exchange_file *file, struct str bytes, char **why)
{
    const char *name = input_argument_name(file->argument);
    bool done = true;

    if (bytes.len == 0) {
        *why = xprintf("%s: is empty", name);
        done = false;
    } else if (file->take_whole != NULL) {
        file->take_whole(file->data, bytes);
    } else {
        done = read_other(file, bytes, why);
    }
    return done;
}

/* Reads on until seen holds at least that many bytes, or all. Returns false and *why. */
static bool
read_up_to(struct exchange_file *file, struct byte_source *source, struct buf *seen, size_t wanted, char **why)
{
    ssize_t got = 1;

    while (seen->len < wanted && got > 0) {
        if (!buf_reserve(seen, READ_BYTES)) {
            *why = xprintf("%s: is bigger than %d MiB", source->name, FILE_MAX_BYTES / MIB);
            return false;
        }
        got = byte_source_read(source, seen->bytes + seen->len, READ_BYTES, why);
        seen->len += got > 0 ? (size_t)got : 0;
        show_progress(file, source);
    }
    return got >= 0;
}

static bool
may_be_capture(struct str head)
{
    if (str_starts_c(head, "\xef\xbb\xbf"))
        head = str_from_offset(head, 3);
    head = str_trim(head);
    return str_starts_c(head, "{") || str_starts_c(head, "[");
}

bool
exchange_file_may_be_recording(struct str head)
{
    static const char *const packed[] = { "\x1f\x8b", "x\x01", "x^", "x\x9c", "x\xda", "\xff\xfe", "\xfe\xff" };

    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
        if (str_starts_c(head, packed[i]))
            return true;
    return str_trim(head).len == 0 || may_be_capture(head) || str_starts_c(head, JOURNAL_MAGIC) ||
           str_find_byte(head, '\0') != SIZE_MAX;
}

static bool
read_source(struct exchange_file *file, struct byte_source *source, struct buf *seen, char **why)
{
    bool is_read = false, done = read_up_to(file, source, seen, HEAD_BYTES, why);

    if (done && str_starts_c(buf_str(seen), JOURNAL_MAGIC))
        done = is_read = read_journal(file, source, seen, why);
    else if (done && may_be_capture(buf_str(seen)))
        done = read_capture(file, source, seen, &is_read, why);
    else if (done)
        done = read_up_to(file, source, seen, SIZE_MAX, why);
    if (source->damaged && source->done > 0 && (file->count > 0 || seen->len > 0))
        add_problem(file, STR("the gzip data is damaged or cut off; what came out before is read"));
    else if (source->damaged)
        *why = xprintf("%s: gzip data that is damaged", source->name);
    return done && *why == NULL && (is_read || read_whole(file, buf_str(seen), why));
}

bool
exchange_file_read(struct exchange_file *file, char **why)
{
    struct byte_source source;
    struct buf seen;
    bool done;

    if (!byte_source_open(&source, file->argument, why))
        return false;
    buf_init(&seen, FILE_MAX_BYTES);
    done = read_source(file, &source, &seen, why);
    progress_end(file->progress);
    buf_release(&seen);
    byte_source_close(&source);
    return done;
}

void
exchange_file_release(struct exchange_file *file)
{
    arena_free(file->whole);
    free(file->problem);
    file->whole = NULL;
    file->problem = NULL;
}
