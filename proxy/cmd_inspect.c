/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "commands.h"
#include "evidence.h"
#include "examine.h"
#include "exchange_file.h"
#include "exit_code.h"
#include "file.h"
#include "input_argument.h"
#include "journal.h"
#include "log.h"
#include "memory.h"
#include "reporter.h"
#include "saml.h"
#include "settings.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 256 * 1024 * 1024, LIST_MAX_BYTES = 16 * 1024 * 1024, STREAM_FROM_BYTES = 32 * 1024 * 1024 };

struct inspection {
    const struct settings *settings;
    const struct reporter *reporter;
    struct reporter_options how;
    struct evidence *evidence; /* NULL: none is wanted */
    int code;                  /* worst so far */
};

/* What cannot be read hides more than what failed, and that more than what is undecided. */
static void
worsen(struct inspection *inspection, int code)
{
    static const int badness[] = { [EXIT_PASS] = 0,       [EXIT_UNDECIDED] = 1, [EXIT_FAIL] = 2,
                                   [EXIT_UNREADABLE] = 3, [EXIT_RUNTIME] = 4,   [EXIT_USAGE] = 5 };

    if (badness[code] > badness[inspection->code])
        inspection->code = code;
}

static void
print_reports(struct inspection *inspection, struct report **reports, size_t count)
{
    char *why = NULL;
    struct buf text;

    for (size_t i = 0; i < count; i++) {
        buf_init(&text, OUTPUT_MAX_BYTES);
        inspection->reporter->report(&text, reports[i], &inspection->how);
        if (buf_failed(&text) || !terminal_print(buf_str(&text))) {
            log_error("the report cannot be written");
            worsen(inspection, EXIT_RUNTIME);
        }
        if (inspection->evidence != NULL && !evidence_write(inspection->evidence, reports[i], &why)) {
            log_error("%s", why);
            worsen(inspection, EXIT_RUNTIME);
            free(why);
            why = NULL;
        }
        worsen(inspection, verdict_exit_code(reports[i]->verdict));
        buf_release(&text);
    }
}

static void
inspect_bytes(struct inspection *inspection, struct str bytes, const char *name)
{
    struct arena *keep = NULL;
    struct str problem = { 0 };
    size_t count = 0;
    struct report **reports = examine_input(inspection->settings, bytes, str_from(name), &count, &keep, &problem);

    if (count > 0) {
        print_reports(inspection, reports, count);
    } else {
        log_error("%s: %.*s", name, STR_ARG(str_present(problem) ? problem : STR("cannot be examined: out of memory")));
        worsen(inspection, str_present(problem) ? EXIT_UNREADABLE : EXIT_RUNTIME);
    }
    for (size_t i = 0; i < count; i++)
        report_release(reports[i]);
    free(reports);
    arena_free(keep);
}

/* --- exchange by exchange: samltap's own journal, and large captures ---------------------------------- */

static size_t
print_done(struct inspection *inspection, struct signin_table *table)
{
    const struct signin *signin;
    size_t count = 0;

    /* As in any recording, the clock stands still: only answers end a sign-in, and the end of the file. */
    for (; (signin = examine_next_done(table, 0)) != NULL; count++) {
        struct report *report = signin_report(signin);

        if (report != NULL)
            print_reports(inspection, &report, 1);
    }
    return count;
}

struct stream {
    struct inspection *inspection;
    struct signin_table *table;
    const char *name;
    struct progress *progress;
    size_t printed; /* reports */
};

static bool
take_exchange(void *data, struct arena *arena, const struct exchange *exchange)
{
    struct stream *stream = data;
    struct report *report =
        examine_exchange(stream->inspection->settings, stream->table, exchange, str_from(stream->name));

    (void)arena;
    if (report == NULL)
        return false;
    if (examine_stands_alone(report) || report->signin != NULL)
        progress_end(stream->progress); /* a report may follow */
    if (examine_stands_alone(report)) {
        print_reports(stream->inspection, &report, 1);
        stream->printed++;
    }
    report_release(report);
    stream->printed += print_done(stream->inspection, stream->table);
    return true;
}

static void
inspect_stream(struct inspection *inspection, const char *path)
{
    const struct saml_options saml = { .param_names = inspection->settings->parameters,
                                       .param_name_count = inspection->settings->parameter_count };
    struct progress progress;
    struct stream stream = { inspection, signin_table_new(inspection->settings), file_display_name(path), &progress,
                             0 };
    struct exchange_file file = {
        .argument = path, .saml = &saml, .take = take_exchange, .data = &stream, .progress = &progress
    };
    char *why = NULL;
    bool done;

    if (stream.table == NULL) {
        log_error("%s: cannot be examined: out of memory", path);
        worsen(inspection, EXIT_RUNTIME);
        return;
    }
    progress_begin(&progress, stream.name, "MiB");
    done = exchange_file_read(&file, &why);
    progress_end(&progress);
    signin_finish_all(stream.table);
    stream.printed += print_done(inspection, stream.table);
    signin_table_free(stream.table);
    if (file.problem != NULL)
        log_warn("%s: %s", path, file.problem);
    if (!done)
        log_error("%s", why);
    else if (stream.printed == 0)
        log_error("%s: there is no sign-in in its %zu exchanges", path, file.count);
    if (!done || stream.printed == 0)
        worsen(inspection, EXIT_UNREADABLE);
    exchange_file_release(&file);
    free(why);
}

/* A journal, and a capture too large to be held whole. */
static bool
is_for_stream(const char *path)
{
    char head[JOURNAL_MAGIC_BYTES] = "";
    uint64_t size;

    return !input_argument_is_input(path) && file_look(path, head, sizeof(head), &size) &&
           (size > STREAM_FROM_BYTES || str_starts_c((struct str){ head, sizeof(head) }, JOURNAL_MAGIC));
}

static void
inspect_file(struct inspection *inspection, const char *path)
{
    char *why = NULL;
    struct buf bytes;

    if (is_for_stream(path)) {
        inspect_stream(inspection, path);
        return;
    }
    if (!input_argument_read(path, FILE_MAX_BYTES, &bytes, &why)) {
        log_error("%s", why);
        worsen(inspection, EXIT_UNREADABLE);
    } else {
        inspect_bytes(inspection, buf_str(&bytes), input_argument_name(path));
    }
    buf_release(&bytes);
    free(why);
}

static void
inspect_list(struct inspection *inspection, const char *list)
{
    char *why = NULL;
    struct buf text;
    struct str rest, line;

    if (!file_read(list, LIST_MAX_BYTES, &text, &why)) {
        log_error("%s", why);
        worsen(inspection, EXIT_UNREADABLE);
    }
    rest = buf_str(&text);
    while (str_present(rest)) {
        char *path;

        str_cut(rest, '\n', &line, &rest);
        if (str_ends_c(line, "\r"))
            line.len--;
        if (line.len == 0)
            continue;
        path = xstrndup(line);
        inspect_file(inspection, path);
        free(path);
    }
    buf_release(&text);
    free(why);
}

int
cmd_inspect(const struct options *options)
{
    struct inspection inspection = { .reporter = options_flag(options, OPT_JSON) ? &reporter_json : &reporter_text,
                                     .how = terminal_reporter_options(options) };
    const char *list = options_text(options, OPT_BATCH), *reason = NULL;
    const char *directory = options_text(options, OPT_EVIDENCE);
    char *why = NULL;
    int code = EXIT_RUNTIME;
    struct settings *settings;

    if (!saml_library_init(&reason)) {
        log_error("%s", reason);
        return EXIT_RUNTIME;
    }
    settings = settings_new(options, &why, &code);
    if (settings == NULL) {
        log_error("%s", why);
    } else if (directory != NULL && (inspection.evidence = evidence_new(directory, &why)) == NULL) {
        log_error("%s", why);
        code = EXIT_USAGE;
    } else {
        inspection.settings = settings;
        for (size_t i = 0; i < options_argument_count(options); i++)
            inspect_file(&inspection, options_argument(options, i));
        if (list != NULL)
            inspect_list(&inspection, list);
        code = inspection.code;
    }
    evidence_free(inspection.evidence);
    settings_free(settings);
    saml_library_cleanup();
    free(why);
    return code;
}
