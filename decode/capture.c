/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "har.h"
#include "json_text.h"
#include "saml_tracer.h"

void
capture_reader_init(struct capture_reader *reader, size_t max_entry_bytes)
{
    *reader = (struct capture_reader){ 0 };
    capture_split_init(&reader->split, max_entry_bytes);
}

void
capture_reader_release(struct capture_reader *reader)
{
    capture_split_release(&reader->split);
}

/* Counts an entry that cannot be used, and remembers why for the first. */
static void
leave_out(struct capture_reader *reader, struct str why)
{
    if (reader->left_out++ > 0)
        return;
    reader->first_left_out = reader->split.index;
    snprintf(reader->why, sizeof(reader->why), "%.*s", STR_ARG(why));
}

static void
look_for_secrets(struct capture_reader *reader, const struct headers *headers)
{
    reader->has_headers = reader->has_headers || headers->count > 0;
    reader->has_secrets = reader->has_secrets || headers_count(headers, "Cookie") +
                                                         headers_count(headers, "Set-Cookie") +
                                                         headers_count(headers, "Authorization") >
                                                     0;
}

static bool
read_entry(struct capture_reader *reader, struct arena *arena, const json_t *entry, struct exchange *exchange,
           const char **why)
{
    bool done;

    *exchange = (struct exchange){ .number = reader->split.index };
    if (reader->split.format == CAPTURE_HAR)
        done = har_read_entry(arena, entry, exchange, why);
    else
        done = saml_tracer_read_entry(arena, entry, exchange, &reader->restored, why);
    if (!done)
        return false;
    look_for_secrets(reader, &exchange->request_headers);
    look_for_secrets(reader, &exchange->response_headers);
    return true;
}

/* One entry. CAPTURE_MORE: it cannot be used. */
static enum capture_event
take_entry(struct capture_reader *reader, struct arena *arena, struct str text, struct exchange *exchange)
{
    struct str problem;
    json_t *entry = json_text_load(arena, text, &problem);
    const char *why = NULL;
    bool done = entry != NULL && read_entry(reader, arena, entry, exchange, &why);

    json_decref(entry);
    if (arena_failed(arena))
        return CAPTURE_MEMORY;
    if (!done) {
        leave_out(reader, why != NULL ? str_from(why) : problem);
        return CAPTURE_MORE;
    }
    return CAPTURE_EXCHANGE;
}

enum capture_event
capture_reader_next(struct capture_reader *reader, struct arena *arena, struct str *input, struct exchange *exchange)
{
    for (;;) {
        enum capture_event event = CAPTURE_MORE;
        struct str part;

        switch (capture_split_next(&reader->split, input, &part)) {
        case CAPTURE_SPLIT_MORE:
        case CAPTURE_SPLIT_OTHER:
            return CAPTURE_MORE;
        case CAPTURE_SPLIT_CREATOR:
            reader->is_chrome = str_find_c(part, "WebInspector") != SIZE_MAX;
            break;
        case CAPTURE_SPLIT_SKIPPED:
            leave_out(reader, STR("it is larger than the ceiling"));
            break;
        case CAPTURE_SPLIT_BROKEN:
            leave_out(reader, arena_printf(arena, "%s at byte %zu (line %zu, column %zu)",
                                           reader->split.open_string ? "a string that does not end on its line"
                                                                     : "a bracket that does not match",
                                           reader->split.offset, reader->split.line, reader->split.column));
            break;
        case CAPTURE_SPLIT_ENTRY:
            event = take_entry(reader, arena, part, exchange);
            break;
        }
        if (event != CAPTURE_MORE)
            return event;
    }
}

/* Of an entry that was cut off: the cut is behind the request, so that nothing of that is missing. */
static bool
has_whole_request(const struct capture_reader *reader, json_t *entry)
{
    const char *first_behind = reader->split.format == CAPTURE_HAR ? "response" : "responseStatus";
    void *member = json_object_iter_at(entry, first_behind);

    if (member == NULL)
        return false;
    while ((member = json_object_iter_next(entry, member)) != NULL)
        if (strcmp(json_object_iter_key(member), "request") == 0)
            return false;
    return true;
}

bool
capture_reader_cut(struct capture_reader *reader, struct arena *arena, struct exchange *exchange)
{
    struct str text = capture_split_rest(&reader->split), problem;
    const char *why = NULL;
    json_t *entry;

    text = str_present(text) ? json_text_close(arena, text) : text;
    if (!str_present(text))
        return false;
    entry = json_text_load(arena, text, &problem);
    reader->cut_used = entry != NULL && has_whole_request(reader, entry) &&
                       read_entry(reader, arena, entry, exchange, &why) && !arena_failed(arena);
    json_decref(entry);
    if (!reader->cut_used)
        return false;
    exchange->response_body.cut = true;
    if (exchange->problem == EXCHANGE_OK) {
        exchange->problem = EXCHANGE_CUT_SHORT;
        exchange->problem_text = STR("the file is cut off inside this entry");
    }
    return true;
}

static void PRINTF_LIKE(2, 3) add_sentence(struct buf *out, const char *format, ...)
{
    va_list arguments;
    char text[256];

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (out->len > 0)
        buf_add_c(out, "; ");
    buf_add_c(out, text);
}

static void
note_damage(const struct capture_reader *reader, struct buf *notes)
{
    const struct capture_split *split = &reader->split;
    size_t before = split->index - split->in_entry;

    if (split->failed)
        add_sentence(notes,
                     "damaged at byte %zu (line %zu, column %zu): a bracket that does not match; of %zu entr%s "
                     "before it the exchanges were read, what follows was not",
                     split->offset, split->line, split->column, before, before == 1 ? "y" : "ies");
    else if (split->in_entry)
        add_sentence(notes,
                     "the file is cut off inside entry %zu, at byte %zu (the entry begins at byte %zu); %zu "
                     "before it were read%s",
                     split->index, split->offset, split->entry_offset, before - reader->left_out,
                     reader->cut_used ? ", and what there is of it" : "");
    else
        add_sentence(notes, "the file is cut off after entry %zu, at byte %zu", split->index, split->offset);
}

/* What a reader of the report must know about the file. */
static struct str
notes_of(const struct capture_reader *reader, struct arena *arena, bool damaged)
{
    struct buf notes;
    struct str text = { 0 };

    buf_init(&notes, 4096);
    if (damaged)
        note_damage(reader, &notes);
    if (reader->left_out > 0)
        add_sentence(&notes, "%zu of %zu entries %s left out, the first is entry %zu: %s", reader->left_out,
                     reader->split.index, reader->left_out == 1 ? "was" : "were", reader->first_left_out, reader->why);
    if (reader->is_chrome && reader->has_headers && !reader->has_secrets)
        add_sentence(&notes, "no entry has a Cookie, Set-Cookie or Authorization header: Chrome leaves them out when "
                             "it exports without sensitive data");
    if (reader->restored > 0)
        add_sentence(&notes,
                     "the values of %zu posted message%s are masked; the XML that the extension had decoded "
                     "stands for them",
                     reader->restored, reader->restored == 1 ? "" : "s");
    if (notes.len > 0 && !buf_failed(&notes))
        text = arena_copy(arena, buf_str(&notes));
    buf_release(&notes);
    return text;
}

enum capture_format
capture_reader_format(const struct capture_reader *reader)
{
    return reader->split.format;
}

static bool
holds_exchanges(const struct capture_reader *reader)
{
    return reader->split.index > reader->left_out + (reader->split.in_entry && !reader->cut_used);
}

/* "requests" is a common name: only what was made of one makes it an export of the extension. */
static bool
holds_nothing_known(const struct capture_reader *reader)
{
    return reader->split.format == CAPTURE_SAML_TRACER && reader->split.index > 0 && !holds_exchanges(reader);
}

/* Nothing came of it. */
static enum capture_result
explain(const struct capture_split *split, struct arena *arena, struct str *problem)
{
    if (!split->started) {
        *problem = STR("empty");
        return CAPTURE_BROKEN;
    }
    if (split->depth == 0 || (split->base == 1 && split->format == CAPTURE_UNKNOWN))
        return CAPTURE_OTHER;
    *problem = arena_printf(arena, "no JSON, line %zu, column %zu (byte %zu): a bracket that does not match",
                            split->line, split->column, split->offset);
    return CAPTURE_BROKEN;
}

enum capture_result
capture_reader_end(const struct capture_reader *reader, struct arena *arena, struct str *problem)
{
    const struct capture_split *split = &reader->split;

    *problem = (struct str){ 0 };
    if (holds_nothing_known(reader) && split->complete)
        return CAPTURE_OTHER;
    switch (capture_split_end(split)) {
    case CAPTURE_SPLIT_WHOLE:
        *problem = notes_of(reader, arena, false);
        return arena_failed(arena) ? CAPTURE_NO_MEMORY : CAPTURE_OK;
    case CAPTURE_SPLIT_CUT:
        *problem = notes_of(reader, arena, true);
        if (arena_failed(arena))
            return CAPTURE_NO_MEMORY;
        return holds_exchanges(reader) ? CAPTURE_OK : CAPTURE_BROKEN;
    case CAPTURE_SPLIT_NO_ENTRIES:
        *problem = STR("HAR without log.entries");
        return CAPTURE_BROKEN;
    case CAPTURE_SPLIT_NO_LOG:
        return CAPTURE_OTHER;
    case CAPTURE_SPLIT_NO_OBJECT:
        break;
    }
    if (!holds_exchanges(reader))
        return explain(split, arena, problem);
    *problem = notes_of(reader, arena, true);
    return arena_failed(arena) ? CAPTURE_NO_MEMORY : CAPTURE_OK;
}

enum capture_result
capture_read(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count, struct str *problem,
             enum capture_format *format)
{
    struct capture_reader reader;
    struct exchange exchange;
    enum capture_event event;
    enum capture_result result;
    size_t capacity = 0;

    *exchanges = NULL;
    *count = 0;
    capture_reader_init(&reader, text.len);
    while ((event = capture_reader_next(&reader, arena, &text, &exchange)) == CAPTURE_EXCHANGE) {
        if (!arena_grow(arena, (void **)exchanges, *count, &capacity, sizeof(**exchanges)))
            break;
        (*exchanges)[(*count)++] = exchange;
    }
    if (event == CAPTURE_MORE && capture_reader_cut(&reader, arena, &exchange) &&
        arena_grow(arena, (void **)exchanges, *count, &capacity, sizeof(**exchanges)))
        (*exchanges)[(*count)++] = exchange;
    result = capture_reader_end(&reader, arena, problem);
    if (format != NULL)
        *format = capture_reader_format(&reader);
    capture_reader_release(&reader);
    return event == CAPTURE_MEMORY || arena_failed(arena) ? CAPTURE_NO_MEMORY : result;
}
