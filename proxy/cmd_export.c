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

enum { OUT_MAX_BYTES = 512 * 1024 * 1024, FLUSH_BYTES = 1024 * 1024, KEEP_ARENA_BYTES = 512 * 1024 * 1024 };

/* Where the export goes, and what is gathered for formats that are written in one. */
struct export
{
    bool tracer;
    int descriptor;
    struct buf out;
    size_t count;
    struct arena *kept; /* saml-tracer: copies of all exchanges */
    struct exchange *exchanges;
    size_t capacity;
};

static bool
flush(struct export *export)
{
    bool done = !buf_failed(&export->out) && file_write_all(export->descriptor, buf_str(&export->out));

    buf_reset(&export->out);
    return done;
}

/* A copy in the arena, through samltap's binary form. */
static bool
keep(struct export *export, const struct exchange *exchange)
{
    struct buf bytes;
    struct str copy;

    buf_init(&bytes, OUT_MAX_BYTES);
    exchange_write(&bytes, exchange);
    copy = buf_failed(&bytes) ? (struct str){ 0 } : arena_copy(export->kept, buf_str(&bytes));
    buf_release(&bytes);
    return str_present(copy) &&
           arena_grow(export->kept, (void **)&export->exchanges, export->count, &export->capacity,
                      sizeof(*export->exchanges)) &&
           exchange_read(export->kept, copy, &export->exchanges[export->count]);
}

static bool
take(void *data, struct arena *arena, const struct exchange *exchange)
{
    struct export *export = data;

    if (export->tracer ? !keep(export, exchange) : !har_write_entry(arena, exchange, export->count == 0, &export->out))
        return false;
    export->count++;
    return export->out.len < FLUSH_BYTES || flush(export);
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
    bool written = true;

    if (!export->tracer)
        har_write_begin(&export->out);
    for (size_t i = 0; i < options_argument_count(options); i++) {
        int code = export_file(export, options_argument(options, i));

        worst = code == EXIT_PASS ? worst : code;
    }
    if (export->tracer)
        written = saml_tracer_write(export->kept, export->exchanges, export->count, now_ms(), &export->out);
    else
        har_write_end(&export->out);
    if (written && flush(export))
        return worst;
    log_error("the export could not be written whole");
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
    struct export export = { .descriptor = -1, .kept = arena_new(KEEP_ARENA_BYTES) };
    const char *reason = NULL;
    char *why = NULL;
    int code = EXIT_RUNTIME;

    if (export.kept == NULL || !saml_library_init(&reason)) {
        log_error("%s", reason != NULL ? reason : "out of memory");
        arena_free(export.kept);
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
    arena_free(export.kept);
    saml_library_cleanup();
    free(why);
    return code;
}
