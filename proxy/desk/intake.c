/* SPDX-License-Identifier: MIT */
#include "intake.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "examine.h"
#include "exit_code.h"
#include "file.h"
#include "history.h"
#include "journal.h"
#include "log.h"
#include "memory.h"
#include "outlet.h"
#include "pipe.h"
#include "record.h"

enum {
    READ_CHUNK = 256 * 1024,
    PIPE_BUFFER_BYTES = PIPE_MAX_FRAME + 2 * READ_CHUNK,
    FRAME_ARENA_BYTES = 64 * 1024 * 1024,
    EXAMINE_LIMIT_S = 20, /* then the process is ended, and the relay sets the exchange aside */
    CLOCK_STEP_MS = 500,
};

struct intake {
    const struct intake_options *options;
    struct event_base *base;
    int pipe;
    struct buf in;
    struct signin_table *table;
    struct history history;
    struct journal journal;
    bool journal_failed; /* said already */
    struct outlet outlet;
    struct event *readable, *clock, *terminated;
    uint64_t examined, bystanders;
    int code;
};

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- answering the relay ------------------------------------------------------------------------------ */

/* A relay that is gone gets no answer; the end of the pipe follows. */
static void
answer(struct intake *intake, enum pipe_type type, struct str payload)
{
    struct buf frame;

    buf_init(&frame, 256);
    pipe_write(&frame, type, payload);
    if (!file_write_all(intake->pipe, buf_str(&frame)))
        log_debug("the relay takes no answers: %s", strerror(errno));
    buf_release(&frame);
}

static void
acknowledge(struct intake *intake, uint64_t number)
{
    struct buf payload;

    buf_init(&payload, 16);
    buf_add_u64(&payload, number);
    answer(intake, PIPE_ACK, buf_str(&payload));
    buf_release(&payload);
}

/* --- exchanges ----------------------------------------------------------------------------------------- */

static void
keep(struct intake *intake, struct arena *arena, const struct exchange *exchange)
{
    struct exchange reduced;
    struct buf record;
    bool kept;

    if (intake->options->journal_path == NULL)
        return;
    buf_init(&record, PIPE_MAX_FRAME);
    errno = ENOMEM;
    kept = record_reduce(arena, exchange, &reduced);
    if (kept) {
        exchange_write(&record, &reduced);
        kept = !buf_failed(&record) && journal_append(&intake->journal, buf_str(&record));
    }
    if (!kept && !intake->journal_failed)
        log_warn("%s: exchanges are not kept on disk any more: %s", intake->options->journal_path, strerror(errno));
    else if (kept && intake->journal_failed)
        log_info("%s: exchanges are kept on disk again", intake->options->journal_path);
    intake->journal_failed = !kept;
    buf_release(&record);
}

static void
print_done(struct intake *intake)
{
    const struct signin *signin;

    while ((signin = examine_next_done(intake->table, now_ms())) != NULL) {
        struct report *report = signin_report(signin);

        if (report != NULL)
            answer(intake, PIPE_SIGNIN, (struct str){ (const char[]){ (char)report->verdict }, 1 });
        if (intake->options->verdict_is_code && report != NULL)
            intake->code = verdict_exit_code(report->verdict);
        outlet_signin(&intake->outlet, signin);
    }
}

static void
take_exchange(struct intake *intake, uint64_t number, struct str bytes)
{
    struct arena *arena = arena_new(FRAME_ARENA_BYTES);
    struct report *report = NULL;
    struct exchange exchange;

    if (arena != NULL && exchange_read(arena, bytes, &exchange)) {
        struct str name = arena_printf(arena, "connection %llu", (unsigned long long)exchange.connection);

        keep(intake, arena, &exchange);
        intake->examined++;
        alarm(EXAMINE_LIMIT_S);
        report = examine_exchange(intake->options->settings, intake->table, &exchange, name);
        alarm(0);
        if (report == NULL)
            log_warn("exchange %llu could not be examined: out of memory", (unsigned long long)number);
        history_write(&intake->history);
    } else {
        log_warn("exchange %llu could not be read", (unsigned long long)number);
    }
    acknowledge(intake, number);
    if (report != NULL && report->signin == NULL)
        outlet_report(&intake->outlet, report);
    report_release(report);
    arena_free(arena);
    print_done(intake);
}

/* They are counted, not read. */
static void
take_bystanders(struct intake *intake, struct str payload)
{
    struct str record;

    while (pipe_cut_record(&payload, &record))
        intake->bystanders++;
}

/* Prints what is still open and leaves the loop. */
static void
finish(struct intake *intake)
{
    signin_finish_all(intake->table);
    print_done(intake);
    log_debug("%llu exchanges were examined, %llu had nothing to do with a sign-in",
              (unsigned long long)intake->examined, (unsigned long long)intake->bystanders);
    event_base_loopbreak(intake->base);
}

/* Numbered frames are acknowledged when they are done with. */
static void
take_numbered(struct intake *intake, enum pipe_type type, uint64_t number, struct str payload)
{
    uint64_t count;

    switch (type) {
    case PIPE_QUARANTINE:
        outlet_quarantine(&intake->outlet, number, payload);
        break;
    case PIPE_BYSTANDERS:
        take_bystanders(intake, payload);
        break;
    case PIPE_REOPEN:
        journal_reopen(&intake->journal);
        history_reopen(&intake->history);
        outlet_reopen(&intake->outlet);
        break;
    case PIPE_LINE:
        outlet_lines(&intake->outlet, payload);
        break;
    case PIPE_DROPPED:
        if (pipe_cut_number(&payload, &count))
            outlet_not_examined(&intake->outlet, count, payload);
        break;
    default:
        break;
    }
    acknowledge(intake, number);
}

/* Returns false when nothing more may be taken. */
static bool
take_frame(struct intake *intake, enum pipe_type type, struct str payload)
{
    uint64_t number;

    if (type == PIPE_FINISH) {
        finish(intake);
        return false;
    }
    if (type == PIPE_ACK || type == PIPE_READY || type == PIPE_SIGNIN)
        return true; /* ours to send */
    if (!pipe_cut_number(&payload, &number)) {
        log_error("the relay sent a frame without number");
        intake->code = EXIT_RUNTIME;
        finish(intake);
        return false;
    }
    if (type == PIPE_EXCHANGE)
        take_exchange(intake, number, payload);
    else
        take_numbered(intake, type, number, payload);
    return true;
}

/* --- events --------------------------------------------------------------------------------------------- */

/* Reads once and takes what is whole. Returns false when there was nothing to read, or the end. */
static bool
read_pipe(struct intake *intake)
{
    enum pipe_type type;
    struct str payload;
    size_t used;
    ssize_t got = -1;
    int found;

    errno = ENOMEM;
    if (buf_reserve(&intake->in, READ_CHUNK))
        got = read(intake->pipe, intake->in.bytes + intake->in.len, READ_CHUNK);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return false;
    if (got <= 0) {
        if (got == 0)
            log_warn("the relay ended without saying so; what it had not handed over to be examined is lost");
        else
            log_error("what the relay sends cannot be read: %s", strerror(errno));
        finish(intake);
        return false;
    }
    intake->in.len += (size_t)got;
    while ((found = pipe_next(&intake->in, &type, &payload, &used)) == 1) {
        if (!take_frame(intake, type, payload))
            return false;
        buf_consume(&intake->in, used);
    }
    if (found == 0)
        return true;
    log_error("the relay sent something that is no frame");
    intake->code = EXIT_RUNTIME;
    finish(intake);
    return false;
}

static void
on_readable(evutil_socket_t pipe, short what, void *data)
{
    (void)pipe;
    (void)what;
    read_pipe(data);
}

static void
on_clock(evutil_socket_t none, short what, void *data)
{
    (void)none;
    (void)what;
    print_done(data);
}

/* Also sent when the relay died: what it had written into the pipe by then is still taken. */
static void
on_terminated(evutil_socket_t signal_number, short what, void *data)
{
    struct intake *intake = data;

    (void)signal_number;
    (void)what;
    evutil_make_socket_nonblocking(intake->pipe);
    while (read_pipe(intake))
        continue;
    finish(intake);
}

static bool
set_up(struct intake *intake, char **why)
{
    const struct timeval step = { 0, CLOCK_STEP_MS * 1000 };
    const struct intake_options *options = intake->options;

    buf_init(&intake->in, PIPE_BUFFER_BYTES);
    intake->journal.file = intake->history.journal.file = -1;
    if (!outlet_open(&intake->outlet, options->reporter, &options->how, options->json_log_path, why))
        return false;
    if (options->journal_path != NULL && !journal_open(&intake->journal, options->journal_path, JOURNAL_MAX_BYTES, why))
        return false;
    intake->table = signin_table_new(options->settings);
    intake->base = event_base_new();
    if (intake->table != NULL && intake->base != NULL &&
        history_open(&intake->history, options->history_path, now_ms())) {
        signin_table_share(intake->table, intake->history.past);
        intake->readable = event_new(intake->base, intake->pipe, EV_READ | EV_PERSIST, on_readable, intake);
        intake->clock = event_new(intake->base, -1, EV_PERSIST, on_clock, intake);
        intake->terminated = evsignal_new(intake->base, SIGTERM, on_terminated, intake);
    }
    if (intake->readable != NULL && intake->clock != NULL && intake->terminated != NULL &&
        event_add(intake->readable, NULL) == 0 && event_add(intake->clock, &step) == 0 &&
        event_add(intake->terminated, NULL) == 0)
        return true;
    *why = xstrdup("the desk cannot start: out of memory");
    return false;
}

static void
free_event(struct event *event)
{
    if (event != NULL)
        event_free(event);
}

int
intake_run(const struct intake_options *options, int pipe)
{
    struct intake intake = { .options = options, .pipe = pipe, .code = EXIT_PASS };
    char *why = NULL;

    if (options->verdict_is_code)
        intake.code = EXIT_UNDECIDED;
    signal(SIGINT, SIG_IGN); /* the terminal sends it to us too; the relay tells us when to end */
    if (set_up(&intake, &why)) {
        answer(&intake, PIPE_READY, (struct str){ (const char[]){ PIPE_VERSION }, 1 });
        event_base_dispatch(intake.base);
    } else {
        log_error("%s", why);
        intake.code = EXIT_RUNTIME;
    }
    free_event(intake.readable);
    free_event(intake.clock);
    free_event(intake.terminated);
    if (intake.base != NULL)
        event_base_free(intake.base);
    signin_table_free(intake.table);
    history_close(&intake.history);
    journal_release(&intake.journal);
    outlet_close(&intake.outlet);
    buf_release(&intake.in);
    close(pipe);
    free(why);
    return intake.code;
}
