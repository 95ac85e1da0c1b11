/* SPDX-License-Identifier: MIT */
#include "saml_tracer.h"

#include "base64.h"
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

/*
 * The exporter replaces the values of posted fields, but leaves what it decoded from them: "{hash:…}" (Mask values),
 * "{obf:alternative_1}" (Remove values), "{overwritten}"; people empty them, or write stars over them.
 */
static bool
is_masked(struct str value)
{
    size_t stars = 0;

    value = str_trim(value);
    while (stars < value.len && value.ptr[stars] == '*')
        stars++;
    return stars == value.len || str_starts_c(value, "{hash:") || str_starts_c(value, "{obf:") ||
           str_starts_c(value, "{overwritten");
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
        if (xml.len > 0 && carries_message(name_text) && is_masked(value_text)) {
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

/*
 * Older versions of the extension took each byte of what it had decoded for a character: text all of whose characters are
 * below U+0100, with UTF-8 in them as bytes, is brought back.
 */
static struct str
as_it_was(struct arena *arena, struct str xml)
{
    char *bytes = arena_alloc(arena, xml.len + 1);
    size_t length = 0, step = 1;

    for (size_t i = 0; bytes != NULL && i < xml.len; i++) {
        unsigned char c = (unsigned char)xml.ptr[i];

        if (c >= 0xc4 || (c >= 0x80 && (c < 0xc2 || i + 1 == xml.len)))
            return xml;
        bytes[length++] = (char)(c < 0x80 ? c : (unsigned)c << 6 | (xml.ptr[++i] & 0x3f));
    }
    for (size_t i = 0; bytes != NULL && i < length; i += step) {
        step = json_text_utf8_length((struct str){ bytes + i, length - i });
        if (step == 0)
            return xml;
    }
    return bytes != NULL ? (struct str){ bytes, length } : xml;
}

/* The body is a form now, whatever it was. */
static bool
set_form_type(struct arena *arena, struct headers *headers)
{
    static const struct str type = STR_INIT("application/x-www-form-urlencoded");

    for (size_t i = 0; i < headers->count; i++)
        if (str_eq_nocase(headers->items[i].name, STR("Content-Type"))) {
            if (!str_starts_nocase(headers->items[i].value, type))
                headers->items[i].value = type;
            return true;
        }
    return json_text_add_header(arena, headers, STR("Content-Type"), type);
}

/* The message stands in the query, from which it will be read. */
static bool
has_message_in_url(struct str target)
{
    return str_find_c(target, "SAML") != SIZE_MAX || str_find_c(target, "wresult=") != SIZE_MAX;
}

static bool
read_body(struct arena *arena, const json_t *request, struct exchange *exchange, size_t *restored)
{
    const json_t *post = json_object_get(request, "post");
    bool is_ours = json_is_true(json_object_get(request, "_unmasked")), put_back = false;
    struct str body, xml = json_text_string(arena, request, "saml");

    if (str_trim(xml).len == 0 || str_trim(xml).ptr[0] != '<' || (is_ours && json_array_size(post) > 0))
        xml.len = 0;
    xml = as_it_was(arena, xml);
    if (json_array_size(post) == 0 &&
        (xml.len == 0 || !str_eq_c(exchange->method, "POST") || has_message_in_url(exchange->target)))
        return true;
    body = form_from_pairs(arena, post, xml, &put_back);
    *restored += put_back && !is_ours;
    exchange->request_body = (struct body){ .bytes = body, .size = body.len };
    return set_form_type(arena, &exchange->request_headers);
}

static bool
read_request(struct arena *arena, const json_t *request, struct exchange *exchange, size_t *restored)
{
    struct str own = json_text_string(arena, request, "_url"), url = json_text_string(arena, request, "url");
    int64_t status = json_text_number(request, "responseStatus", 0);

    exchange->method = json_text_string(arena, request, "method");
    if (str_present(own)) /* ours: as it was before it was made loadable */
        url = own;
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
