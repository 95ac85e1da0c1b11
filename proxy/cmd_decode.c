/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "commands.h"
#include "decode_report.h"
#include "exit_code.h"
#include "extract.h"
#include "file.h"
#include "input_argument.h"
#include "journal.h"
#include "log.h"
#include "progress.h"
#include "saml.h"
#include "settings.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 64 * 1024 * 1024, DECODE_ARENA_BYTES = 512 * 1024 * 1024, RECORD_ARENA_BYTES = 64 << 20 };

struct decoding {
    struct saml_options saml;
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
take_messages(struct decoding *decoding, struct arena *arena, const struct messages *messages, struct decoded *like)
{
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
take_exchange(struct decoding *decoding, struct arena *arena, const struct exchange *exchange, struct decoded *like)
{
    struct messages messages = { 0 };

    like->exchange = exchange;
    like->exchange_number++;
    if (find_messages(arena, exchange, &decoding->saml, &messages))
        take_messages(decoding, arena, &messages, like);
    else
        log_warn("exchange %zu: the memory ceiling was reached", like->exchange_number);
}

static void
decode_journal(struct decoding *decoding, struct str bytes, struct decoded *like)
{
    size_t total = bytes.len;
    struct str record;

    like->kind = INPUT_UNKNOWN;
    while (journal_next(&bytes, &record)) {
        struct arena *arena = arena_new(RECORD_ARENA_BYTES);
        struct exchange exchange;

        if (arena != NULL && exchange_read(arena, record, &exchange))
            take_exchange(decoding, arena, &exchange, like);
        arena_free(arena);
        progress_step(&decoding->progress, (total - bytes.len) / 1024, total / 1024);
    }
}

/* Returns false when the input is none that we know; said already. */
static bool
decode_other(struct decoding *decoding, struct str bytes, const char *argument, struct decoded *like)
{
    const char *name = input_argument_name(argument);
    struct arena *arena = arena_new(DECODE_ARENA_BYTES), *each = NULL;
    struct input input = { 0 };
    bool known = arena != NULL && find_input(arena, bytes, &decoding->saml, &input);

    if (!known && input_argument_is_input(argument))
        log_error("%s carries no SAML message; samltap opens no URLs: download it and give the file", name);
    else if (!known)
        log_error("%s: %.*s", name, STR_ARG(str_present(input.problem) ? input.problem : STR("cannot be decoded")));
    else if (str_present(input.problem))
        log_warn("%s: %.*s", name, STR_ARG(input.problem));
    like->kind = input.kind;
    take_messages(decoding, arena, &input.messages, like);
    for (size_t i = 0; known && i < input.exchange_count; i++) {
        each = arena_new(RECORD_ARENA_BYTES);
        if (each != NULL)
            take_exchange(decoding, each, &input.exchanges[i], like);
        arena_free(each);
        progress_step(&decoding->progress, i + 1, input.exchange_count);
    }
    arena_free(arena);
    return known;
}

static int
decode_argument(struct decoding *decoding, const char *argument)
{
    const char *name = input_argument_name(argument);
    struct decoded like = { .input = str_from(name) };
    size_t before = decoding->found;
    int code = EXIT_UNREADABLE;
    char *why = NULL;
    struct buf bytes;

    if (!input_argument_read(argument, FILE_MAX_BYTES, &bytes, &why)) {
        log_error("%s", why);
        goto out;
    }
    if (str_starts_c(buf_str(&bytes), JOURNAL_MAGIC)) {
        progress_begin(&decoding->progress, name, "KiB");
        decode_journal(decoding, buf_str(&bytes), &like);
    } else {
        progress_begin(&decoding->progress, name, "exchanges");
        if (!decode_other(decoding, buf_str(&bytes), argument, &like))
            goto out;
    }
    code = EXIT_PASS;
    if (decoding->found == before)
        log_warn("%s: there is no SAML message in it", name);
out:
    progress_end(&decoding->progress);
    buf_release(&bytes);
    free(why);
    return code;
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
        decoding.saml.param_names = settings->parameters;
        decoding.saml.param_name_count = settings->parameter_count;
        code = EXIT_USAGE;
        if (set_up(&decoding, options, &why))
            code = decode_all(&decoding, options);
    }
    if (why != NULL)
        log_error("%s", why);
    settings_free(settings);
    saml_library_cleanup();
    free(why);
    return code;
}
