/* SPDX-License-Identifier: MIT */
#include "har_write.h"

#include "content_coding.h"
#include "json_write.h"
#include "urlform.h"
#include "xstime.h"

enum { MAX_CONTENT = 64 * 1024 * 1024 };

/* Sets a member and takes its value; a refused one shows in *failed. */
static void
set(json_t *object, const char *key, json_t *value, bool *failed)
{
    if (json_object_set_new_nocheck(object, key, value) != 0)
        *failed = true;
}

static json_t *
query_of(struct arena *arena, const struct exchange *exchange)
{
    json_t *array = json_array();
    struct str path, query;
    struct urlform form = { 0 };

    if (!str_cut(exchange->target, '?', &path, &query))
        return array;
    if (!urlform_read(arena, query, &form))
        form.count = 0;
    for (size_t i = 0; i < form.count; i++)
        if (json_array_append_new(array, json_pack("{s:o, s:o}", "name", json_write_string(form.items[i].name), "value",
                                                   json_write_string(form.items[i].value))) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

/* Text of a body into "text", with its encoding under that key. */
static void
set_text(json_t *object, struct str bytes, const char *encoding_key, bool *failed)
{
    if (json_write_is_utf8(bytes)) {
        set(object, "text", json_write_string(bytes), failed);
        return;
    }
    set(object, "text", json_write_base64(bytes), failed);
    set(object, encoding_key, json_string("base64"), failed);
}

static json_t *
post_of(const struct exchange *exchange, bool *failed)
{
    const struct body *body = &exchange->request_body;
    json_t *post = json_object();

    set(post, "mimeType", json_write_string(headers_get(&exchange->request_headers, "Content-Type")), failed);
    set(post, "params", json_array(), failed);
    set_text(post, body->bytes, "_encoding", failed);
    if (body->cut)
        set(post, "_cut", json_true(), failed);
    return post;
}

static json_t *
request_of(struct arena *arena, const struct exchange *exchange, bool *failed)
{
    json_t *request = json_object();
    struct str url = exchange->host.len > 0 ? exchange_url(arena, exchange) : exchange->target;

    set(request, "method", json_write_string(exchange->method), failed);
    set(request, "url", json_write_string(url), failed);
    set(request, "httpVersion", json_write_string(exchange->version), failed);
    set(request, "cookies", json_array(), failed);
    set(request, "headers", json_write_headers(&exchange->request_headers), failed);
    set(request, "queryString", query_of(arena, exchange), failed);
    set(request, "headersSize", json_integer(-1), failed);
    set(request, "bodySize", json_integer((json_int_t)exchange->request_body.size), failed);
    if (str_present(exchange->request_body.bytes))
        set(request, "postData", post_of(exchange, failed), failed);
    return request;
}

static json_t *
content_of(struct arena *arena, const struct exchange *exchange, bool *failed)
{
    const struct body *body = &exchange->response_body;
    json_t *content = json_object();
    struct str bytes = body->bytes, detail;
    uint64_t size = body->size;
    bool has_coding =
        str_present(body->bytes) && str_present(headers_get(&exchange->response_headers, "Content-Encoding"));
    bool coded = has_coding && content_decode(arena, body->bytes, &exchange->response_headers, MAX_CONTENT, &bytes,
                                              &detail) != CONTENT_OK;

    if (coded)
        bytes = body->bytes;
    else if (has_coding)
        size = bytes.len;
    set(content, "size", json_integer((json_int_t)size), failed);
    set(content, "mimeType", json_write_string(headers_get(&exchange->response_headers, "Content-Type")), failed);
    if (str_present(bytes))
        set_text(content, bytes, "encoding", failed);
    if (has_coding) /* true: it could not be taken off */
        set(content, "_encoded", json_boolean(coded), failed);
    if (body->cut)
        set(content, "_cut", json_true(), failed);
    return content;
}

static json_t *
response_of(struct arena *arena, const struct exchange *exchange, bool *failed)
{
    json_t *response = json_object();

    set(response, "status", json_integer(exchange->status), failed);
    set(response, "statusText", json_write_string(exchange->reason), failed);
    set(response, "httpVersion", json_write_string(exchange->version), failed);
    set(response, "cookies", json_array(), failed);
    set(response, "headers", json_write_headers(&exchange->response_headers), failed);
    set(response, "content", content_of(arena, exchange, failed), failed);
    set(response, "redirectURL", json_write_string(headers_get(&exchange->response_headers, "Location")), failed);
    set(response, "headersSize", json_integer(-1), failed);
    set(response, "bodySize", json_integer((json_int_t)exchange->response_body.size), failed);
    if (exchange->problem != EXCHANGE_OK)
        set(response, "_error", json_write_string(exchange->problem_text), failed);
    return response;
}

/* What the format has no place for. */
static json_t *
own_of(const struct exchange *exchange, bool *failed)
{
    json_t *own = json_object();

    set(own, "number", json_integer((json_int_t)exchange->number), failed);
    if (str_present(exchange->client))
        set(own, "client", json_write_string(exchange->client), failed);
    if (exchange->problem != EXCHANGE_OK)
        set(own, "problem", json_string(exchange_problem_name(exchange->problem)), failed);
    if (str_present(exchange->problem_text))
        set(own, "problemText", json_write_string(exchange->problem_text), failed);
    return own;
}

static json_t *
entry_of(struct arena *arena, const struct exchange *exchange, bool *failed)
{
    int64_t duration = exchange->finished_ms > exchange->started_ms ? exchange->finished_ms - exchange->started_ms : 0;
    json_t *entry = json_object();

    set(entry, "startedDateTime", json_write_string(xstime_format(arena, exchange->started_ms)), failed);
    set(entry, "time", json_integer(duration), failed);
    set(entry, "request", request_of(arena, exchange, failed), failed);
    set(entry, "response", response_of(arena, exchange, failed), failed);
    set(entry, "cache", json_object(), failed);
    set(entry, "timings", json_pack("{s:i, s:I, s:i}", "send", 0, "wait", (json_int_t)duration, "receive", 0), failed);
    if (exchange->connection != 0) {
        struct str text = arena_printf(arena, "%llu", (unsigned long long)exchange->connection);

        set(entry, "connection", json_write_string(text), failed);
    }
    set(entry, "_samltap", own_of(exchange, failed), failed);
    return entry;
}

void
har_write_begin(struct buf *out)
{
    buf_add_c(out, "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"samltap\",\"version\":\"1\"},\"pages\":[],"
                   "\"entries\":[");
}

bool
har_write_entry(struct arena *arena, const struct exchange *exchange, bool first, struct buf *out)
{
    bool failed = false;
    json_t *entry = entry_of(arena, exchange, &failed);

    if (failed || arena_failed(arena)) {
        json_decref(entry);
        return false;
    }
    return json_write_element(entry, first, out);
}

void
har_write_end(struct buf *out)
{
    buf_add_c(out, "\n]}}\n");
}

bool
har_write(struct arena *arena, const struct exchange *exchanges, size_t count, struct buf *out)
{
    har_write_begin(out);
    for (size_t i = 0; i < count; i++)
        if (!har_write_entry(arena, &exchanges[i], i == 0, out))
            return false;
    har_write_end(out);
    return !buf_failed(out);
}
