/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "commands.h"
#include "escape.h"
#include "exit_code.h"
#include "file.h"
#include "find.h"
#include "log.h"
#include "saml.h"
#include "settings.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 256 * 1024 * 1024, DECODE_ARENA_BYTES = 512 * 1024 * 1024 };

struct decoding {
    struct saml_options saml;
    bool raw;
    bool quiet; /* the messages alone, without how they were found */
    size_t found;
    size_t undecodable;
    struct buf out;
};

static void
add_line(struct buf *out, const char *label, struct str value)
{
    if (!str_present(value))
        return;
    buf_printf(out, "%-12s ", label);
    escape_text(out, value);
    buf_add_byte(out, '\n');
}

/* Lines stay lines; everything else that is not printable is escaped. */
static void
add_lines(struct buf *out, struct str text)
{
    struct str line;

    while (str_present(text) && text.len > 0) {
        str_cut(text, '\n', &line, &text);
        escape_text(out, line);
        buf_add_byte(out, '\n');
    }
}

static void
add_anomaly(struct buf *out, const struct anomaly *anomaly)
{
    buf_printf(out, "%-12s %s", "oddity", anomaly_name(anomaly->id));
    if (anomaly->offset != SIZE_MAX)
        buf_printf(out, " at byte %zu", anomaly->offset);
    if (str_present(anomaly->detail)) {
        buf_add_c(out, ": ");
        escape_text(out, anomaly->detail);
    }
    buf_add_byte(out, '\n');
}

static void
add_status(struct buf *out, const struct xml_status *status)
{
    if (status->result == XML_OK || status->result == XML_NOT_PARSED)
        return;
    buf_printf(out, "%-12s %s", "XML", xml_result_name(status->result));
    if (status->line > 0)
        buf_printf(out, " at line %d, column %d", status->line, status->column);
    if (str_present(status->text)) {
        buf_add_c(out, ": ");
        escape_text(out, status->text);
    }
    buf_add_byte(out, '\n');
}

static void
add_head(struct buf *out, const struct message *message, size_t number)
{
    buf_printf(out, "%-12s %zu\n", "message", number);
    if (message->binding != BINDING_NONE)
        add_line(out, "binding", str_from(binding_name(message->binding)));
    add_line(out, "parameter", message->parameter);
    add_line(out, "url", message->url);
    add_line(out, "form action", message->form_action);
    add_line(out, "RelayState", message->relay_state);
    if (message->query_signature.present)
        add_line(out, "signed with", message->query_signature.algorithm);
    if (message->step_count > 0)
        buf_printf(out, "%-12s", "steps");
    for (size_t i = 0; i < message->step_count; i++)
        buf_printf(out, " %s", decode_step_name(message->steps[i]));
    if (message->step_count > 0)
        buf_add_byte(out, '\n');
    for (size_t i = 0; i < message->anomaly_count; i++)
        add_anomaly(out, &message->anomalies[i]);
    add_status(out, &message->xml_status);
}

static void
add_messages(struct decoding *decoding, struct arena *arena, const struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++) {
        const struct message *message = &messages->items[i];

        decoding->found++;
        decoding->undecodable += !str_present(message->xml);
        if (decoding->raw) {
            buf_add_str(&decoding->out, message->xml);
            continue;
        }
        if (!decoding->quiet)
            add_head(&decoding->out, message, decoding->found);
        if (str_present(message->xml))
            add_lines(&decoding->out, saml_pretty(arena, message->xml));
        buf_add_byte(&decoding->out, '\n');
    }
}

static bool
decode_bytes(struct decoding *decoding, struct str bytes, const char *name)
{
    struct arena *arena = arena_new(DECODE_ARENA_BYTES);
    struct input input = { 0 };
    size_t before = decoding->found;
    bool known = arena != NULL && find_input(arena, bytes, &decoding->saml, &input);

    if (!known) {
        log_error("%s: %.*s", name, STR_ARG(str_present(input.problem) ? input.problem : STR("cannot be decoded")));
    } else {
        if (!decoding->raw && !decoding->quiet)
            buf_printf(&decoding->out, "%-12s %s\n", "input", input_kind_name(input.kind));
        add_messages(decoding, arena, &input.messages);
        for (size_t i = 0; i < input.exchange_count; i++) {
            struct messages messages = { 0 };

            if (find_messages(arena, &input.exchanges[i], &decoding->saml, &messages))
                add_messages(decoding, arena, &messages);
        }
        if (decoding->found == before)
            log_warn("%s: there is no SAML message in it", name);
    }
    arena_free(arena);
    return known;
}

static int
decode_file(struct decoding *decoding, const char *path)
{
    int code = EXIT_UNREADABLE;
    char *why = NULL;
    struct buf bytes;

    buf_init(&decoding->out, OUTPUT_MAX_BYTES);
    if (!file_read_input(path, FILE_MAX_BYTES, &bytes, &why))
        log_error("%s", why);
    else if (decode_bytes(decoding, buf_str(&bytes), file_display_name(path)))
        code = buf_failed(&decoding->out) || !terminal_print(buf_str(&decoding->out)) ? EXIT_RUNTIME : EXIT_PASS;
    buf_release(&bytes);
    buf_release(&decoding->out);
    free(why);
    return code;
}

int
cmd_decode(const struct options *options)
{
    struct decoding decoding = { .raw = options_flag(options, OPT_RAW), .quiet = options_flag(options, OPT_QUIET) };
    const char *reason = NULL;
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
        decoding.saml.keys = settings->keys;
        for (size_t i = 0; i < options_argument_count(options); i++) {
            int one = decode_file(&decoding, options_argument(options, i));

            code = code == EXIT_PASS ? one : code;
        }
        if (code == EXIT_PASS && (decoding.undecodable > 0 || decoding.found == 0))
            code = EXIT_FAIL;
    }
    settings_free(settings);
    saml_library_cleanup();
    free(why);
    return code;
}
