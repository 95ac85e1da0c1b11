/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "commands.h"
#include "evidence.h"
#include "examine.h"
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

enum { OUTPUT_MAX_BYTES = 256 * 1024 * 1024, LIST_MAX_BYTES = 16 * 1024 * 1024, RECORD_ARENA_BYTES = 64 * 1024 * 1024 };

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

/* --- samltap's own journal: what the desk kept ---------------------------------------------------------- */

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

/* Returns how many reports were printed. */
static size_t
inspect_record(struct inspection *inspection, struct signin_table *table, struct str record, const char *name)
{
    struct arena *arena = arena_new(RECORD_ARENA_BYTES);
    struct report *report = NULL;
    struct exchange exchange;
    size_t printed = 0;

    if (arena != NULL && exchange_read(arena, record, &exchange))
        report = examine_exchange(inspection->settings, table, &exchange, str_from(name));
    if (report != NULL && report->signin == NULL && report->messages.count > 0) {
        print_reports(inspection, &report, 1);
        printed++;
    }
    report_release(report);
    arena_free(arena);
    return printed + print_done(inspection, table);
}

static void
inspect_journal(struct inspection *inspection, struct str bytes, const char *name)
{
    struct signin_table *table = signin_table_new(inspection->settings);
    struct str record;
    size_t records = 0, printed = 0;

    if (table == NULL) {
        log_error("%s: cannot be examined: out of memory", name);
        worsen(inspection, EXIT_RUNTIME);
        return;
    }
    for (; journal_next(&bytes, &record); records++)
        printed += inspect_record(inspection, table, record, name);
    signin_finish_all(table);
    printed += print_done(inspection, table);
    signin_table_free(table);
    if (printed == 0) {
        log_error("%s: there is no sign-in in its %zu exchanges", name, records);
        worsen(inspection, EXIT_UNREADABLE);
    }
}

static void
inspect_file(struct inspection *inspection, const char *path)
{
    char *why = NULL;
    struct buf bytes;

    if (!input_argument_read(path, FILE_MAX_BYTES, &bytes, &why)) {
        log_error("%s", why);
        worsen(inspection, EXIT_UNREADABLE);
    } else if (str_starts_c(buf_str(&bytes), JOURNAL_MAGIC)) {
        inspect_journal(inspection, buf_str(&bytes), input_argument_name(path));
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
