/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "check_names.h"
#include "commands.h"
#include "examination.h"
#include "exit_code.h"
#include "explain_text.h"
#include "file.h"
#include "log.h"
#include "memory.h"
#include "reporter.h"
#include "saml.h"
#include "settings.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 4 * 1024 * 1024, TEXT_MAX_BYTES = 1024 * 1024 };

/* The examined --trace; all empty when none was given. */
struct trace {
    struct settings *settings;
    struct report **reports;
    size_t count;
    struct arena *keep;
};

/* One text of --text; "-" is standard input. Returns an enum exit_code. */
static int
explain_one_text(struct buf *out, const char *text, const struct trace *trace, const struct reporter_options *how)
{
    struct explain_trace shown = { trace->reports, trace->count };
    char *why = NULL;
    struct buf input;
    int code = EXIT_PASS;

    if (strcmp(text, "-") != 0)
        return explain_text(out, str_from(text), &shown, how) ? EXIT_PASS : EXIT_UNDECIDED;
    if (!file_read_input("-", TEXT_MAX_BYTES, &input, &why)) {
        log_error("%s", why);
        code = EXIT_UNREADABLE;
    } else if (!explain_text(out, buf_str(&input), &shown, how)) {
        code = EXIT_UNDECIDED;
    }
    buf_release(&input);
    free(why);
    return code;
}

static int
explain_one_id(struct buf *out, const char *id, const struct reporter_options *how)
{
    const struct check *check = check_find(str_from(id));
    const struct error_entry *entry = check == NULL ? error_entry_find(str_from(id)) : NULL;

    if (check != NULL) {
        explain_check(out, check, how);
    } else if (entry != NULL) {
        explain_entry(out, entry, how);
    } else {
        char *why = check_unknown_text(id);

        log_error("%s", why);
        free(why);
        return EXIT_USAGE;
    }
    return EXIT_PASS;
}

/* Examines the file of --trace. Returns an enum exit_code. */
static int
trace_read(struct trace *trace, const struct options *options)
{
    const char *path = options_text(options, OPT_TRACE);
    struct str problem = { 0 };
    struct buf file;
    char *why = NULL;
    int code = EXIT_RUNTIME;

    trace->settings = settings_new(options, &why, &code);
    if (trace->settings == NULL) {
        log_error("%s", why);
        free(why);
        return code;
    }
    code = EXIT_PASS;
    if (!file_read_input(path, FILE_MAX_BYTES, &file, &why)) {
        log_error("%s", why);
        code = EXIT_UNREADABLE;
    } else {
        trace->reports =
            examine_input(trace->settings, NULL, buf_str(&file), str_from(path), &trace->count, &trace->keep, &problem);
        if (trace->count == 0) {
            log_error("%s: %.*s", path, STR_ARG(str_present(problem) ? problem : STR("out of memory")));
            code = str_present(problem) ? EXIT_UNREADABLE : EXIT_RUNTIME;
        }
    }
    buf_release(&file);
    free(why);
    return code;
}

static void
trace_release(struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++)
        report_release(trace->reports[i]);
    free(trace->reports);
    arena_free(trace->keep);
    settings_free(trace->settings);
}

static int
explain_all(struct buf *text, const struct trace *trace, const struct options *options)
{
    struct reporter_options how = terminal_reporter_options(options);
    int code = EXIT_PASS;

    for (size_t i = 0; i < options_argument_count(options) && code == EXIT_PASS; i++)
        code = explain_one_id(text, options_argument(options, i), &how);
    for (size_t i = 0; i < options_list_count(options, OPT_TEXT) && code == EXIT_PASS; i++)
        code = explain_one_text(text, options_list_at(options, OPT_TEXT, i), trace, &how);
    if ((code == EXIT_PASS || code == EXIT_UNDECIDED) && (buf_failed(text) || !terminal_print(buf_str(text)))) {
        log_error("the text cannot be written");
        code = EXIT_RUNTIME;
    }
    return code;
}

int
cmd_explain(const struct options *options)
{
    struct trace trace = { .count = 0 };
    const char *reason = NULL;
    struct buf text;
    int code = EXIT_PASS;

    if (options_text(options, OPT_TRACE) != NULL && options_list_count(options, OPT_TEXT) == 0) {
        log_error("--trace ranks what --text finds: give --text too, or 'samltap inspect' the file");
        return EXIT_USAGE;
    }
    if (!saml_library_init(&reason)) {
        log_error("%s", reason);
        return EXIT_RUNTIME;
    }
    if (options_text(options, OPT_TRACE) != NULL)
        code = trace_read(&trace, options);
    buf_init(&text, OUTPUT_MAX_BYTES);
    if (code == EXIT_PASS)
        code = explain_all(&text, &trace, options);
    buf_release(&text);
    trace_release(&trace);
    saml_library_cleanup();
    return code;
}
