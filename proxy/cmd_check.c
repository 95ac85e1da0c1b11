/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "examine.h"
#include "exit_code.h"
#include "log.h"
#include "reporter.h"
#include "saml.h"
#include "settings.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 64 * 1024 * 1024 };

static int
check_setup(const struct settings *settings, const struct options *options)
{
    const struct reporter *reporter = options_flag(options, OPT_JSON) ? &reporter_json : &reporter_text;
    struct reporter_options how = terminal_reporter_options(options);
    struct report *report = examine_setup(settings, STR("check aws"));
    struct buf text;
    int code = EXIT_RUNTIME;

    if (report == NULL) {
        log_error("check aws: out of memory");
        return EXIT_RUNTIME;
    }
    buf_init(&text, OUTPUT_MAX_BYTES);
    reporter->report(&text, report, &how);
    if (buf_failed(&text) || !terminal_print(buf_str(&text)))
        log_error("the report cannot be written");
    else
        code = verdict_exit_code(report->verdict);
    buf_release(&text);
    report_release(report);
    return code;
}

int
cmd_check(const struct options *options)
{
    const char *subject = options_argument(options, 0), *reason = NULL;
    struct settings *settings;
    char *why = NULL;
    int code = EXIT_RUNTIME;

    if (strcmp(subject, "aws") != 0) {
        log_error("'%s' is nothing that samltap check knows; it is: samltap check aws", subject);
        return EXIT_USAGE;
    }
    if (!saml_library_init(&reason)) {
        log_error("%s", reason);
        return EXIT_RUNTIME;
    }
    settings = settings_new(options, &why, &code);
    if (settings == NULL)
        log_error("%s", why);
    else
        code = check_setup(settings, options);
    settings_free(settings);
    saml_library_cleanup();
    free(why);
    return code;
}
