/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "commands.h"
#include "evidence.h"
#include "examination.h"
#include "exchange_file.h"
#include "exit_code.h"
#include "file.h"
#include "input_argument.h"
#include "log.h"
#include "memory.h"
#include "past.h"
#include "reporter.h"
#include "saml.h"
#include "settings.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 256 * 1024 * 1024, LIST_MAX_BYTES = 16 * 1024 * 1024, TWICE_MAX_BYTES = 32 * 1024 * 1024 };

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
print_report(struct inspection *inspection, struct report *report)
{
    char *why = NULL;
    struct buf text;

    buf_init(&text, OUTPUT_MAX_BYTES);
    inspection->reporter->report(&text, report, &inspection->how);
    if (buf_failed(&text) || !terminal_print(buf_str(&text))) {
        log_error("the report cannot be written");
        worsen(inspection, EXIT_RUNTIME);
    }
    if (inspection->evidence != NULL && !evidence_write(inspection->evidence, report, &why)) {
        log_error("%s", why);
        worsen(inspection, EXIT_RUNTIME);
        free(why);
    }
    worsen(inspection, verdict_exit_code(report->verdict));
    buf_release(&text);
}

/* One input: a recording goes through the examination, exchange by exchange; anything else is examined whole. */
struct input_file {
    struct inspection *inspection;
    const char *name;
    struct examination *examination;
    struct past *past; /* of the files before, NULL: they are no story */
    struct progress progress;
};

static void
print_ready(struct input_file *input)
{
    struct report *report;

    while ((report = examination_next(input->examination)) != NULL) {
        progress_end(&input->progress);
        print_report(input->inspection, report);
        report_release(report);
    }
}

static bool
take_exchange(void *data, struct arena *arena, const struct exchange *exchange)
{
    struct input_file *input = data;

    (void)arena;
    if (!examination_take(input->examination, exchange))
        return false;
    print_ready(input);
    return true;
}

static void
take_whole(void *data, struct str bytes)
{
    struct input_file *input = data;
    struct inspection *inspection = input->inspection;
    struct arena *keep = NULL;
    struct str problem = { 0 };
    size_t count = 0;
    struct report **reports =
        examine_input(inspection->settings, input->past, bytes, str_from(input->name), &count, &keep, &problem);

    progress_end(&input->progress);
    for (size_t i = 0; i < count; i++)
        print_report(inspection, reports[i]);
    if (count == 0) {
        log_error("%s: %.*s", input->name,
                  STR_ARG(str_present(problem) ? problem : STR("cannot be examined: out of memory")));
        worsen(inspection, str_present(problem) ? EXIT_UNREADABLE : EXIT_RUNTIME);
    }
    for (size_t i = 0; i < count; i++)
        report_release(reports[i]);
    free(reports);
    arena_free(keep);
}

static bool
note_keys(void *data, struct arena *arena, const struct exchange *exchange)
{
    const struct input_file *input = data;

    (void)arena;
    examination_note_keys(input->examination, exchange);
    return true;
}

static void
leave_whole(void *data, struct str bytes)
{
    (void)data;
    (void)bytes;
}

/* A recording that is not large is read twice: keys may come behind the tokens that they verify. */
static void
look_for_keys(struct input_file *input, const char *path)
{
    struct exchange_file file = {
        .argument = path, .take = note_keys, .take_whole = leave_whole, .data = input, .progress = &input->progress
    };
    char head[EXCHANGE_FILE_HEAD_BYTES], *why = NULL;
    uint64_t size;

    if (input_argument_is_input(path) || !file_look(path, head, sizeof head, &size) || size > TWICE_MAX_BYTES ||
        !exchange_file_may_be_recording((struct str){ head, sizeof head }))
        return;
    exchange_file_read(&file, &why);
    exchange_file_release(&file);
    free(why);
}

static void
inspect_file(struct inspection *inspection, const char *path, struct past *past)
{
    struct input_file input = { .inspection = inspection, .name = input_argument_name(path), .past = past };
    struct exchange_file file = {
        .argument = path, .take = take_exchange, .take_whole = take_whole, .data = &input, .progress = &input.progress
    };
    char *why = NULL;
    bool done;

    input.examination = examination_new(inspection->settings, str_from(input.name));
    if (input.examination == NULL) {
        log_error("%s: cannot be examined: out of memory", input.name);
        worsen(inspection, EXIT_RUNTIME);
        return;
    }
    if (past != NULL)
        examination_share(input.examination, past);
    progress_begin(&input.progress, input.name, "MiB");
    look_for_keys(&input, path);
    done = exchange_file_read(&file, &why);
    progress_end(&input.progress);
    if (file.count > 0 || (done && file.kind != NULL)) {
        examination_end(input.examination, file.kind != NULL ? file.kind : "file", str_from(file.problem));
        if (file.problem != NULL && examination_early(input.examination) > 0)
            log_warn("%s: %s", input.name, file.problem);
        print_ready(&input);
    }
    if (!done) {
        log_error("%s", why);
        worsen(inspection, EXIT_UNREADABLE);
    }
    examination_free(input.examination);
    exchange_file_release(&file);
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
        inspect_file(inspection, path, NULL);
        free(path);
    }
    buf_release(&text);
    free(why);
}

/* Files that are named together belong together: what was used in one is used in the next. A list is no such story. */
static void
inspect_arguments(struct inspection *inspection, const struct options *options)
{
    struct past *past = options_argument_count(options) > 1 ? past_new() : NULL;

    for (size_t i = 0; i < options_argument_count(options); i++)
        inspect_file(inspection, options_argument(options, i), past);
    past_free(past);
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
        inspect_arguments(&inspection, options);
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
