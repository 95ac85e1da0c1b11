/* SPDX-License-Identifier: MIT */
#include "oauth_fields.h"

#include "json_read.h"
#include "jwt.h"
#include "oauth.h"
#include "urlform.h"

enum {
    MAX_JSON = 512 * 1024,
    MIN_CODE = 16, /* shorter ones are coupons and country codes */
    MIN_STATE = 8,
};

static void
add(struct oauth_fields *fields, struct str name, struct str value)
{
    if (fields->count < OAUTH_MAX_FIELDS)
        fields->items[fields->count++] = (struct oauth_field){ name, str_present(value) ? value : STR("") };
}

bool
oauth_fields_of_query(struct arena *arena, struct str query, struct oauth_fields *fields)
{
    struct urlform form;

    fields->count = 0;
    if (!urlform_read(arena, query, &form))
        return false;
    for (size_t i = 0; i < form.count; i++)
        add(fields, form.items[i].name, form.items[i].value);
    return true;
}

void
oauth_fields_of_form(const struct html_form *form, struct oauth_fields *fields)
{
    fields->count = 0;
    for (size_t i = 0; i < form->field_count; i++)
        add(fields, form->fields[i].name, form->fields[i].value);
}

/* "grantType" as "grant_type": the way AWS writes its members. */
static struct str
snake_case(struct arena *arena, const char *name)
{
    struct str text = str_from(name);
    char *out = arena_alloc(arena, 2 * text.len + 1);
    size_t len = 0;

    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        bool upper = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z';

        if (upper && i > 0)
            out[len++] = '_';
        out[len++] = upper ? (char)(text.ptr[i] - 'A' + 'a') : text.ptr[i];
    }
    return (struct str){ out, len };
}

bool
oauth_fields_of_json(struct arena *arena, struct str text, struct oauth_fields *fields)
{
    json_t *object = json_read_object(text, MAX_JSON), *value;
    const char *name;

    fields->count = 0;
    json_object_foreach(object, name, value)
    {
        if (json_is_string(value) && fields->count < OAUTH_MAX_FIELDS)
            add(fields, snake_case(arena, name), arena_copy(arena, json_read_text(value)));
    }
    json_decref(object);
    return !arena_failed(arena);
}

struct str
oauth_field(const struct oauth_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (str_eq_c(fields->items[i].name, name))
            return fields->items[i].value;
    return (struct str){ 0 };
}

static bool
has(const struct oauth_fields *fields, const char *name)
{
    return oauth_field(fields, name).len > 0;
}

/* --- what it is ----------------------------------------------------------------------------------- */

/* Blank separated words out of code, token, id_token and none (OAuth 2.0 Multiple Response Types). */
static bool
is_response_type(struct str text)
{
    struct str word, rest = text;
    bool more = true;

    if (text.len == 0)
        return false;
    while (more) {
        more = str_cut(rest, ' ', &word, &rest);
        if (!str_eq_c(word, "code") && !str_eq_c(word, "token") && !str_eq_c(word, "id_token") &&
            !str_eq_c(word, "none"))
            return false;
    }
    return true;
}

bool
oauth_is_authorization_request(const struct oauth_fields *fields)
{
    return has(fields, "client_id") && str_present(oauth_field(fields, "response_type")) &&
           (has(fields, "redirect_uri") || has(fields, "scope") || has(fields, "state") ||
            has(fields, "code_challenge")) &&
           (is_response_type(oauth_field(fields, "response_type")) || has(fields, "redirect_uri"));
}

bool
oauth_is_authorization_response(const struct oauth_fields *fields, bool answered)
{
    struct str state = oauth_field(fields, "state"), code = oauth_field(fields, "code");
    bool witness = state.len > 0 || has(fields, "iss") || has(fields, "session_state");

    if (has(fields, "response_type") || has(fields, "grant_type"))
        return false;
    if (jwt_looks_like(oauth_field(fields, "id_token")))
        return true;
    if (oauth_is_error(oauth_field(fields, "error")))
        return answered || witness || has(fields, "error_description");
    if (answered && has(fields, "error") && (witness || has(fields, "error_description")))
        return true;
    if (has(fields, "access_token") && has(fields, "token_type")) /* RFC 6749 4.2.2 */
        return true;
    if (code.len == 0)
        return false;
    if (answered && (witness || code.len >= MIN_CODE))
        return true;
    return code.len >= MIN_CODE &&
           (state.len >= MIN_STATE || (state.len > 0 && (has(fields, "iss") || has(fields, "session_state"))));
}

bool
oauth_is_token_request(const struct oauth_fields *fields)
{
    static const char *const grants[] = { "authorization_code", "refresh_token", "client_credentials", "password" };
    struct str grant = oauth_field(fields, "grant_type");

    for (size_t i = 0; i < COUNT_OF(grants); i++)
        if (str_eq_c(grant, grants[i]))
            return true;
    return str_starts_c(grant, "urn:") || (grant.len > 0 && (has(fields, "client_id") || has(fields, "code")));
}

bool
oauth_is_token_response(const struct oauth_fields *fields)
{
    return (has(fields, "access_token") && has(fields, "token_type")) ||
           jwt_looks_like(oauth_field(fields, "id_token")) || oauth_is_error(oauth_field(fields, "error"));
}

bool
oauth_is_error(struct str code)
{
    static const char *const codes[] = {
        "invalid_request",
        "unauthorized_client",
        "access_denied",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "invalid_client",
        "invalid_grant",
        "unsupported_grant_type",
        "interaction_required",
        "login_required",
        "account_selection_required",
        "consent_required",
        "invalid_request_uri",
        "invalid_request_object",
        "request_not_supported",
        "request_uri_not_supported",
        "registration_not_supported",
        "authorization_pending",
        "slow_down",
        "expired_token",
        "invalid_token",
        "insufficient_scope",
        "invalid_client_metadata",
        "invalid_target",
    };

    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (str_eq_c(code, codes[i]))
            return true;
    return false;
}

/* --- facts ---------------------------------------------------------------------------------------- */

static struct str
first_repeated(const struct oauth_fields *fields)
{
    for (size_t i = 1; i < fields->count; i++)
        for (size_t k = 0; k < i; k++)
            if (str_eq(fields->items[i].name, fields->items[k].name) && !str_eq_c(fields->items[i].name, "resource") &&
                !str_eq_c(fields->items[i].name, "audience"))
                return fields->items[i].name;
    return (struct str){ 0 };
}

bool
oauth_fields_take(struct arena *arena, const struct oauth_fields *fields, const struct saml_options *options,
                  struct oauth_message *oauth)
{
    struct str id_token = oauth_field(fields, "id_token");
    struct jwt_options keys = { 0 };

    if (options != NULL)
        keys = (struct jwt_options){ .verify = options->jwks,
                                     .seen = options->seen_jwks,
                                     .seen_count = options->seen_jwks_count,
                                     .private_keys = options->keys };
    oauth->response_type = oauth_field(fields, "response_type");
    oauth->response_mode = oauth_field(fields, "response_mode");
    oauth->client_id = oauth_field(fields, "client_id");
    oauth->redirect_uri = oauth_field(fields, "redirect_uri");
    oauth->scope = oauth_field(fields, "scope");
    oauth->state = oauth_field(fields, "state");
    oauth->nonce = oauth_field(fields, "nonce");
    oauth->prompt = oauth_field(fields, "prompt");
    oauth->code_challenge = oauth_field(fields, "code_challenge");
    oauth->code_challenge_method = oauth_field(fields, "code_challenge_method");
    oauth->issuer = oauth_field(fields, "iss");
    oauth->code = oauth_field(fields, "code");
    oauth->code_verifier = oauth_field(fields, "code_verifier");
    oauth->access_token = oauth_field(fields, "access_token");
    oauth->grant_type = oauth_field(fields, "grant_type");
    oauth->error = oauth_field(fields, "error");
    oauth->error_description = oauth_field(fields, "error_description");
    oauth->error_uri = oauth_field(fields, "error_uri");
    oauth->has_client_secret = has(fields, "client_secret") || has(fields, "client_assertion");
    oauth->device = str_ends_c(oauth->grant_type, ":device_code");
    oauth->repeated = first_repeated(fields);
    if (id_token.len > 0) {
        oauth->id_token = jwt_read(arena, id_token, &keys);
        return oauth->id_token != NULL;
    }
    return true;
}
