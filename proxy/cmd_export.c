/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "exchange_file.h"
#include "exit_code.h"
#include "file.h"
#include "har_write.h"
#include "input_argument.h"
#include "log.h"
#include "memory.h"
#include "saml.h"
#include "saml_tracer_write.h"
#include "terminal.h"

enum { OUT_MAX_BYTES = 512 * 1024 * 1024, FLUSH_BYTES = 1024 * 1024 };

/* Where the export goes. */
struct export
{
    bool tracer;
    int descriptor;
    struct buf out; /* not yet written */
    size_t count;
    size_t left_out; /* too large to be written in the memory that an exchange may take */
};

static bool
flush(struct export *export)
{
    bool done = !buf_failed(&export->out) && file_write_all(export->descriptor, buf_str(&export->out));

    buf_reset(&export->out);
    return done;
}

static bool
take(void *data, struct arena *arena, const struct exchange *exchange)
{
    struct export *export = data;

    if (export->tracer ? saml_tracer_write_entry(arena, exchange, export->count + 1, &export->out)
                       : har_write_entry(arena, exchange, export->count == 0, &export->out))
        export->count++;
    else
        export->left_out++;
    return !buf_failed(&export->out) && (export->out.len < FLUSH_BYTES || flush(export));
}

static int
export_file(struct export *export, const char *argument)
{
    static const struct saml_options saml = { 0 };
    const char *name = input_argument_name(argument);
    struct progress progress;
    struct exchange_file file = { .argument = argument, .saml = &saml, .take = take, .data = export };
    char *why = NULL;
    bool done;

    progress_begin(&progress, name, "MiB");
    file.progress = &progress;
    done = exchange_file_read(&file, &why);
    progress_end(&progress);
    if (file.problem != NULL)
        log_warn("%s: %s", name, file.problem);
    if (why != NULL)
        log_error("%s", why);
    else if (file.count == 0)
        log_error("%s: is %s, without HTTP exchanges to export", name, file.kind);
    done = done && file.count > 0;
    exchange_file_release(&file);
    free(why);
    return done ? EXIT_PASS : EXIT_UNREADABLE;
}

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
export_all(struct export *export, const struct options *options)
{
    int worst = EXIT_PASS;

    if (export->tracer)
        saml_tracer_write_begin(&export->out);
    else
        har_write_begin(&export->out);
    for (size_t i = 0; i < options_argument_count(options); i++) {
        int code = export_file(export, options_argument(options, i));

        worst = code == EXIT_PASS ? worst : code;
    }
    if (export->tracer)
        saml_tracer_write_end(now_ms(), &export->out);
    else
        har_write_end(&export->out);
    if (export->left_out > 0)
        log_error("%zu exchange%s left out: too large to be written", export->left_out,
                  export->left_out == 1 ? " was" : "s were");
    if (!flush(export))
        log_error("the export could not be written whole");
    else if (export->left_out == 0)
        return worst;
    return EXIT_RUNTIME;
}

static bool
open_output(struct export *export, const struct options *options, char **why)
{
    const char *path = options_text(options, OPT_OUTPUT), *format = options_text(options, OPT_FORMAT);

    export->tracer = format != NULL && strcmp(format, "saml-tracer") == 0;
    if (!export->tracer && format != NULL && strcmp(format, "har") != 0) {
        *why = xprintf("--format %s is for 'samltap ca export'; here it is har or saml-tracer", format);
        return false;
    }
    export->descriptor = STDOUT_FILENO;
    if (path != NULL)
        return file_open_new(path, 0600, &export->descriptor, why);
    if (!isatty(STDOUT_FILENO))
        return true;
    *why = xstrdup("the export is not printed on a terminal; name a file with --output FILE");
    return false;
}

int
cmd_export(const struct options *options)
{
    struct export export = { .descriptor = -1 };
    const char *reason = NULL;
    char *why = NULL;
    int code = EXIT_RUNTIME;

    if (!saml_library_init(&reason)) {
        log_error("%s", reason);
        return EXIT_RUNTIME;
    }
    buf_init(&export.out, OUT_MAX_BYTES);
    if (open_output(&export, options, &why)) {
        code = export_all(&export, options);
        if (export.descriptor != STDOUT_FILENO && close(export.descriptor) != 0)
            code = EXIT_RUNTIME;
        log_warn("THE EXPORT HOLDS LIVE CREDENTIALS: the SAML messages, cookies and tokens of %zu exchange%s, as they "
                 "were in the input. Who has it may be able to sign in as these users",
                 export.count, export.count == 1 ? "" : "s");
    } else {
        log_error("%s", why);
        code = EXIT_USAGE;
    }
    buf_release(&export.out);
    saml_library_cleanup();
    free(why);
    return code;
}
