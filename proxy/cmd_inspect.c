/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "commands.h"
#include "examine.h"
#include "exit_code.h"
#include "file.h"
#include "log.h"
#include "memory.h"
#include "reporter.h"
#include "saml.h"
#include "settings.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 256 * 1024 * 1024, LIST_MAX_BYTES = 16 * 1024 * 1024 };

struct inspection {
    const struct settings *settings;
    const struct reporter *reporter;
    struct reporter_options how;
    int code; /* worst so far */
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
    struct buf text;

    for (size_t i = 0; i < count; i++) {
        buf_init(&text, OUTPUT_MAX_BYTES);
        inspection->reporter->report(&text, reports[i], &inspection->how);
        if (buf_failed(&text) || !terminal_print(buf_str(&text))) {
            log_error("the report cannot be written");
            worsen(inspection, EXIT_RUNTIME);
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

static void
inspect_file(struct inspection *inspection, const char *path)
{
    char *why = NULL;
    struct buf bytes;

    if (file_read_input(path, FILE_MAX_BYTES, &bytes, &why)) {
        inspect_bytes(inspection, buf_str(&bytes), file_display_name(path));
    } else {
        log_error("%s", why);
        worsen(inspection, EXIT_UNREADABLE);
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
    } else {
        inspection.settings = settings;
        for (size_t i = 0; i < options_argument_count(options); i++)
            inspect_file(&inspection, options_argument(options, i));
        if (list != NULL)
            inspect_list(&inspection, list);
        code = inspection.code;
    }
    settings_free(settings);
    saml_library_cleanup();
    free(why);
    return code;
}
