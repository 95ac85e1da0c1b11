/* SPDX-License-Identifier: MIT */
#include "saml_tracer_write.h"

#include "find.h"
#include "json_write.h"
#include "saml_tracer_url.h"
#include "urlform.h"
#include "xstime.h"

enum { MAX_LINE = 64 * 1024 };

static void
set(json_t *object, const char *key, json_t *value, bool *failed)
{
    if (json_object_set_new_nocheck(object, key, value) != 0)
        *failed = true;
}

/* Fields as [name, value] pairs, decoded. */
static json_t *
pairs_of(struct arena *arena, struct str text, bool *failed)
{
    json_t *array = json_array();
    struct urlform form = { 0 };

    if (text.len > 0 && !urlform_read(arena, text, &form))
        *failed = true;
    for (size_t i = 0; i < form.count && !*failed; i++) {
        json_t *pair =
            json_pack("[o, o]", json_write_string(form.items[i].name), json_write_string(form.items[i].value));

        *failed = json_array_append_new(array, pair) != 0;
    }
    return array;
}

static bool
is_form(const struct exchange *exchange)
{
    struct str type = headers_get(&exchange->request_headers, "Content-Type");

    return str_starts_nocase(type, STR("application/x-www-form-urlencoded"));
}

/* A posted message that the extension could not decode as it loads the file; absent when there is none. */
static struct str
undecodable(struct arena *arena, const struct exchange *exchange)
{
    static const char *const names[] = { "SAMLRequest", "SAMLResponse" };
    struct urlform form = { 0 };

    if (!is_form(exchange) || !urlform_read(arena, exchange->request_body.bytes, &form))
        return (struct str){ 0 };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct urlform_field *field = urlform_get(&form, names[i]);

        if (field != NULL && !saml_tracer_can_decode_post(arena, field->value))
            return field->value;
    }
    return (struct str){ 0 };
}

/*
 * The extension keeps what it decoded beside what was sent. Where it is missing it decodes it anew, and a message
 * that it cannot decode would end its import: that stands there as it was sent.
 */
static void
set_message(struct arena *arena, const struct exchange *exchange, json_t *request, bool *failed)
{
    struct messages messages = { 0 };
    const struct message *message = NULL;

    if (!find_messages(arena, exchange, NULL, &messages))
        *failed = true;
    for (size_t i = 0; i < messages.count && message == NULL; i++)
        if (!messages.items[i].in_response && str_present(messages.items[i].xml))
            message = &messages.items[i];
    if (message == NULL) {
        struct str value = undecodable(arena, exchange);

        if (str_present(value))
            set(request, "saml", json_write_string(value), failed);
        return;
    }
    set(request, "protocol", json_string(str_eq_c(message->parameter, "wresult") ? "WS-Fed" : "SAML-P"), failed);
    set(request, "saml", json_write_string(message->xml), failed);
}

/* "HTTP/1.1 302 Found"; empty when there was no response. */
static struct str
status_line_of(struct arena *arena, const struct exchange *exchange)
{
    struct str version = str_starts_c(exchange->version, "HTTP/") ? exchange->version : STR("HTTP/1.1"), text;
    struct buf line;

    if (exchange->status == 0)
        return STR("");
    buf_init(&line, MAX_LINE);
    buf_add_str(&line, version);
    buf_printf(&line, " %u ", exchange->status);
    buf_add_str(&line, exchange->reason);
    text = buf_failed(&line) ? (struct str){ 0 } : arena_copy(arena, buf_str(&line));
    buf_release(&line);
    return text;
}

static json_t *
request_of(struct arena *arena, const struct exchange *exchange, size_t ordinal, bool *failed)
{
    json_t *request = json_object();
    struct str path, query = { 0 };
    struct str url = exchange->host.len > 0 ? exchange_url(arena, exchange) : exchange->target;
    struct str loadable = saml_tracer_url(arena, url, str_eq_c(exchange->method, "GET"));

    str_cut(exchange->target, '?', &path, &query);
    set(request, "requestId", json_write_string(arena_printf(arena, "%zu", ordinal)), failed);
    set(request, "method", json_write_string(exchange->method), failed);
    set(request, "url", json_write_string(loadable), failed);
    if (!str_eq(loadable, url))
        set(request, "_url", json_write_string(url), failed);
    set(request, "requestHeaders", json_write_headers(&exchange->request_headers), failed);
    set(request, "get", pairs_of(arena, query, failed), failed);
    set(request, "post", pairs_of(arena, is_form(exchange) ? exchange->request_body.bytes : (struct str){ 0 }, failed),
        failed);
    set(request, "_unmasked", json_true(), failed);
    set_message(arena, exchange, request, failed);
    set(request, "responseStatus", json_integer(exchange->status), failed);
    set(request, "responseStatusText", json_write_string(status_line_of(arena, exchange)), failed);
    set(request, "responseHeaders", json_write_headers(&exchange->response_headers), failed);
    return request;
}

void
saml_tracer_write_begin(struct buf *out)
{
    buf_add_c(out, "{\"requests\":[");
}

bool
saml_tracer_write_entry(struct arena *arena, const struct exchange *exchange, size_t ordinal, struct buf *out)
{
    bool failed = false;
    json_t *request = request_of(arena, exchange, ordinal, &failed);

    if (failed || arena_failed(arena)) {
        json_decref(request);
        return false;
    }
    return json_write_element(request, ordinal == 1, out);
}

void
saml_tracer_write_end(int64_t now_ms, struct buf *out)
{
    char now[32];

    xstime_format_into(now, sizeof(now), now_ms);
    buf_printf(out, "\n],\"timestamp\":\"%s\"}\n", now);
}

bool
saml_tracer_write(struct arena *arena, const struct exchange *exchanges, size_t count, int64_t now_ms, struct buf *out)
{
    saml_tracer_write_begin(out);
    for (size_t i = 0; i < count; i++)
        if (!saml_tracer_write_entry(arena, &exchanges[i], i + 1, out))
            return false;
    saml_tracer_write_end(now_ms, out);
    return !buf_failed(out);
}
