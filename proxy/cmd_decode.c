/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "commands.h"
#include "decode_report.h"
#include "exchange_file.h"
#include "exit_code.h"
#include "extract.h"
#include "input_argument.h"
#include "jwks_memory.h"
#include "log.h"
#include "memory.h"
#include "saml.h"
#include "settings.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 64 * 1024 * 1024 };

struct decoding {
    struct saml_options saml;
    struct jwks_memory *jwks; /* key sets that were seen */
    struct reporter_options how;
    bool raw;
    bool json;
    const char *extract; /* directory, or NULL */
    size_t wanted;       /* number of the only message to show, 0: all */
    size_t found;
    size_t shown;
    size_t undecodable;
    bool failed; /* what was found could not be written */
    struct progress progress;
    struct exchange_file file; /* being read */
    struct decoded like;       /* what its messages have in common */
    size_t unread;             /* of its exchanges */
    char *first_unread;        /* NULL: none */
};

static void
write_out(struct decoding *decoding, struct arena *arena, const struct decoded *decoded)
{
    char *why = NULL;
    struct buf out;

    if (decoding->extract != NULL && !extract_message(decoding->extract, decoded->message, decoded->number, &why)) {
        log_error("%s", why);
        decoding->failed = true;
    }
    free(why);
    buf_init(&out, OUTPUT_MAX_BYTES);
    if (decoding->raw)
        buf_add_str(&out, decoded->message->xml);
    else if (decoding->json)
        decode_json(&out, arena, decoded);
    else
        decode_text(&out, arena, decoded, &decoding->how);
    if (buf_failed(&out) || !terminal_print(buf_str(&out))) {
        log_error("message %zu cannot be written", decoded->number);
        decoding->failed = true;
    }
    buf_release(&out);
}

static void
take_messages(struct decoding *decoding, struct arena *arena, const struct messages *messages)
{
    struct decoded *like = &decoding->like;

    for (size_t i = 0; i < messages->count; i++) {
        const struct message *message = &messages->items[i];

        decoding->found++;
        if (decoding->wanted != 0 && decoding->found != decoding->wanted)
            continue;
        decoding->shown++;
        decoding->undecodable +=
            !str_present(message->xml) && message_name(message) == NULL && message->binding != BINDING_ARTIFACT;
        like->message = message;
        like->number = decoding->found;
        progress_end(&decoding->progress);
        write_out(decoding, arena, like);
    }
}

static void
note_unread(struct decoding *decoding, struct str unread)
{
    if (!str_present(unread))
        return;
    if (decoding->unread++ == 0)
        decoding->first_unread = xprintf("exchange %zu: %.*s", decoding->like.exchange_number, STR_ARG(unread));
}

static bool
take_exchange(void *data, struct arena *arena, const struct exchange *exchange)
{
    struct decoding *decoding = data;
    struct messages messages = { 0 };

    decoding->like.kind = decoding->file.kind;
    decoding->like.exchange = exchange;
    decoding->like.exchange_number++;
    jwks_memory_note(decoding->jwks, exchange);
    decoding->saml.seen_jwks = jwks_memory_sets(decoding->jwks, &decoding->saml.seen_jwks_count);
    if (find_messages(arena, exchange, &decoding->saml, &messages)) {
        note_unread(decoding, messages.unread);
        take_messages(decoding, arena, &messages);
    } else {
        log_warn("exchange %zu: the memory ceiling was reached", decoding->like.exchange_number);
    }
    return !decoding->failed;
}

/* What is odd about the input itself stands in the report, too; --raw is for the messages alone. */
static void
report_input(struct decoding *decoding, const struct decoded_input *input)
{
    struct buf out;

    if (!decoded_input_is_odd(input) || decoding->raw || (decoding->how.quiet && !decoding->json))
        return;
    buf_init(&out, OUTPUT_MAX_BYTES);
    if (decoding->json)
        decode_input_json(&out, input);
    else if (input->kind != NULL) /* of one that cannot be read the error says all */
        decode_input_text(&out, input, &decoding->how);
    if (buf_failed(&out) || !terminal_print(buf_str(&out)))
        decoding->failed = true;
    buf_release(&out);
}

static int
decode_argument(struct decoding *decoding, const char *argument)
{
    const char *name = input_argument_name(argument);
    struct exchange_file *file = &decoding->file;
    size_t before = decoding->found;
    char *why = NULL;
    bool done;

    decoding->like = (struct decoded){ .input = str_from(name) };
    *file = (struct exchange_file){ .argument = argument,
                                    .saml = &decoding->saml,
                                    .take = take_exchange,
                                    .data = decoding,
                                    .progress = &decoding->progress };
    progress_begin(&decoding->progress, name, "MiB");
    done = exchange_file_read(file, &why);
    progress_end(&decoding->progress);
    decoding->like.kind = file->kind;
    decoding->like.exchange = NULL;
    decoding->like.exchange_number = 0;
    decoding->like.bytes = file->bytes;
    if (done)
        take_messages(decoding, file->whole, &file->input.messages);
    if (why != NULL)
        log_error("%s", why);
    else if (file->problem != NULL)
        log_warn("%s: %s", name, file->problem);
    if (done && decoding->found == before)
        log_warn("%s: there is no message in it", name);
    report_input(decoding, &(struct decoded_input){ .name = str_from(name),
                                                    .kind = done ? file->kind : NULL,
                                                    .exchanges = file->count,
                                                    .messages = decoding->found - before,
                                                    .problem = str_from(why != NULL ? why : file->problem),
                                                    .unread = decoding->unread,
                                                    .first_unread = str_from(decoding->first_unread) });
    free(decoding->first_unread);
    decoding->first_unread = NULL;
    decoding->unread = 0;
    exchange_file_release(file);
    free(why);
    return done ? EXIT_PASS : EXIT_UNREADABLE;
}

static bool
set_up(struct decoding *decoding, const struct options *options, char **why)
{
    const char *wanted = options_text(options, OPT_MESSAGE);

    decoding->raw = options_flag(options, OPT_RAW);
    decoding->json = options_flag(options, OPT_JSON);
    decoding->how = terminal_reporter_options(options);
    decoding->wanted = wanted != NULL ? (size_t)options_number(options, OPT_MESSAGE) : 0;
    decoding->extract = options_text(options, OPT_EXTRACT);
    return decoding->extract == NULL || extract_prepare(decoding->extract, why);
}

static int
decode_all(struct decoding *decoding, const struct options *options)
{
    int code = EXIT_PASS;

    for (size_t i = 0; i < options_argument_count(options); i++) {
        int one = decode_argument(decoding, options_argument(options, i));

        code = code == EXIT_PASS ? one : code;
    }
    if (decoding->failed)
        return EXIT_RUNTIME;
    if (code == EXIT_PASS && decoding->wanted != 0 && decoding->shown == 0)
        log_error("there is no message %zu: %zu found", decoding->wanted, decoding->found);
    if (code == EXIT_PASS && (decoding->undecodable > 0 || decoding->shown == 0))
        code = EXIT_FAIL;
    return code;
}

int
cmd_decode(const struct options *options)
{
    struct decoding decoding = { 0 };
    const char *reason = NULL;
    char *why = NULL;
    int code = EXIT_RUNTIME;
    struct settings *settings;

    if (!saml_library_init(&reason)) {
        log_error("%s", reason);
        return EXIT_RUNTIME;
    }
    settings = settings_new(options, &why, &code);
    if (settings != NULL) {
        decoding.saml.keys = settings->keys;
        decoding.saml.jwks = settings->jwks;
        decoding.jwks = jwks_memory_new();
        decoding.saml.param_names = settings->parameters;
        decoding.saml.param_name_count = settings->parameter_count;
        code = EXIT_USAGE;
        if (set_up(&decoding, options, &why))
            code = decode_all(&decoding, options);
    }
    if (why != NULL)
        log_error("%s", why);
    jwks_memory_free(decoding.jwks);
    settings_free(settings);
    saml_library_cleanup();
    free(why);
    return code;
}
