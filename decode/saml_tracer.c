/* SPDX-License-Identifier: MIT */
#include "saml_tracer.h"

#include "json_text.h"

enum { MAX_FORM = 4 * 1024 * 1024 };

/* "HTTP/1.1 302 Found" to its last part. */
static struct str
reason_of(struct str line)
{
    struct str version, code, reason;

    if (!str_starts_c(line, "HTTP/") || !str_cut(line, ' ', &version, &code))
        return line;
    str_cut(code, ' ', &code, &reason);
    return reason;
}

/* The fields as [name, value] pairs, decoded, to a form body. */
static struct str
form_from_pairs(struct arena *arena, const json_t *pairs)
{
    struct buf form;
    struct str body = { 0 };

    buf_init(&form, MAX_FORM);
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *pair = json_array_get(pairs, i), *name = json_array_get(pair, 0),
                     *value = json_array_get(pair, 1);

        if (json_is_string(name) && json_is_string(value))
            json_text_add_pair(&form, (struct str){ json_string_value(name), json_string_length(name) },
                               (struct str){ json_string_value(value), json_string_length(value) }, false);
    }
    if (!buf_failed(&form))
        body = arena_copy(arena, buf_str(&form));
    buf_release(&form);
    return body;
}

static bool
read_body(struct arena *arena, const json_t *request, struct exchange *exchange)
{
    const json_t *post = json_object_get(request, "post");
    struct str body = { 0 };

    if (json_array_size(post) == 0)
        return true;
    body = form_from_pairs(arena, post);
    exchange->request_body = (struct body){ .bytes = body, .size = body.len };
    if (str_present(headers_get(&exchange->request_headers, "Content-Type")))
        return true;
    return json_text_add_header(arena, &exchange->request_headers, STR("Content-Type"),
                                STR("application/x-www-form-urlencoded"));
}

static bool
read_request(struct arena *arena, const json_t *request, struct exchange *exchange)
{
    struct str url = json_text_string(arena, request, "url");
    int64_t status = json_text_number(request, "responseStatus", 0);

    exchange->method = json_text_string(arena, request, "method");
    if (!exchange_set_url(arena, exchange, url))
        exchange->target = url;
    exchange->status = status > 0 && status < 1000 ? (unsigned)status : 0;
    exchange->reason = reason_of(json_text_string(arena, request, "responseStatusText"));
    return json_text_headers(arena, json_object_get(request, "requestHeaders"), &exchange->request_headers) &&
           json_text_headers(arena, json_object_get(request, "responseHeaders"), &exchange->response_headers) &&
           read_body(arena, request, exchange) && !arena_failed(arena);
}

enum capture_result
saml_tracer_read(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count, struct str *problem)
{
    json_t *root = json_text_load(arena, text, problem), *requests;
    enum capture_result result = CAPTURE_OK;
    size_t total;

    *exchanges = NULL;
    *count = 0;
    if (root == NULL)
        return arena_failed(arena) ? CAPTURE_NO_MEMORY : CAPTURE_BROKEN;
    requests = json_object_get(root, "requests");
    total = json_array_size(requests);
    if (!json_is_array(requests)) {
        json_decref(root);
        return CAPTURE_OTHER;
    }
    *exchanges = arena_calloc(arena, total + 1, sizeof(**exchanges));
    if (*exchanges == NULL)
        result = CAPTURE_NO_MEMORY;
    for (size_t i = 0; i < total && result == CAPTURE_OK; i++) {
        struct exchange *exchange = &(*exchanges)[*count];

        if (!json_is_string(json_object_get(json_array_get(requests, i), "url")))
            continue;
        exchange->number = i + 1;
        if (read_request(arena, json_array_get(requests, i), exchange))
            ++*count;
        else
            result = CAPTURE_NO_MEMORY;
    }
    json_decref(root);
    return result;
}
