/* SPDX-License-Identifier: MIT */
#include "find.h"

#include "content_coding.h"
#include "find_parts.h"
#include "htmlform.h"
#include "oauth.h"
#include "scim.h"

enum media { MEDIA_NONE, MEDIA_FORM, MEDIA_MULTIPART, MEDIA_JSON, MEDIA_XML, MEDIA_HTML, MEDIA_OTHER };

/* The kind of content that a Content-Type names. */
static enum media
media_of(struct str content_type)
{
    struct str type, parameters;

    str_cut(content_type, ';', &type, &parameters);
    type = str_trim(type);
    if (type.len == 0)
        return MEDIA_NONE;
    if (str_eq_nocase(type, STR("application/x-www-form-urlencoded")))
        return MEDIA_FORM;
    if (str_eq_nocase(type, STR("multipart/form-data")))
        return MEDIA_MULTIPART;
    if (str_eq_nocase(type, STR("text/html")) || str_eq_nocase(type, STR("application/xhtml+xml")))
        return MEDIA_HTML;
    if (str_find_nocase(type, STR("json")) != SIZE_MAX)
        return MEDIA_JSON;
    if (str_find_nocase(type, STR("xml")) != SIZE_MAX || str_find_nocase(type, STR("vnd.paos")) != SIZE_MAX)
        return MEDIA_XML;
    return MEDIA_OTHER;
}

static bool
holds_form(const struct saml_options *options, struct str body)
{
    struct str head = str_slice(body, 0, FIND_MAX_BODY), name, rest;

    for (size_t i = 0; options != NULL && i < options->param_name_count; i++)
        if (str_cut(head, '=', &name, &rest) && str_eq(name, options->param_names[i]))
            return true;
    return str_find_nocase(head, STR("SAMLResponse=")) != SIZE_MAX ||
           str_find_nocase(head, STR("SAMLRequest=")) != SIZE_MAX || str_find_c(head, "wresult=") != SIZE_MAX ||
           str_find_c(head, "wa=wsign") != SIZE_MAX;
}

/* What the content is, whatever its Content-Type says. */
static enum media
media_of_body(const struct saml_options *options, struct str body)
{
    struct str s = str_trim(body);

    if (s.len == 0)
        return MEDIA_NONE;
    if (s.ptr[0] == '{' || s.ptr[0] == '[')
        return MEDIA_JSON;
    if (str_starts_c(s, "--") && str_find_nocase(str_slice(s, 0, 1024), STR("form-data")) != SIZE_MAX)
        return MEDIA_MULTIPART;
    if (find_sniff(s) == SNIFF_XML)
        return MEDIA_XML;
    return holds_form(options, s) ? MEDIA_FORM : MEDIA_OTHER;
}

static enum binding
soap_binding(struct str content_type)
{
    return str_find_nocase(content_type, STR("vnd.paos")) != SIZE_MAX ? BINDING_PAOS : BINDING_SOAP;
}

/* The URL of the exchange as an endpoint; absent when the host is not known. */
static struct str
endpoint_of(struct arena *arena, const struct exchange *exchange)
{
    if (exchange->host.len == 0)
        return (struct str){ 0 };
    return find_endpoint(arena, exchange_url(arena, exchange));
}

static bool
in_query(struct arena *arena, const struct exchange *exchange, const struct saml_options *options, struct messages *out)
{
    struct message like = { .binding = BINDING_HTTP_REDIRECT };
    struct str path, query;

    if (!str_cut(exchange->target, '?', &path, &query))
        return true;
    like.url = endpoint_of(arena, exchange);
    return find_in_query(arena, query, &like, STEP_QUERY, options, out);
}

/*
 * Takes the content codings off a body and gives what can be searched, at most max_bytes. What hides the
 * body or a part of it is said in messages->unread, when what it was meant to be may carry a message.
 */
static struct str
open_body(struct arena *arena, const char *what, const struct body *body, const struct headers *headers,
          size_t max_bytes, struct messages *messages)
{
    struct str out, detail;
    enum content_result result = content_decode(arena, body->bytes, headers, max_bytes, &out, &detail);

    if (result == CONTENT_OK && out.len > max_bytes)
        detail = arena_printf(arena, "it has %zu bytes, of which %zu are read", out.len, max_bytes);
    else if (result == CONTENT_OK && body->cut)
        detail = STR("only its beginning was kept");
    if (str_present(detail) && !str_present(messages->unread) &&
        media_of(headers_get(headers, "Content-Type")) != MEDIA_OTHER)
        messages->unread = arena_printf(arena, "the %s could not be read%s: %.*s", what,
                                        out.len > 0 ? " to its end" : "", STR_ARG(detail));
    return str_slice(out, 0, max_bytes);
}

static bool
in_request_body(struct arena *arena, const struct exchange *exchange, const struct saml_options *options,
                struct messages *out)
{
    struct message like = { .binding = BINDING_HTTP_POST };
    struct str type = headers_get(&exchange->request_headers, "Content-Type"), body;
    enum media stated = media_of(type), media = stated;
    size_t first = out->count;
    bool ok = true;

    if (exchange->request_body.bytes.len == 0)
        return true;
    body = open_body(arena, "request body", &exchange->request_body, &exchange->request_headers, FIND_MAX_BODY, out);
    if (body.len == 0)
        return !arena_failed(arena);
    if (media == MEDIA_NONE || media == MEDIA_OTHER || media == MEDIA_HTML)
        media = media_of_body(options, body);
    like.url = endpoint_of(arena, exchange);
    if (media == MEDIA_FORM) {
        ok = find_in_query(arena, body, &like, STEP_FORM, options, out);
    } else if (media == MEDIA_MULTIPART) {
        ok = find_in_multipart(arena, body, type, &like, options, out);
    } else if (media == MEDIA_JSON) {
        ok = find_in_json(arena, body, &like, options, out);
    } else if (media == MEDIA_XML) {
        like.binding = soap_binding(type);
        ok = find_in_xml(arena, body, &like, options, out);
    }
    for (size_t i = first; media != stated && i < out->count; i++)
        find_add_anomaly(arena, &out->items[i], ANOMALY_WRONG_CONTENT_TYPE, SIZE_MAX, type);
    for (size_t i = first; exchange->request_body.cut && i < out->count; i++)
        find_add_anomaly(arena, &out->items[i], ANOMALY_TRUNCATED, SIZE_MAX, STR("the body was not read to its end"));
    return ok;
}

static bool
in_location(struct arena *arena, const struct exchange *exchange, const struct saml_options *options,
            struct messages *out)
{
    for (size_t i = 0; i < exchange->response_headers.count; i++) {
        const struct header *header = &exchange->response_headers.items[i];
        struct message like = { .binding = BINDING_HTTP_REDIRECT, .in_response = true };
        struct str url, path, query;

        if (!str_eq_nocase(header->name, STR("Location")) || str_trim(header->value).len == 0)
            continue;
        url = find_resolve(arena, exchange, header->value);
        if (!str_cut(url, '?', &path, &query))
            continue;
        like.url = find_endpoint(arena, url);
        if (!find_in_query(arena, query, &like, STEP_QUERY, options, out))
            return false;
    }
    return true;
}

static bool
in_response_body(struct arena *arena, const struct exchange *exchange, const struct saml_options *options,
                 struct messages *out)
{
    struct message like = { .in_response = true };
    enum media media = media_of(headers_get(&exchange->response_headers, "Content-Type"));
    struct str body;

    if (media == MEDIA_OTHER || exchange->response_body.bytes.len == 0)
        return true;
    body = open_body(arena, media == MEDIA_HTML ? "page" : "response body", &exchange->response_body,
                     &exchange->response_headers, media == MEDIA_HTML ? HTML_MAX_PAGE : FIND_MAX_BODY, out);
    if (body.len == 0)
        return !arena_failed(arena);
    if (media == MEDIA_NONE) {
        media = media_of_body(options, body);
        if (media == MEDIA_XML && str_find_nocase(str_slice(body, 0, 4096), STR("<form")) != SIZE_MAX)
            media = MEDIA_HTML;
    }
    if (media == MEDIA_HTML)
        return find_in_html(arena, body, exchange, options, out);
    if (media == MEDIA_JSON)
        return find_in_json(arena, body, &like, options, out);
    if (media != MEDIA_XML)
        return true;
    if (str_find_c(str_slice(body, 0, 1024), "Envelope") != SIZE_MAX)
        like.binding = soap_binding(headers_get(&exchange->response_headers, "Content-Type"));
    else
        like.url = endpoint_of(arena, exchange);
    return find_in_xml(arena, body, &like, options, out);
}

bool
find_messages(struct arena *arena, const struct exchange *exchange, const struct saml_options *options,
              struct messages *out)
{
    static const struct saml_options no_options = { 0 };

    if (options == NULL)
        options = &no_options;
    return in_query(arena, exchange, options, out) && in_request_body(arena, exchange, options, out) &&
           in_location(arena, exchange, options, out) && in_response_body(arena, exchange, options, out) &&
           oauth_find(arena, exchange, options, out) && scim_find(arena, exchange, out) && !arena_failed(arena);
}

/* A navigation of a browser: what it brings may be a page that posts a message on. */
static bool
is_navigation(const struct headers *headers)
{
    struct str destination = headers_get(headers, "Sec-Fetch-Dest");

    if (str_present(destination))
        return str_eq_c(destination, "document") || str_eq_c(destination, "iframe") || str_eq_c(destination, "empty");
    return str_find_nocase(headers_get(headers, "Accept"), STR("text/html")) != SIZE_MAX;
}

/* Does s begin with one of the words, each of which ends with a blank? */
static bool
begins_with_one_of(struct str s, const char *words)
{
    while (*words != '\0') {
        size_t len = strcspn(words, " ");

        if (str_starts_nocase(s, (struct str){ words, len }))
            return true;
        words += len + 1;
    }
    return false;
}

/* The words stand under their first letters, since every request is asked and most bytes begin none. */
static bool
path_is_of_interest(struct str path)
{
    static const char *const words['z' - 'a' + 1] = {
        ['a' - 'a'] = "acs adfs authorize assignment ",
        ['d' - 'a'] = "discovery/ ",
        ['f' - 'a'] = "federation ",
        ['i' - 'a'] = "idp instance/app ",
        ['j' - 'a'] = "jwks ",
        ['l' - 'a'] = "login logon ",
        ['m' - 'a'] = "metadata ",
        ['o' - 'a'] = "oauth oidc openid ",
        ['s' - 'a'] = "saml sso signin sign-in scim ",
        ['t' - 'a'] = "token ",
        ['w' - 'a'] = "wsfed well-known ",
    };

    for (size_t at = 0; at < path.len; at++) {
        unsigned letter = ((unsigned char)path.ptr[at] | 0x20u) - 'a';

        if (letter < COUNT_OF(words) && words[letter] != NULL &&
            begins_with_one_of(str_from_offset(path, at), words[letter]))
            return true;
    }
    return false;
}

bool
find_body_may_matter(const struct exchange *head)
{
    enum media media = media_of(headers_get(&head->request_headers, "Content-Type"));
    struct str path, query;

    if (head->status != 0 && media_of(headers_get(&head->response_headers, "Content-Type")) == MEDIA_OTHER &&
        str_eq_c(head->method, "GET"))
        return false;
    if (media == MEDIA_FORM || media == MEDIA_MULTIPART || media == MEDIA_XML || is_navigation(&head->request_headers))
        return true;
    str_cut(head->target, '?', &path, &query);
    return path_is_of_interest(path) || holds_form(NULL, query);
}
