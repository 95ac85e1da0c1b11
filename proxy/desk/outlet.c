/* SPDX-License-Identifier: MIT */
#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "memory.h"
#include "protocol.h"

enum { OUTPUT_MAX_BYTES = 64 * 1024 * 1024 };

static int
open_log(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
}

bool
outlet_open(struct outlet *outlet, const struct reporter *reporter, const struct reporter_options *how,
            const char *json_log_path, char **why)
{
    *outlet = (struct outlet){ .reporter = reporter, .how = *how, .json_log_path = json_log_path, .json_log = -1 };
    if (json_log_path == NULL)
        return true;
    outlet->json_log = open_log(json_log_path);
    if (outlet->json_log < 0)
        *why = xprintf("%s: cannot be opened for writing: %s", json_log_path, strerror(errno));
    return outlet->json_log >= 0;
}

void
outlet_close(struct outlet *outlet)
{
    if (outlet->json_log >= 0)
        close(outlet->json_log);
    outlet->json_log = -1;
}

void
outlet_reopen(struct outlet *outlet)
{
    int file;

    if (outlet->json_log_path == NULL)
        return;
    file = open_log(outlet->json_log_path);
    if (file < 0) {
        log_warn("%s: cannot be opened again: %s; lines go on into the file that was open", outlet->json_log_path,
                 strerror(errno));
        return;
    }
    outlet_close(outlet);
    outlet->json_log = file;
    log_info("%s: opened again", outlet->json_log_path);
}

static void
print(struct outlet *outlet, const struct buf *text)
{
    if (buf_failed(text))
        log_warn("a report was too big to print");
    else if (!outlet->output_gone && !file_write_all(STDOUT_FILENO, buf_str(text)))
        outlet->output_gone = true; /* sign-ins still go to the log and the journal */
}

static void
append_to_log(struct outlet *outlet, const struct buf *line)
{
    if (!buf_failed(line) && !file_write_all(outlet->json_log, buf_str(line))) {
        log_warn("the JSON log takes no more lines: %s", strerror(errno));
        outlet_close(outlet);
    }
}

void
outlet_lines(struct outlet *outlet, struct str lines)
{
    if (!outlet->output_gone && !file_write_all(STDOUT_FILENO, lines))
        outlet->output_gone = true;
}

void
outlet_signin(struct outlet *outlet, const struct signin *signin)
{
    struct buf text;

    buf_init(&text, OUTPUT_MAX_BYTES);
    outlet->reporter->signin(&text, signin, &outlet->how);
    print(outlet, &text);
    if (outlet->json_log >= 0) {
        buf_reset(&text);
        reporter_json.signin(&text, signin, &outlet->how);
        append_to_log(outlet, &text);
    }
    buf_release(&text);
}

/* FNV-1a */
static uint64_t
hash_add(uint64_t hash, struct str bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ (unsigned char)bytes.ptr[i]) * 0x100000001b3U;
    return (hash ^ 0xff) * 0x100000001b3U;
}

/* True the first time that this host has this problem (within what is remembered). */
static bool
is_news(struct outlet *outlet, const struct report *report)
{
    const struct exchange *exchange = report->exchange;
    uint64_t hash = hash_add(0xcbf29ce484222325U, exchange->host);

    hash = hash_add(hash, str_from(exchange_problem_name(exchange->problem)));
    if (report->findings.count > 0)
        hash = hash_add(hash, str_from(report->findings.items[0]->check->id));
    for (size_t i = 0; i < OUTLET_REMEMBERED && i < outlet->shown_count; i++)
        if (outlet->shown[i] == hash)
            return false;
    outlet->shown[outlet->shown_count++ % OUTLET_REMEMBERED] = hash;
    return true;
}

void
outlet_report(struct outlet *outlet, const struct report *report)
{
    struct reporter_options how = outlet->how;
    bool fails = report->findings.count > 0 && report->verdict == VERDICT_FAIL;
    /* A page that polls a token end point or a directory that is being provisioned must not push the
     * sign-ins off the screen; programs that read the JSON get everything. */
    bool silent = outlet->reporter == &reporter_text && !how.verbose && protocol_is_quiet(report);
    struct buf text;

    if (report->messages.count == 0 && (!fails || report->exchange == NULL || !is_news(outlet, report)))
        return;
    /* A connection that fails is told once; then its cause matters more than a short line. */
    if (report->messages.count > 0)
        how.quiet = !how.verbose;
    buf_init(&text, OUTPUT_MAX_BYTES);
    if (!silent) {
        outlet->reporter->report(&text, report, &how);
        print(outlet, &text);
    }
    if (outlet->json_log >= 0) {
        buf_reset(&text);
        reporter_json.report(&text, report, &how);
        append_to_log(outlet, &text);
    }
    buf_release(&text);
}

/* Something that is no report: to the programs that read JSON. */
static void
notice(struct outlet *outlet, const char *type, const char *key, uint64_t number, struct str text)
{
    json_t *line = json_pack("{s:s, s:s, s:I, s:s%}", "schema", "samltap/1", "type", type, key, (json_int_t)number,
                             "text", text.ptr, text.len);
    char *json = line ? json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    struct buf out;

    buf_init(&out, OUTPUT_MAX_BYTES);
    buf_printf(&out, "%s\n", json ? json : "");
    if (json != NULL && outlet->reporter == &reporter_json)
        print(outlet, &out);
    if (json != NULL && outlet->json_log >= 0)
        append_to_log(outlet, &out);
    buf_release(&out);
    free(json);
    json_decref(line);
}

void
outlet_quarantine(struct outlet *outlet, uint64_t number, struct str text)
{
    log_warn("%.*s; please report it", STR_ARG(text));
    notice(outlet, "quarantine", "exchange", number, text);
}

/* The relay has said so on standard error when it happened. */
void
outlet_not_examined(struct outlet *outlet, uint64_t count, struct str text)
{
    notice(outlet, "not-examined", "exchanges", count, text);
}
