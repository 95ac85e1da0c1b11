/* SPDX-License-Identifier: MIT */
#include "har.h"

#include <stdarg.h>
#include <stdio.h>

#include "base64.h"
#include "json_text.h"
#include "urlform.h"
#include "xstime.h"

enum { MAX_FORM = 4 * 1024 * 1024 };

/*
 * Chrome writes the values of params as they were on the wire, Firefox decodes them. A value is taken
 * for encoded when it has escapes and nothing that would have needed one.
 */
static bool
is_encoded(struct str value)
{
    bool escape = false;

    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (c == '%') {
            if (value.len - i < 3 || hex_value(value.ptr[i + 1]) < 0 || hex_value(value.ptr[i + 2]) < 0)
                return false;
            escape = true;
        } else if (c == '/' || c == '=' || c == ' ' || c == '&' || c == '<' || c == ':') {
            return false;
        }
    }
    return escape;
}

static struct str
form_from_params(struct arena *arena, const json_t *params)
{
    struct buf form;
    struct str body = { 0 };

    buf_init(&form, MAX_FORM);
    for (size_t i = 0; i < json_array_size(params); i++) {
        const json_t *param = json_array_get(params, i);
        struct str name = json_text_string(arena, param, "name"), value = json_text_string(arena, param, "value");

        if (str_present(name))
            json_text_add_pair(&form, name, value, is_encoded(value));
    }
    if (!buf_failed(&form))
        body = arena_copy(arena, buf_str(&form));
    buf_release(&form);
    return body;
}

/* Members that the format demands are empty when their value is not known. */
static struct str
string_or_absent(struct arena *arena, const json_t *object, const char *key)
{
    struct str s = json_text_string(arena, object, key);

    return s.len > 0 ? s : (struct str){ 0 };
}

/* Text of a body: as it is, or in base64 when it says so ("encoding" for content; "_encoding" is ours). */
static struct str
body_text(struct arena *arena, const json_t *object, struct str text)
{
    struct base64_notes notes;

    if (!str_eq_c(json_text_string(arena, object, "encoding"), "base64") &&
        !str_eq_c(json_text_string(arena, object, "_encoding"), "base64"))
        return text;
    if (text.len == 0)
        return text;
    return base64_decode(arena, text, &text, &notes) ? text : (struct str){ 0 };
}

static bool
read_post_data(struct arena *arena, const json_t *post, struct exchange *exchange)
{
    struct str type = json_text_string(arena, post, "mimeType"), text = json_text_string(arena, post, "text");
    struct headers *headers = &exchange->request_headers;

    if (!json_is_object(post))
        return true;
    if (text.len == 0 && json_array_size(json_object_get(post, "params")) > 0)
        text = form_from_params(arena, json_object_get(post, "params"));
    text = body_text(arena, post, text);
    exchange->request_body =
        (struct body){ .bytes = text, .size = text.len, .cut = json_is_true(json_object_get(post, "_cut")) };
    if (type.len > 0 && !str_present(headers_get(headers, "Content-Type")))
        return json_text_add_header(arena, headers, STR("Content-Type"), type);
    return true;
}

static bool
read_request(struct arena *arena, const json_t *request, struct exchange *exchange)
{
    struct str url = json_text_string(arena, request, "url");
    int64_t size;

    exchange->method = string_or_absent(arena, request, "method");
    exchange->version = string_or_absent(arena, request, "httpVersion");
    if (!exchange_set_url(arena, exchange, url))
        exchange->target = url;
    if (!json_text_headers(arena, json_object_get(request, "headers"), &exchange->request_headers) ||
        !read_post_data(arena, json_object_get(request, "postData"), exchange))
        return false;
    size = json_text_number(request, "bodySize", 0);
    if (size > 0 && (!str_present(exchange->request_body.bytes) || exchange->request_body.cut))
        exchange->request_body.size = (uint64_t)size;
    return true;
}

static void
drop_header(struct headers *headers, const char *name)
{
    size_t kept = 0;

    for (size_t i = 0; i < headers->count; i++)
        if (!str_eq_nocase(headers->items[i].name, str_from(name)))
            headers->items[kept++] = headers->items[i];
    headers->count = kept;
}

static bool
read_response(struct arena *arena, const json_t *response, struct exchange *exchange)
{
    const json_t *content = json_object_get(response, "content");
    struct headers *headers = &exchange->response_headers;
    struct str redirect = json_text_string(arena, response, "redirectURL"), text, type;
    int64_t status = json_text_number(response, "status", 0), size = json_text_number(content, "size", 0);

    exchange->status = status > 0 && status < 1000 ? (unsigned)status : 0;
    exchange->reason = string_or_absent(arena, response, "statusText");
    if (!json_text_headers(arena, json_object_get(response, "headers"), headers))
        return false;
    if (!json_is_true(json_object_get(content, "_encoded")))
        drop_header(headers, "Content-Encoding");
    if (redirect.len > 0 && !str_present(headers_get(headers, "Location")) &&
        !json_text_add_header(arena, headers, STR("Location"), redirect))
        return false;
    text = body_text(arena, content, json_text_string(arena, content, "text"));
    exchange->response_body.bytes = text;
    exchange->response_body.cut = json_is_true(json_object_get(content, "_cut"));
    exchange->response_body.size = size > 0 ? (uint64_t)size : text.len;
    type = json_text_string(arena, content, "mimeType");
    if (type.len > 0 && !str_present(headers_get(headers, "Content-Type")))
        return json_text_add_header(arena, headers, STR("Content-Type"), type);
    return true;
}

/* Chrome names the network error of a request that failed. */
static void
read_error(struct arena *arena, const json_t *response, struct exchange *exchange)
{
    static const struct {
        const char *start;
        enum exchange_problem problem;
    } table[] = {
        { "net::ERR_NAME_NOT_RESOLVED", EXCHANGE_UPSTREAM_NAME },
        { "net::ERR_CONNECTION", EXCHANGE_UPSTREAM_UNREACHABLE },
        { "net::ERR_ADDRESS_UNREACHABLE", EXCHANGE_UPSTREAM_UNREACHABLE },
        { "net::ERR_TIMED_OUT", EXCHANGE_UPSTREAM_UNREACHABLE },
        { "net::ERR_CERT", EXCHANGE_UPSTREAM_UNTRUSTED },
        { "net::ERR_SSL_CLIENT_AUTH", EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT },
        { "net::ERR_SSL", EXCHANGE_UPSTREAM_TLS_FAILED },
    };
    struct str error = json_text_string(arena, response, "_error");

    for (size_t i = 0; i < COUNT_OF(table) && exchange->status == 0; i++)
        if (str_starts_c(error, table[i].start)) {
            exchange->problem = table[i].problem;
            exchange->problem_text = error;
            return;
        }
}

/* What our own files say beyond the format. */
static void
read_own(struct arena *arena, const json_t *own, struct exchange *exchange)
{
    struct str problem = json_text_string(arena, own, "problem");
    int64_t number = json_text_number(own, "number", 0);

    if (!json_is_object(own))
        return;
    if (number > 0)
        exchange->number = (uint64_t)number;
    exchange->client = string_or_absent(arena, own, "client");
    for (int i = 0; i < EXCHANGE_PROBLEM_COUNT; i++)
        if (str_eq_c(problem, exchange_problem_name((enum exchange_problem)i)))
            exchange->problem = (enum exchange_problem)i;
    exchange->problem_text = string_or_absent(arena, own, "problemText");
}

static bool
read_entry(struct arena *arena, const json_t *entry, struct exchange *exchange)
{
    struct str started = json_text_string(arena, entry, "startedDateTime");
    struct str connection = json_text_string(arena, entry, "connection");
    int64_t duration = json_text_number(entry, "time", 0);
    struct xstime time;

    if (xstime_parse(started, &time)) {
        exchange->started_ms = time.ms;
        exchange->finished_ms = time.ms + (duration > 0 ? duration : 0);
    }
    if (!str_to_u64(connection, &exchange->connection))
        exchange->connection = 0;
    if (!read_request(arena, json_object_get(entry, "request"), exchange) ||
        !read_response(arena, json_object_get(entry, "response"), exchange))
        return false;
    read_error(arena, json_object_get(entry, "response"), exchange);
    read_own(arena, json_object_get(entry, "_samltap"), exchange);
    return !arena_failed(arena);
}

/* --- the file --------------------------------------------------------------------------------- */

void
har_reader_init(struct har_reader *reader, size_t max_entry_bytes)
{
    *reader = (struct har_reader){ 0 };
    har_split_init(&reader->split, max_entry_bytes);
}

void
har_reader_release(struct har_reader *reader)
{
    har_split_release(&reader->split);
}

/* Counts an entry that cannot be used, and remembers why for the first. */
static void
leave_out(struct har_reader *reader, struct str why)
{
    if (reader->left_out++ > 0)
        return;
    reader->first_left_out = reader->split.index;
    snprintf(reader->why, sizeof(reader->why), "%.*s", STR_ARG(why));
}

static void
look_for_secrets(struct har_reader *reader, const struct headers *headers)
{
    reader->has_headers = reader->has_headers || headers->count > 0;
    reader->has_secrets = reader->has_secrets || headers_count(headers, "Cookie") +
                                                         headers_count(headers, "Set-Cookie") +
                                                         headers_count(headers, "Authorization") >
                                                     0;
}

/* One entry. HAR_MORE: it cannot be used. */
static enum har_event
take_entry(struct har_reader *reader, struct arena *arena, struct str text, struct exchange *exchange)
{
    struct str problem;
    json_t *entry = json_text_load(arena, text, &problem);
    enum har_event event = HAR_MORE;

    *exchange = (struct exchange){ .number = reader->split.index };
    if (entry == NULL)
        leave_out(reader, problem);
    else if (!json_is_object(json_object_get(entry, "request")))
        leave_out(reader, STR("it has no request"));
    else if (read_entry(arena, entry, exchange))
        event = HAR_EXCHANGE;
    json_decref(entry);
    if (arena_failed(arena))
        return HAR_NO_MEMORY;
    if (event == HAR_EXCHANGE) {
        look_for_secrets(reader, &exchange->request_headers);
        look_for_secrets(reader, &exchange->response_headers);
    }
    return event;
}

enum har_event
har_reader_next(struct har_reader *reader, struct arena *arena, struct str *input, struct exchange *exchange)
{
    for (;;) {
        enum har_event event = HAR_MORE;
        struct str part;

        switch (har_split_next(&reader->split, input, &part)) {
        case HAR_SPLIT_MORE:
        case HAR_SPLIT_OTHER:
            return HAR_MORE;
        case HAR_SPLIT_CREATOR:
            reader->is_chrome = str_find_c(part, "WebInspector") != SIZE_MAX;
            break;
        case HAR_SPLIT_SKIPPED:
            leave_out(reader, STR("it is larger than the ceiling"));
            break;
        case HAR_SPLIT_ENTRY:
            event = take_entry(reader, arena, part, exchange);
            break;
        }
        if (event != HAR_MORE)
            return event;
    }
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

/* What a reader of the report must know about the file. */
static struct str
notes_of(const struct har_reader *reader, struct arena *arena, bool cut)
{
    const struct har_split *split = &reader->split;
    struct buf notes;
    struct str text = { 0 };

    buf_init(&notes, 4096);
    if (cut && split->in_entry)
        add_sentence(&notes, "the file is cut off inside entry %zu; %zu before it were read", split->index,
                     split->index - 1 - reader->left_out);
    else if (cut)
        add_sentence(&notes, "the file is cut off after entry %zu", split->index);
    if (reader->left_out > 0)
        add_sentence(&notes, "%zu of %zu entries %s left out, the first is entry %zu: %s", reader->left_out,
                     split->index, reader->left_out == 1 ? "was" : "were", reader->first_left_out, reader->why);
    if (reader->is_chrome && reader->has_headers && !reader->has_secrets)
        add_sentence(&notes, "no entry has a Cookie, Set-Cookie or Authorization header: Chrome leaves them out when "
                             "it exports without sensitive data");
    if (notes.len > 0 && !buf_failed(&notes))
        text = arena_copy(arena, buf_str(&notes));
    buf_release(&notes);
    return text;
}

enum capture_result
har_reader_end(const struct har_reader *reader, struct arena *arena, struct str *problem)
{
    const struct har_split *split = &reader->split;

    *problem = (struct str){ 0 };
    switch (har_split_end(split)) {
    case HAR_SPLIT_WHOLE:
        *problem = notes_of(reader, arena, false);
        return arena_failed(arena) ? CAPTURE_NO_MEMORY : CAPTURE_OK;
    case HAR_SPLIT_CUT:
        *problem = notes_of(reader, arena, true);
        if (arena_failed(arena))
            return CAPTURE_NO_MEMORY;
        return split->index > reader->left_out + split->in_entry ? CAPTURE_OK : CAPTURE_BROKEN;
    case HAR_SPLIT_NO_ENTRIES:
        *problem = STR("HAR without log.entries");
        return CAPTURE_BROKEN;
    case HAR_SPLIT_NO_LOG:
        return CAPTURE_OTHER;
    case HAR_SPLIT_NO_OBJECT:
        break;
    }
    if (!split->started || split->depth == 0) {
        if (!split->started)
            *problem = STR("empty");
        return split->started ? CAPTURE_OTHER : CAPTURE_BROKEN;
    }
    *problem =
        arena_printf(arena, "no JSON, line %zu, column %zu: a bracket that does not match", split->line, split->column);
    return CAPTURE_BROKEN;
}

enum capture_result
har_read(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count, struct str *problem)
{
    struct har_reader reader;
    struct exchange exchange;
    enum har_event event;
    enum capture_result result;
    size_t capacity = 0;

    *exchanges = NULL;
    *count = 0;
    har_reader_init(&reader, text.len);
    while ((event = har_reader_next(&reader, arena, &text, &exchange)) == HAR_EXCHANGE) {
        if (!arena_grow(arena, (void **)exchanges, *count, &capacity, sizeof(**exchanges)))
            break;
        (*exchanges)[(*count)++] = exchange;
    }
    result = har_reader_end(&reader, arena, problem);
    har_reader_release(&reader);
    return event == HAR_NO_MEMORY || arena_failed(arena) ? CAPTURE_NO_MEMORY : result;
}
