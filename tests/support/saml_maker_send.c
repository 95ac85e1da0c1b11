/* SPDX-License-Identifier: MIT */
#include "saml_maker.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "saml_maker_encrypt.h"

void
saml_maker_base64(struct str bytes, struct buf *out)
{
    size_t room = (bytes.len + 2) / 3 * 4 + 1;
    unsigned char *text = malloc(room);
    if (!text) {
        abort();
    }
    int len = EVP_EncodeBlock(text, (const unsigned char *)bytes.ptr, (int)bytes.len);
    buf_add(out, text, (size_t)len);
    buf_add(out, "", 0);
    free(text);
}

void
saml_maker_percent(struct str text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (isalnum(c) || strchr("-._~", c)) {
            buf_add_byte(out, (char)c);
        } else {
            buf_printf(out, "%%%02X", c);
        }
    }
}

void
saml_maker_deflate(struct str bytes, struct buf *out)
{
    z_stream stream = { 0 };
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        abort();
    }
    size_t room = deflateBound(&stream, bytes.len);
    unsigned char *packed = malloc(room);
    unsigned char *input = malloc(bytes.len + 1);
    if (!packed || !input) {
        abort();
    }
    memcpy(input, bytes.ptr, bytes.len);
    stream.next_in = input;
    stream.avail_in = (unsigned)bytes.len;
    stream.next_out = packed;
    stream.avail_out = (unsigned)room;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        abort();
    }
    buf_add(out, packed, room - stream.avail_out);
    deflateEnd(&stream);
    free(input);
    free(packed);
}

void
saml_maker_form(const char *parameter, struct str xml, struct str relay_state, struct buf *out)
{
    struct buf base64;
    buf_init(&base64, 16 << 20);
    saml_maker_base64(xml, &base64);
    buf_printf(out, "%s=", parameter);
    saml_maker_percent(buf_str(&base64), out);
    if (str_present(relay_state)) {
        buf_add_c(out, "&RelayState=");
        saml_maker_percent(relay_state, out);
    }
    buf_release(&base64);
}

void
saml_maker_query(const char *parameter, struct str xml, struct str relay_state, const char *key, const char *algorithm,
                 struct buf *out)
{
    struct buf packed, base64, query, signature;
    buf_init(&packed, 16 << 20);
    buf_init(&base64, 16 << 20);
    buf_init(&query, 16 << 20);
    buf_init(&signature, 1 << 16);
    saml_maker_deflate(xml, &packed);
    saml_maker_base64(buf_str(&packed), &base64);
    buf_printf(&query, "%s=", parameter);
    saml_maker_percent(buf_str(&base64), &query);
    if (str_present(relay_state)) {
        buf_add_c(&query, "&RelayState=");
        saml_maker_percent(relay_state, &query);
    }
    if (key) {
        buf_add_c(&query, "&SigAlg=");
        saml_maker_percent(str_from(saml_maker_algorithm_uri(algorithm)), &query);
        if (!saml_maker_sign_bytes(key, algorithm, buf_str(&query), &signature)) {
            abort();
        }
        buf_add_c(&query, "&Signature=");
        saml_maker_percent(buf_str(&signature), &query);
    }
    buf_add_str(out, buf_str(&query));
    buf_release(&signature);
    buf_release(&query);
    buf_release(&base64);
    buf_release(&packed);
}

static void
html_escape(struct str text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            buf_add_c(out, "&amp;");
            break;
        case '<':
            buf_add_c(out, "&lt;");
            break;
        case '"':
            buf_add_c(out, "&quot;");
            break;
        case '+':
            buf_add_c(out, "&#x2b;");
            break;
        default:
            buf_add_byte(out, text.ptr[i]);
        }
    }
}

void
saml_maker_page(const char *action, const char *parameter, struct str xml, struct str relay_state, struct buf *out)
{
    struct buf base64;
    buf_init(&base64, 16 << 20);
    saml_maker_base64(xml, &base64);
    buf_add_c(out,
              "<!DOCTYPE html>\n<html><body onload=\"document.forms[0].submit()\">\n<form method=\"post\" action=\"");
    html_escape(str_from(action), out);
    buf_printf(out, "\">\n<input type=\"hidden\" name=\"%s\" value=\"", parameter);
    html_escape(buf_str(&base64), out);
    buf_add_c(out, "\"/>\n");
    if (str_present(relay_state)) {
        buf_add_c(out, "<input type=\"hidden\" name=\"RelayState\" value=\"");
        html_escape(relay_state, out);
        buf_add_c(out, "\"/>\n");
    }
    buf_add_c(out, "<noscript><input type=\"submit\" value=\"Continue\"/></noscript>\n</form></body></html>\n");
    buf_release(&base64);
}

static void
add_header(struct arena *arena, struct headers *headers, const char *name, struct str value)
{
    struct header *items = arena_calloc(arena, headers->count + 1, sizeof(*items));
    if (!items) {
        abort();
    }
    if (headers->count) {
        memcpy(items, headers->items, headers->count * sizeof(*items));
    }
    items[headers->count++] = (struct header){ arena_copy_c(arena, name), arena_copy(arena, value) };
    headers->items = items;
}

struct exchange *
saml_maker_exchange(struct arena *arena, const char *method, const char *url, struct str body)
{
    struct exchange *exchange = arena_alloc(arena, sizeof(*exchange));
    if (!exchange) {
        abort();
    }
    struct str rest = arena_copy_c(arena, url);
    size_t scheme_end = str_find_c(rest, "://");
    if (scheme_end == SIZE_MAX) {
        abort();
    }
    exchange->scheme = str_slice(rest, 0, scheme_end);
    rest = str_from_offset(rest, scheme_end + 3);
    size_t slash = str_find_byte(rest, '/');
    struct str authority = slash == SIZE_MAX ? rest : str_slice(rest, 0, slash);
    exchange->target = slash == SIZE_MAX ? STR("/") : str_from_offset(rest, slash);
    struct str port;
    exchange->port = str_eq_c(exchange->scheme, "https") ? 443 : 80;
    if (str_cut(authority, ':', &exchange->host, &port)) {
        uint64_t number = 0;
        if (!str_to_u64(port, &number)) {
            abort();
        }
        exchange->port = (unsigned)number;
    }
    exchange->connection = 1;
    exchange->number = 1;
    exchange->client = STR("192.0.2.7");
    exchange->method = arena_copy_c(arena, method);
    exchange->version = STR("HTTP/1.1");
    add_header(arena, &exchange->request_headers, "Host", authority);
    if (str_present(body)) {
        add_header(arena, &exchange->request_headers, "Content-Type", STR("application/x-www-form-urlencoded"));
        exchange->request_body.bytes = arena_copy(arena, body);
        exchange->request_body.size = body.len;
    }
    exchange->status = 200;
    exchange->reason = STR("OK");
    return exchange;
}

struct exchange *
saml_maker_post(struct arena *arena, const char *url, const char *parameter, struct str xml, struct str relay_state)
{
    struct buf form;
    buf_init(&form, 32 << 20);
    saml_maker_form(parameter, xml, relay_state, &form);
    struct exchange *exchange = saml_maker_exchange(arena, "POST", url, buf_str(&form));
    buf_release(&form);
    return exchange;
}

void
saml_maker_answer(struct arena *arena, struct exchange *exchange, unsigned status, const char *content_type,
                  struct str body)
{
    exchange->status = status;
    exchange->reason = STR("");
    if (content_type) {
        add_header(arena, &exchange->response_headers, "Content-Type", str_from(content_type));
    }
    exchange->response_body.bytes = arena_copy(arena, body);
    exchange->response_body.size = body.len;
}

void
saml_maker_request_header(struct arena *arena, struct exchange *exchange, const char *name, const char *value)
{
    add_header(arena, &exchange->request_headers, name, str_from(value));
}

void
saml_maker_answer_header(struct arena *arena, struct exchange *exchange, const char *name, const char *value)
{
    add_header(arena, &exchange->response_headers, name, str_from(value));
}

void
saml_maker_idp_metadata(const char *entity_id, const char *certificate, const char *sso_url, struct buf *out)
{
    buf_printf(out,
               "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"%s\">"
               "<md:IDPSSODescriptor WantAuthnRequestsSigned=\"false\" "
               "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">"
               "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
               "<ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
               "</md:KeyDescriptor>"
               "<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>"
               "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" "
               "Location=\"%s\"/>"
               "</md:IDPSSODescriptor></md:EntityDescriptor>",
               entity_id, saml_maker_certificate_base64(certificate), sso_url);
}

void
saml_maker_sp_metadata(const char *entity_id, const char *acs_url, bool want_assertions_signed, struct buf *out)
{
    buf_printf(out,
               "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"%s\">"
               "<md:SPSSODescriptor AuthnRequestsSigned=\"false\" WantAssertionsSigned=\"%s\" "
               "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">"
               "<md:KeyDescriptor use=\"encryption\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
               "<ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
               "</md:KeyDescriptor>"
               "<md:AssertionConsumerService index=\"0\" isDefault=\"true\" "
               "Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"%s\"/>"
               "</md:SPSSODescriptor></md:EntityDescriptor>",
               entity_id, want_assertions_signed ? "true" : "false", saml_maker_certificate_base64("sp"), acs_url);
}
