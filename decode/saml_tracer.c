/* SPDX-License-Identifier: MIT */
#include "saml_tracer.h"

#include "base64.h"
#include "find_parts.h"
#include "inflate.h"
#include "json_text.h"

enum { MAX_FORM = 4 * 1024 * 1024 };

/* "HTTP/1.1 302 Found" to its last part. */
static struct str
reason_of(struct str line)
{
    struct str version, code, reason;

    if (!str_starts_c(line, "HTTP/") || !str_cut(line, ' ', &version, &code))
        reason = line;
    else
        str_cut(code, ' ', &code, &reason);
    return reason.len > 0 ? reason : (struct str){ 0 };
}

/* Fields that carry what the extension shows decoded in its member "saml". */
static bool
carries_message(struct str name)
{
    return str_eq_c(name, "SAMLResponse") || str_eq_c(name, "SAMLRequest") || str_eq_c(name, "wresult");
}

/* The exporter hashes, masks or empties the values of posted fields, but leaves what it decoded from them. */
static bool
is_masked(struct arena *arena, struct str name, struct str value)
{
    struct base64_notes notes;
    struct str bytes, out;
    size_t used;

    if (str_eq_c(name, "wresult"))
        return str_trim(value).len == 0 || str_trim(value).ptr[0] != '<';
    if (!base64_decode(arena, value, &bytes, &notes) || bytes.len == 0)
        return true;
    bytes = str_trim(bytes);
    return !find_charset(bytes).wide && !str_starts_c(bytes, "<") && !str_starts_c(bytes, "\xef\xbb\xbf<") &&
           inflate_bytes(arena, bytes, INFLATE_RAW, MAX_FORM, &out, &used) != INFLATE_OK;
}

static void
add_message(struct buf *form, struct str name, struct str xml)
{
    if (str_eq_c(name, "wresult")) {
        json_text_add_pair(form, name, xml, false);
    } else {
        struct buf text;

        buf_init(&text, MAX_FORM);
        base64_encode(&text, xml);
        if (buf_failed(&text))
            form->failed = true;
        json_text_add_pair(form, name, buf_str(&text), false);
        buf_release(&text);
    }
}

/* Name of the field in which XML like this is posted. */
static struct str
field_for(struct str xml)
{
    size_t end = str_find_byte(xml, '>');

    return str_find_c(str_slice(xml, 0, end == SIZE_MAX ? xml.len : end), "Response") != SIZE_MAX ? STR("SAMLResponse")
                                                                                                  : STR("SAMLRequest");
}

/*
 * The fields as [name, value] pairs, decoded, to a form body. A masked message is put back from the XML that
 * the extension had decoded; *restored then says so.
 */
static struct str
form_from_pairs(struct arena *arena, const json_t *pairs, struct str xml, bool *restored)
{
    struct buf form;
    struct str body = { 0 };

    buf_init(&form, MAX_FORM);
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *pair = json_array_get(pairs, i), *name = json_array_get(pair, 0),
                     *value = json_array_get(pair, 1);
        struct str name_text, value_text;

        if (!json_is_string(name) || !json_is_string(value))
            continue;
        name_text = (struct str){ json_string_value(name), json_string_length(name) };
        value_text = (struct str){ json_string_value(value), json_string_length(value) };
        if (xml.len > 0 && carries_message(name_text) && is_masked(arena, name_text, value_text)) {
            *restored = true;
            add_message(&form, name_text, xml);
        } else {
            json_text_add_pair(&form, name_text, value_text, false);
        }
    }
    if (json_array_size(pairs) == 0 && xml.len > 0) {
        *restored = true;
        add_message(&form, field_for(xml), xml);
    }
    if (!buf_failed(&form))
        body = arena_copy(arena, buf_str(&form));
    buf_release(&form);
    return body;
}

static bool
read_body(struct arena *arena, const json_t *request, struct exchange *exchange, size_t *restored)
{
    const json_t *post = json_object_get(request, "post");
    struct str body, xml = json_text_string(arena, request, "saml");
    bool put_back = false;

    if (str_trim(xml).len == 0 || str_trim(xml).ptr[0] != '<')
        xml.len = 0;
    if (json_array_size(post) == 0 &&
        (xml.len == 0 || !str_eq_c(exchange->method, "POST") || str_find_c(exchange->target, "SAML") != SIZE_MAX))
        return true;
    body = form_from_pairs(arena, post, xml, &put_back);
    *restored += put_back;
    exchange->request_body = (struct body){ .bytes = body, .size = body.len };
    if (str_present(headers_get(&exchange->request_headers, "Content-Type")))
        return true;
    return json_text_add_header(arena, &exchange->request_headers, STR("Content-Type"),
                                STR("application/x-www-form-urlencoded"));
}

static bool
read_request(struct arena *arena, const json_t *request, struct exchange *exchange, size_t *restored)
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
           read_body(arena, request, exchange, restored) && !arena_failed(arena);
}

bool
saml_tracer_read_entry(struct arena *arena, const json_t *entry, struct exchange *exchange, size_t *restored,
                       const char **why)
{
    *why = json_is_string(json_object_get(entry, "url")) ? NULL : "it has no url";
    return *why == NULL && read_request(arena, entry, exchange, restored);
}
