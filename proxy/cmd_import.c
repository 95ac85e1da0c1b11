/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ca_store.h"
#include "commands.h"
#include "exchange_file.h"
#include "exit_code.h"
#include "input_argument.h"
#include "journal.h"
#include "log.h"
#include "memory.h"
#include "pipe.h"
#include "record.h"
#include "saml.h"

struct import {
    struct journal journal;
    struct buf record;
    char *why; /* what stopped it */
};

/* What the live desk would have kept, with the times of the file. */
static bool
take(void *data, struct arena *arena, const struct exchange *exchange)
{
    struct import *import = data;
    struct exchange reduced;

    buf_reset(&import->record);
    errno = ENOMEM;
    if (record_reduce(arena, exchange, &reduced)) {
        exchange_write(&import->record, &reduced);
        if (!buf_failed(&import->record) && journal_append(&import->journal, buf_str(&import->record)))
            return true;
    }
    import->why = xprintf("%s: cannot be written: %s", import->journal.path, strerror(errno));
    return false;
}

static int
import_file(struct import *import, const char *argument)
{
    static const struct saml_options saml = { 0 };
    const char *name = input_argument_name(argument);
    struct progress progress;
    struct exchange_file file = { .argument = argument, .saml = &saml, .take = take, .data = import };
    char *why = NULL;
    int code = EXIT_UNREADABLE;

    progress_begin(&progress, name, "MiB");
    file.progress = &progress;
    if (exchange_file_read(&file, &why) && file.count > 0)
        code = EXIT_PASS;
    progress_end(&progress);
    if (file.problem != NULL)
        log_warn("%s: %s", name, file.problem);
    if (import->why != NULL) {
        log_error("%s", import->why);
        code = EXIT_RUNTIME;
    } else if (why != NULL) {
        log_error("%s", why);
    } else if (file.count == 0) {
        log_error("%s: is %s, without HTTP exchanges to keep; 'samltap inspect' takes it", name, file.kind);
    }
    if (file.count > 0)
        log_info("%s: %zu exchange%s appended to %s", name, file.count, file.count == 1 ? "" : "s",
                 import->journal.path);
    if (file.count > 0 && import->journal.size > JOURNAL_MAX_BYTES)
        log_info("%s holds %llu MiB, more than the %d that 'samltap proxy' fills: at its next exchange that sets the "
                 "file aside as %s.1, in the place of what is there. Copy it when you want to keep it longer",
                 import->journal.path, (unsigned long long)(import->journal.size >> 20), JOURNAL_MAX_BYTES >> 20,
                 import->journal.path);
    exchange_file_release(&file);
    free(why);
    return code;
}

static int
import_all(struct import *import, const struct options *options)
{
    int worst = EXIT_PASS;

    for (size_t i = 0; i < options_argument_count(options) && import->why == NULL; i++) {
        int code = import_file(import, options_argument(options, i));

        worst = code == EXIT_PASS ? worst : code;
    }
    return worst;
}

int
cmd_import(const struct options *options)
{
    struct import import = { .journal.file = -1 };
    const char *reason = NULL;
    char *why = NULL, *directory = NULL, *path = NULL;
    int code = EXIT_RUNTIME;

    if (!saml_library_init(&reason)) {
        log_error("%s", reason);
        return EXIT_RUNTIME;
    }
    buf_init(&import.record, PIPE_MAX_FRAME);
    directory = state_directory(options, &why);
    path = directory != NULL ? xprintf("%s/" JOURNAL_NAME, directory) : NULL;
    /* Without ceiling: setting a file aside in the middle would drop what the user has just asked to keep. */
    if (path != NULL && journal_open(&import.journal, path, UINT64_MAX, &why)) {
        code = import_all(&import, options);
        journal_release(&import.journal);
    }
    if (why != NULL)
        log_error("%s", why);
    buf_release(&import.record);
    saml_library_cleanup();
    free(import.why);
    free(directory);
    free(path);
    free(why);
    return code;
}
