/* SPDX-License-Identifier: MIT */
#include "scim.h"

#include "content_coding.h"
#include "find_parts.h"
#include "urlform.h"

enum { MAX_BODY = 1024 * 1024 };

/* Offset behind "/scim/v2" (also v1, and "scim" alone before a resource), SIZE_MAX when path has none. */
static size_t
base_length(struct str path)
{
    size_t at = str_find_nocase(path, STR("/scim"));
    struct str rest;

    if (at == SIZE_MAX)
        return SIZE_MAX;
    at += 5;
    rest = str_from_offset(path, at);
    if (str_starts_nocase(rest, STR("/v2")) || str_starts_nocase(rest, STR("/v1")))
        at += 3;
    return at == path.len || path.ptr[at] == '/' ? at : SIZE_MAX;
}

static enum scim_resource
resource_of(struct str name)
{
    static const struct {
        const char *name;
        enum scim_resource resource;
    } table[] = {
        { "Users", SCIM_USERS },
        { "Groups", SCIM_GROUPS },
        { "Me", SCIM_ME },
        { "Bulk", SCIM_BULK },
        { ".search", SCIM_SEARCH },
        { "ServiceProviderConfig", SCIM_CONFIGURATION },
        { "Schemas", SCIM_CONFIGURATION },
        { "ResourceTypes", SCIM_CONFIGURATION },
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (str_eq_nocase(name, str_from(table[i].name)))
            return table[i].resource;
    return name.len == 0 ? SCIM_ROOT : SCIM_OTHER;
}

static void
read_path(struct str path, struct scim_message *scim)
{
    size_t length = base_length(path);
    struct str rest = length == SIZE_MAX ? path : str_from_offset(path, length), tail;

    scim->base = length == SIZE_MAX ? (struct str){ 0 } : str_slice(path, 0, length);
    scim->double_slash = length != SIZE_MAX && str_starts_c(rest, "//");
    while (rest.len > 0 && rest.ptr[0] == '/')
        rest = str_from_offset(rest, 1);
    str_cut(rest, '/', &scim->resource_name, &tail);
    str_cut(tail, '/', &scim->id, &tail);
    scim->resource = resource_of(scim->resource_name);
    if (str_eq_c(scim->id, ".search"))
        scim->resource = SCIM_SEARCH;
}

/* The characters of a bearer token (RFC 6750 2.1), and what AWS's and others' tokens use besides. */
static bool
is_token_character(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           str_find_byte(STR("-._~+/=:;|"), c) != SIZE_MAX;
}

static void
read_authorization(const struct exchange *exchange, struct scim_message *scim)
{
    struct str value = headers_get(&exchange->request_headers, "Authorization"), scheme, token;

    if (!str_present(value))
        return;
    scim->authorization = SCIM_AUTHORIZATION_MALFORMED;
    str_cut(str_trim(value), ' ', &scheme, &token);
    token = str_trim(token);
    if (!str_eq_nocase(scheme, STR("Bearer"))) {
        scim->authorization_problem = "its scheme is not Bearer";
    } else if (token.len == 0) {
        scim->authorization_problem = "there is no token behind Bearer";
    } else if (str_starts_nocase(token, STR("Bearer"))) {
        scim->authorization_problem = "the word Bearer stands there twice";
    } else if (token.ptr[0] == '"' || token.ptr[0] == '\'') {
        scim->authorization_problem = "the token is in quotes";
    } else {
        for (size_t i = 0; i < token.len; i++)
            if (!is_token_character(token.ptr[i]))
                scim->authorization_problem = "the token holds white space or a character that no token has";
        if (scim->authorization_problem == NULL)
            scim->authorization = SCIM_AUTHORIZATION_BEARER;
    }
}

static bool
read_query(struct arena *arena, struct str query, struct scim_message *scim)
{
    struct urlform form;

    if (!urlform_read(arena, query, &form))
        return false;
    for (size_t i = 0; i < form.count; i++) {
        const struct urlform_field *field = &form.items[i];
        struct str value = str_present(field->value) ? field->value : STR("");

        if (str_eq_c(field->name, "filter"))
            scim->filter = value;
        else if (str_eq_c(field->name, "startIndex"))
            scim->start_index = value;
        else if (str_eq_c(field->name, "attributes") || str_eq_c(field->name, "excludedAttributes"))
            scim->attributes = value;
    }
    return true;
}

static bool
type_holds(const struct headers *headers, const char *word)
{
    return str_find_nocase(headers_get(headers, "Content-Type"), str_from(word)) != SIZE_MAX;
}

/* Whether the exchange is SCIM, as far as path and headers say. */
static bool
is_scim(const struct exchange *exchange, const struct scim_message *scim)
{
    bool json = type_holds(&exchange->request_headers, "json") || type_holds(&exchange->response_headers, "json");

    if (type_holds(&exchange->request_headers, "application/scim+json") ||
        type_holds(&exchange->response_headers, "application/scim+json"))
        return true;
    if (!str_present(scim->base) || scim->resource == SCIM_OTHER || scim->resource == SCIM_ROOT)
        return false;
    return json || scim->authorization != SCIM_AUTHORIZATION_UNKNOWN;
}

static struct str
body_of(struct arena *arena, const struct body *body, const struct headers *headers)
{
    struct str bytes = { 0 }, detail;

    if (body->bytes.len > 0)
        content_decode(arena, body->bytes, headers, MAX_BODY, &bytes, &detail);
    return bytes;
}

/* The cheap test that comes first: most exchanges end here. */
static bool
may_be_scim(const struct exchange *exchange, struct str path)
{
    return base_length(path) != SIZE_MAX || type_holds(&exchange->request_headers, "scim") ||
           type_holds(&exchange->response_headers, "scim");
}

bool
scim_find(struct arena *arena, const struct exchange *exchange, struct messages *out)
{
    struct message like = { .binding = BINDING_NONE };
    struct scim_message *scim;
    struct message *message;
    struct str path, query;

    str_cut(exchange->target, '?', &path, &query);
    if (!may_be_scim(exchange, path))
        return true;
    scim = arena_alloc(arena, sizeof(*scim));
    if (scim == NULL)
        return false;
    scim->method = exchange->method;
    scim->host = exchange->host;
    scim->status = exchange->status;
    scim->content_type = headers_get(&exchange->request_headers, "Content-Type");
    scim->retry_after = headers_get(&exchange->response_headers, "Retry-After");
    scim->error.request_id = headers_get(&exchange->response_headers, "x-amzn-RequestId");
    read_path(path, scim);
    read_authorization(exchange, scim);
    if (!is_scim(exchange, scim))
        return true;
    like.original = body_of(arena, &exchange->request_body, &exchange->request_headers);
    if (!read_query(arena, query, scim) || !scim_read_request(arena, like.original, scim) ||
        !scim_read_answer(arena, body_of(arena, &exchange->response_body, &exchange->response_headers), scim))
        return false;
    like.url = exchange->host.len > 0 ? exchange_url_without_query(arena, exchange) : (struct str){ 0 };
    message = find_append(arena, out, &like);
    if (message != NULL) {
        message->scim = scim;
        find_add_step(message, STEP_JSON, 0);
    }
    return !arena_failed(arena);
}
