/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>

#include "ca_store.h"
#include "commands.h"
#include "exit_code.h"
#include "hardening.h"
#include "history.h"
#include "intake.h"
#include "journal.h"
#include "log.h"
#include "memory.h"
#include "saml.h"
#include "settings.h"
#include "terminal.h"

enum { DESK_DESCRIPTOR = 3 };

static int
run(const struct options *options, const struct settings *settings)
{
    char *why = NULL, *directory = state_directory(options, &why);
    char *journal = directory ? xprintf("%s/" JOURNAL_NAME, directory) : NULL;
    char *history = directory ? xprintf("%s/" HISTORY_NAME, directory) : NULL;
    struct intake_options intake = { .settings = settings,
                                     .reporter = options_flag(options, OPT_JSON) ? &reporter_json : &reporter_text,
                                     .how = terminal_reporter_options(options),
                                     .journal_path = journal,
                                     .history_path = history,
                                     .json_log_path = options_text(options, OPT_JSON_LOG),
                                     .verdict_is_code = options_flag(options, OPT_ONCE) };
    int code = EXIT_RUNTIME;

    if (!hardening_give_way())
        log_warn("the system did not let the desk give way to the relay: a busy machine may slow pages down");
    if (directory == NULL)
        log_error("%s", why);
    else
        code = intake_run(&intake, DESK_DESCRIPTOR);
    free(journal);
    free(history);
    free(directory);
    free(why);
    return code;
}

int
cmd_desk(const struct options *options)
{
    const char *reason = NULL;
    char *why = NULL;
    int code = EXIT_RUNTIME;
    struct settings *settings;

    if (fcntl(DESK_DESCRIPTOR, F_GETFD) < 0) {
        log_error("'samltap desk' is started by 'samltap proxy'; it does nothing alone");
        return EXIT_USAGE;
    }
    if (!hardening_forbid_dumps() || !hardening_confine_child())
        log_warn("the system refused a part of the desk's confinement");
    if (!saml_library_init(&reason)) {
        log_error("%s", reason);
        return EXIT_RUNTIME;
    }
    settings = settings_new(options, &why, &code);
    if (settings == NULL)
        log_error("%s", why);
    else
        code = run(options, settings);
    settings_free(settings);
    saml_library_cleanup();
    free(why);
    return code;
}
