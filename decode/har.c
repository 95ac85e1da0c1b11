/* SPDX-License-Identifier: MIT */
#include "har.h"

#include "base64.h"
#include "content_coding.h"
#include "json_text.h"
#include "urlform.h"
#include "xstime.h"

enum { MAX_FORM = 4 * 1024 * 1024, MAX_PART_HEAD = 1024, MAX_CONTENT = 64 * 1024 * 1024 };

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

/*
 * Some exports of Firefox have the head of the part that a form was sent in before its fields:
 * "Content-Type: …\r\nContent-Length: …\r\n\r\nname=value".
 */
static struct str
without_part_head(struct str text)
{
    size_t end;

    if (!str_starts_nocase(text, STR("Content-Type:")) && !str_starts_nocase(text, STR("Content-Length:")))
        return text;
    end = str_find_c(str_slice(text, 0, MAX_PART_HEAD), "\r\n\r\n");
    return end == SIZE_MAX ? text : str_from_offset(text, end + 4);
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
    if (str_starts_nocase(type, STR("application/x-www-form-urlencoded")))
        text = without_part_head(text);
    exchange->request_body =
        (struct body){ .bytes = text, .size = text.len, .cut = json_is_true(json_object_get(post, "_cut")) };
    if (type.len > 0 && !str_present(headers_get(headers, "Content-Type")))
        return json_text_add_header(arena, headers, STR("Content-Type"), type);
    return true;
}

/*
 * HTTP/2 has fields for what stands in the first line of HTTP/1.1 (RFC 9113 8.3): they are no headers, and
 * ":authority" is Host.
 */
static void
take_pseudo_headers(struct headers *headers)
{
    bool has_host = str_present(headers_get(headers, "Host"));
    size_t kept = 0;

    for (size_t i = 0; i < headers->count; i++) {
        struct header header = headers->items[i];

        if (!has_host && str_eq_c(header.name, ":authority"))
            header.name = STR("Host");
        if (!str_starts_c(header.name, ":"))
            headers->items[kept++] = header;
    }
    headers->count = kept;
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
    if (!json_text_headers(arena, json_object_get(request, "headers"), &exchange->request_headers))
        return false;
    take_pseudo_headers(&exchange->request_headers);
    if (!read_post_data(arena, json_object_get(request, "postData"), exchange))
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

/* The content coding is still on the body, although the format wants it off; some writers leave it there. */
static bool
is_still_coded(const json_t *content, const struct headers *headers, struct str bytes)
{
    const json_t *own = json_object_get(content, "_encoded");
    struct str coding = headers_get(headers, "Content-Encoding");

    if (json_is_boolean(own))
        return json_is_true(own);
    return (str_eq_nocase(coding, STR("gzip")) && str_starts_c(bytes, "\x1f\x8b")) ||
           (str_eq_nocase(coding, STR("zstd")) && str_starts_c(bytes, "\x28\xb5\x2f\xfd"));
}

/* Takes the coding off a body, and off its headers; a body that cannot be decoded keeps both. */
static struct str
take_coding_off(struct arena *arena, const json_t *content, struct headers *headers, struct str text)
{
    struct str bytes = text, detail;

    if (!str_present(text) || (is_still_coded(content, headers, text) &&
                               content_decode(arena, text, headers, MAX_CONTENT, &bytes, &detail) != CONTENT_OK))
        return text;
    drop_header(headers, "Content-Encoding");
    return bytes;
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
    take_pseudo_headers(headers);
    text = body_text(arena, content, json_text_string(arena, content, "text"));
    text = take_coding_off(arena, content, headers, text);
    if (redirect.len > 0 && !str_present(headers_get(headers, "Location")) &&
        !json_text_add_header(arena, headers, STR("Location"), redirect))
        return false;
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

bool
har_read_entry(struct arena *arena, const json_t *entry, struct exchange *exchange, const char **why)
{
    struct str started = json_text_string(arena, entry, "startedDateTime");
    struct str connection = json_text_string(arena, entry, "connection");
    int64_t duration = json_text_number(entry, "time", 0);
    struct xstime time;

    *why = json_is_object(json_object_get(entry, "request")) ? NULL : "it has no request";
    if (*why != NULL)
        return false;
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
