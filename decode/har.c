/* SPDX-License-Identifier: MIT */
#include "har.h"

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

static bool
read_post_data(struct arena *arena, const json_t *post, struct exchange *exchange)
{
    struct str type = json_text_string(arena, post, "mimeType"), text = json_text_string(arena, post, "text");
    struct headers *headers = &exchange->request_headers;
    struct base64_notes notes;

    if (!json_is_object(post))
        return true;
    if (text.len == 0 && json_array_size(json_object_get(post, "params")) > 0)
        text = form_from_params(arena, json_object_get(post, "params"));
    if (str_eq_c(json_text_string(arena, post, "encoding"), "base64") && !base64_decode(arena, text, &text, &notes))
        text = (struct str){ 0 };
    exchange->request_body = (struct body){ .bytes = text, .size = text.len };
    if (type.len > 0 && !str_present(headers_get(headers, "Content-Type")))
        return json_text_add_header(arena, headers, STR("Content-Type"), type);
    return true;
}

static bool
read_request(struct arena *arena, const json_t *request, struct exchange *exchange)
{
    struct str url = json_text_string(arena, request, "url");

    exchange->method = json_text_string(arena, request, "method");
    exchange->version = json_text_string(arena, request, "httpVersion");
    if (!exchange_set_url(arena, exchange, url))
        exchange->target = url;
    return json_text_headers(arena, json_object_get(request, "headers"), &exchange->request_headers) &&
           read_post_data(arena, json_object_get(request, "postData"), exchange);
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
    struct base64_notes notes;

    exchange->status = status > 0 && status < 1000 ? (unsigned)status : 0;
    exchange->reason = json_text_string(arena, response, "statusText");
    if (!json_text_headers(arena, json_object_get(response, "headers"), headers))
        return false;
    drop_header(headers, "Content-Encoding");
    if (redirect.len > 0 && !str_present(headers_get(headers, "Location")) &&
        !json_text_add_header(arena, headers, STR("Location"), redirect))
        return false;
    text = json_text_string(arena, content, "text");
    if (str_eq_c(json_text_string(arena, content, "encoding"), "base64") && !base64_decode(arena, text, &text, &notes))
        text = (struct str){ 0 };
    exchange->response_body.bytes = text;
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
    return !arena_failed(arena);
}

static enum capture_result
read_log(struct arena *arena, const json_t *log, struct exchange **exchanges, size_t *count, struct str *problem)
{
    const json_t *entries = json_object_get(log, "entries");
    size_t total = json_array_size(entries), left_out = 0;

    if (!json_is_array(entries)) {
        *problem = STR("HAR without log.entries");
        return CAPTURE_BROKEN;
    }
    *exchanges = arena_calloc(arena, total + 1, sizeof(**exchanges));
    if (*exchanges == NULL)
        return CAPTURE_NO_MEMORY;
    for (size_t i = 0; i < total; i++) {
        const json_t *entry = json_array_get(entries, i);
        struct exchange *exchange = &(*exchanges)[*count];

        if (!json_is_object(json_object_get(entry, "request"))) {
            left_out++;
            continue;
        }
        exchange->number = i + 1;
        if (!read_entry(arena, entry, exchange))
            return CAPTURE_NO_MEMORY;
        ++*count;
    }
    if (left_out > 0)
        *problem = arena_printf(arena, "%zu of %zu entries have no request and were left out", left_out, total);
    return CAPTURE_OK;
}

enum capture_result
har_read(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count, struct str *problem)
{
    json_t *root = json_text_load(arena, text, problem), *log;
    enum capture_result result = CAPTURE_OTHER;

    *exchanges = NULL;
    *count = 0;
    if (root == NULL)
        return arena_failed(arena) ? CAPTURE_NO_MEMORY : CAPTURE_BROKEN;
    log = json_object_get(root, "log");
    if (json_is_object(log))
        result = read_log(arena, log, exchanges, count, problem);
    json_decref(root);
    return result;
}
