/* SPDX-License-Identifier: MIT */
#include "oauth.h"

#include "content_coding.h"
#include "find_parts.h"
#include "jwk.h"
#include "oauth_fields.h"

enum { MAX_FORM = 256 * 1024, MAX_PAGE = 256 * 1024, MAX_TOKENS = 512 * 1024 };

/* What one exchange has shown so far. */
struct hunt {
    struct arena *arena;
    const struct exchange *exchange;
    const struct saml_options *options;
    struct messages *out;
    struct str url;                            /* of the exchange, without query */
    const struct oauth_message *authorization; /* in the request half */
    const struct oauth_message *token_request;
    bool pasted; /* somebody gave these parameters as a message, so names say enough */
    struct oauth_fields fields;
};

const char *
oauth_kind_name(enum oauth_kind kind)
{
    static const char *const names[OAUTH_KIND_COUNT] = {
        [OAUTH_AUTHORIZATION_REQUEST] = "oauth:authorization-request",
        [OAUTH_AUTHORIZATION_RESPONSE] = "oauth:authorization-response",
        [OAUTH_TOKEN_REQUEST] = "oauth:token-request",
        [OAUTH_TOKEN_RESPONSE] = "oauth:token-response",
        [OAUTH_TOKEN] = "oauth:token",
        [OAUTH_CONFIGURATION] = "oauth:configuration",
        [OAUTH_KEY_SET] = "oauth:key-set",
    };

    return (unsigned)kind < OAUTH_KIND_COUNT ? names[kind] : "unknown";
}

/* Appends hunt->fields as a message. NULL, when the ceiling refuses too; arena_failed tells. */
static struct oauth_message *
append(struct hunt *hunt, enum oauth_kind kind, const struct message *like, enum decode_step step)
{
    struct oauth_message *oauth = arena_alloc(hunt->arena, sizeof(*oauth));
    struct message *message;

    if (oauth == NULL || !oauth_fields_take(hunt->arena, &hunt->fields, hunt->options, oauth))
        return NULL;
    message = find_append(hunt->arena, hunt->out, like);
    if (message == NULL)
        return NULL;
    oauth->kind = kind;
    oauth->host = hunt->exchange->host;
    message->oauth = oauth;
    find_add_step(message, step, 0);
    return oauth;
}

/* Authorization request or response among hunt->fields. */
static bool
take_front_channel(struct hunt *hunt, const struct message *like, enum decode_step step, bool fragment)
{
    const struct oauth_message *authorization = like->in_response ? hunt->authorization : NULL;
    struct oauth_message *oauth;

    if (oauth_is_authorization_request(&hunt->fields)) {
        oauth = append(hunt, OAUTH_AUTHORIZATION_REQUEST, like, step);
        if (oauth != NULL && !like->in_response)
            hunt->authorization = oauth;
    } else if (oauth_is_authorization_response(&hunt->fields, authorization != NULL || hunt->pasted)) {
        oauth = append(hunt, OAUTH_AUTHORIZATION_RESPONSE, like, step);
        if (oauth != NULL) {
            oauth->authorization = authorization;
            oauth->in_fragment = fragment;
        }
    }
    return !arena_failed(hunt->arena);
}

/* Whether reading the parameters may be worth it. */
static bool
may_hold_parameters(struct str query)
{
    return str_find_c(query, "response_type=") != SIZE_MAX || str_find_c(query, "id_token=") != SIZE_MAX ||
           str_find_c(query, "error=") != SIZE_MAX ||
           (str_find_c(query, "code=") != SIZE_MAX && str_find_c(query, "state=") != SIZE_MAX);
}

static bool
in_query(struct hunt *hunt, struct str query, const struct message *like, enum decode_step step, bool fragment)
{
    struct message found = *like;

    if (query.len > MAX_FORM || (!hunt->pasted && !may_hold_parameters(query)))
        return true;
    found.original = query;
    return oauth_fields_of_query(hunt->arena, query, &hunt->fields) && take_front_channel(hunt, &found, step, fragment);
}

static bool
media_is(const struct headers *headers, const char *wanted)
{
    struct str type, parameters;

    str_cut(headers_get(headers, "Content-Type"), ';', &type, &parameters);
    return str_eq_nocase(str_trim(type), str_from(wanted));
}

static struct str
path_of(const struct exchange *exchange)
{
    struct str path, query;

    str_cut(exchange->target, '?', &path, &query);
    return path;
}

static bool
in_request_body(struct hunt *hunt)
{
    const struct exchange *exchange = hunt->exchange;
    struct message like = { .binding = BINDING_HTTP_POST, .url = hunt->url };
    bool form = media_is(&exchange->request_headers, "application/x-www-form-urlencoded");
    bool json = str_find_nocase(headers_get(&exchange->request_headers, "Content-Type"), STR("json")) != SIZE_MAX &&
                str_ends_c(path_of(exchange), "/token");
    struct str body, detail;
    struct oauth_message *oauth;

    if (exchange->request_body.bytes.len == 0 || exchange->request_body.bytes.len > MAX_FORM || (!form && !json))
        return true;
    content_decode(hunt->arena, exchange->request_body.bytes, &exchange->request_headers, MAX_FORM, &body, &detail);
    if (form && str_find_c(body, "grant_type=") == SIZE_MAX)
        return in_query(hunt, body, &like, STEP_FORM, false);
    if (form ? !oauth_fields_of_query(hunt->arena, body, &hunt->fields)
             : !oauth_fields_of_json(hunt->arena, body, &hunt->fields))
        return false;
    if (!oauth_is_token_request(&hunt->fields))
        return true;
    like.original = body;
    oauth = append(hunt, OAUTH_TOKEN_REQUEST, &like, form ? STEP_FORM : STEP_JSON);
    if (oauth != NULL && str_present(headers_get(&exchange->request_headers, "Authorization")))
        oauth->has_client_secret = true;
    hunt->token_request = oauth;
    return !arena_failed(hunt->arena);
}

static bool
in_location(struct hunt *hunt)
{
    struct str location = headers_get(&hunt->exchange->response_headers, "Location");
    struct message like = { .binding = BINDING_HTTP_REDIRECT, .in_response = true };
    struct str path, query, fragment;

    if (location.len > MAX_FORM || !may_hold_parameters(location))
        return true;
    str_cut(location, '#', &location, &fragment);
    str_cut(find_resolve(hunt->arena, hunt->exchange, location), '?', &path, &query);
    like.url = path;
    return in_query(hunt, query, &like, STEP_QUERY, false) && in_query(hunt, fragment, &like, STEP_QUERY, true);
}

/* A page that posts the answer on by itself (OAuth 2.0 Form Post Response Mode). */
static bool
in_page(struct hunt *hunt, struct str page)
{
    struct html_page forms;

    if (str_find_c(page, "state") == SIZE_MAX || str_find_c(page, "submit()") == SIZE_MAX ||
        (str_find_c(page, "id_token") == SIZE_MAX && str_find_nocase(page, STR("name=\"code\"")) == SIZE_MAX &&
         str_find_nocase(page, STR("name=\"error\"")) == SIZE_MAX))
        return true;
    if (!html_forms_read(hunt->arena, page, &forms))
        return false;
    for (size_t i = 0; i < forms.form_count; i++) {
        const struct html_form *form = &forms.forms[i];
        struct message like = { .binding = BINDING_FORM_PAGE, .in_response = true, .form_method = form->method };

        like.form_action = find_resolve(hunt->arena, hunt->exchange, form->action);
        like.url = like.form_action;
        oauth_fields_of_form(form, &hunt->fields);
        /* Only answers: a form to be filled in has empty fields, and a request would only be offered. */
        if (oauth_is_authorization_response(&hunt->fields, false) && !take_front_channel(hunt, &like, STEP_HTML, false))
            return false;
    }
    return !arena_failed(hunt->arena);
}

static bool
in_tokens(struct hunt *hunt, struct str text)
{
    struct message like = { .binding = BINDING_NONE, .in_response = true, .url = hunt->url };
    struct oauth_message *oauth;

    if (!oauth_fields_of_json(hunt->arena, text, &hunt->fields))
        return false;
    if (!oauth_is_token_response(&hunt->fields))
        return true;
    like.original = text;
    oauth = append(hunt, OAUTH_TOKEN_RESPONSE, &like, STEP_JSON);
    if (oauth != NULL) {
        oauth->status = hunt->exchange->status;
        oauth->token_request = hunt->token_request;
    }
    return !arena_failed(hunt->arena);
}

static bool
in_response_body(struct hunt *hunt)
{
    const struct exchange *exchange = hunt->exchange;
    const struct headers *headers = &exchange->response_headers;
    bool page = media_is(headers, "text/html") && exchange->response_body.bytes.len <= MAX_PAGE;
    bool tokens =
        hunt->token_request != NULL && str_find_nocase(headers_get(headers, "Content-Type"), STR("json")) != SIZE_MAX;
    struct str body, detail;

    if ((!page && !tokens) || exchange->response_body.bytes.len == 0)
        return true;
    content_decode(hunt->arena, exchange->response_body.bytes, headers, page ? MAX_PAGE : MAX_TOKENS, &body, &detail);
    if (body.len == 0)
        return !arena_failed(hunt->arena);
    return page ? in_page(hunt, body) : in_tokens(hunt, body);
}

bool
oauth_find(struct arena *arena, const struct exchange *exchange, const struct saml_options *options,
           struct messages *out)
{
    struct hunt hunt = { .arena = arena, .exchange = exchange, .options = options, .out = out };
    struct message like = { .binding = BINDING_HTTP_REDIRECT };
    struct str path, query;

    if (exchange->host.len > 0)
        hunt.url = exchange_url_without_query(arena, exchange);
    like.url = hunt.url;
    str_cut(exchange->target, '?', &path, &query);
    return in_query(&hunt, query, &like, STEP_QUERY, false) && in_request_body(&hunt) && in_location(&hunt) &&
           in_response_body(&hunt) && !arena_failed(arena);
}

bool
oauth_find_parameters(struct arena *arena, const struct exchange *exchange, struct str query, bool fragment,
                      const struct saml_options *options, struct messages *out)
{
    struct hunt hunt = { .arena = arena, .exchange = exchange, .options = options, .out = out, .pasted = true };
    struct message like = { .binding = BINDING_HTTP_REDIRECT };

    if (exchange->host.len > 0)
        like.url = exchange_url_without_query(arena, exchange);
    return in_query(&hunt, query, &like, STEP_QUERY, fragment) && !arena_failed(arena);
}

struct str
oauth_key_set(struct arena *arena, const struct exchange *exchange)
{
    const struct headers *headers = &exchange->response_headers;
    struct str body, detail;

    if (exchange->status != 200 || exchange->response_body.cut || exchange->response_body.bytes.len == 0 ||
        str_find_nocase(headers_get(headers, "Content-Type"), STR("json")) == SIZE_MAX)
        return (struct str){ 0 };
    if (content_decode(arena, exchange->response_body.bytes, headers, JWK_MAX_BYTES, &body, &detail) != CONTENT_OK ||
        str_find_c(body, "\"keys\"") == SIZE_MAX || str_find_c(body, "\"kty\"") == SIZE_MAX)
        return (struct str){ 0 };
    return body;
}
