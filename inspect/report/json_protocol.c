/* SPDX-License-Identifier: MIT */
/* Facts of WS-Federation, OAuth 2.0, OpenID Connect and SCIM. Codes, verifiers and tokens are told of, never written. */
#include "json_facts.h"
#include "json_load.h"
#include "jwt.h"
#include "oauth_types.h"
#include "scim_types.h"
#include "xstime.h"

static void
set_time(json_t *object, const char *key, const struct jwt_time *time)
{
    char text[32];

    if (!time->valid)
        return;
    xstime_format_into(text, sizeof(text), time->ms);
    json_object_set_new(object, key, json_text_c(text));
}

/* The JSON of a token as it stands; nothing when it is none. */
static void
set_document(json_t *object, const char *key, struct str text)
{
    json_t *value = text.len > 0 ? json_load(text, 0, NULL) : NULL;

    if (json_is_object(value))
        json_object_set(object, key, value);
    json_decref(value);
}

static json_t *
token_facts(const struct jwt *token)
{
    json_t *facts = json_object(), *audiences = json_array();

    json_object_set_new(facts, "syntax", json_text_c(jwt_syntax_name(token->syntax)));
    json_object_set_new(facts, "form", json_text_c(token->form == JWT_FORM_JWE ? "jwe" : "jws"));
    json_set_text(facts, "alg", token->header.alg);
    json_set_text(facts, "enc", token->header.enc);
    json_set_text(facts, "kid", token->header.kid);
    if (token->form == JWT_FORM_JWE)
        json_object_set_new(facts, "decryption", json_text_c(jwe_result_name(token->decryption)));
    else
        json_object_set_new(facts, "signature", json_text_c(jws_result_name(token->signature)));
    json_set_text(facts, "signed_by", token->signed_by);
    json_set_text(facts, "keys_seen_at", token->keys_seen_at);
    if (str_present(token->keys_seen_at))
        json_object_set_new(facts, "keys_of_issuer", json_boolean(token->keys_of_issuer));
    json_set_text(facts, "detail", token->detail);
    if (token->claims.present) {
        json_set_text(facts, "issuer", token->claims.issuer);
        json_set_text(facts, "subject", token->claims.subject);
        json_set_text(facts, "authorized_party", token->claims.authorized_party);
        json_set_text(facts, "nonce", token->claims.nonce);
        for (size_t i = 0; i < token->claims.audience_count; i++)
            json_array_append_new(audiences, json_text(token->claims.audiences[i]));
        json_object_set(facts, "audiences", audiences);
        set_time(facts, "authenticated_at", &token->claims.auth_time);
        set_time(facts, "issued_at", &token->claims.issued_at);
        set_time(facts, "not_before", &token->claims.not_before);
        set_time(facts, "expires", &token->claims.expires);
    }
    json_decref(audiences);
    set_document(facts, "header", token->header.json);
    set_document(facts, "claims", token->payload);
    if (token->inner != NULL)
        json_object_set_new(facts, "inner", token_facts(token->inner));
    return facts;
}

static json_t *
configuration_facts(const struct oauth_message *oauth)
{
    json_t *facts = json_object();

    for (size_t i = 0; i < oauth->member_count; i++)
        json_set_text(facts, oauth->members[i].name.ptr, oauth->members[i].value);
    return facts;
}

static json_t *
key_set_facts(const struct oauth_message *oauth)
{
    json_t *facts = json_object(), *keys = json_array();

    for (size_t i = 0; i < oauth->key_count; i++) {
        const struct oauth_key *key = &oauth->keys[i];
        json_t *value = json_object();

        json_set_text(value, "kid", key->id);
        json_set_text(value, "type", key->type);
        if (key->bits > 0)
            json_object_set_new(value, "bits", json_integer(key->bits));
        json_set_text(value, "alg", key->algorithm);
        json_set_text(value, "use", key->use);
        json_object_set_new(value, "private", json_boolean(key->is_private));
        if (key->problem != NULL)
            json_object_set_new(value, "problem", json_text_c(key->problem));
        json_array_append_new(keys, value);
    }
    json_object_set_new(facts, "keys", keys);
    return facts;
}

static json_t *
oauth_facts(const struct oauth_message *oauth)
{
    json_t *facts;

    if (oauth->kind == OAUTH_TOKEN && oauth->id_token != NULL)
        return token_facts(oauth->id_token);
    if (oauth->kind == OAUTH_CONFIGURATION)
        return configuration_facts(oauth);
    if (oauth->kind == OAUTH_KEY_SET)
        return key_set_facts(oauth);
    facts = json_object();
    json_set_text(facts, "response_type", oauth->response_type);
    json_set_text(facts, "response_mode", oauth->response_mode);
    json_set_text(facts, "client_id", oauth->client_id);
    json_set_text(facts, "redirect_uri", oauth->redirect_uri);
    json_set_text(facts, "scope", oauth->scope);
    json_set_text(facts, "state", oauth->state);
    json_set_text(facts, "nonce", oauth->nonce);
    json_set_text(facts, "code_challenge_method", oauth->code_challenge_method);
    json_set_text(facts, "grant_type", oauth->grant_type);
    json_set_text(facts, "error", oauth->error);
    json_set_text(facts, "error_description", oauth->error_description);
    json_object_set_new(facts, "has_code", json_boolean(oauth->code.len > 0));
    json_object_set_new(facts, "has_access_token", json_boolean(oauth->access_token.len > 0));
    json_object_set_new(facts, "joined", json_boolean(oauth->authorization != NULL));
    if (oauth->id_token != NULL)
        json_object_set_new(facts, "id_token", token_facts(oauth->id_token));
    return facts;
}

static json_t *
scim_facts(const struct scim_message *scim)
{
    json_t *facts = json_object();

    json_set_text(facts, "method", scim->method);
    json_set_text(facts, "resource", scim->resource_name);
    json_set_text(facts, "resource_id", scim->id);
    json_set_text(facts, "filter", scim->filter);
    json_set_text(facts, "user_name", scim->user.user_name);
    json_set_text(facts, "external_id", scim->user.external_id);
    json_set_text(facts, "display_name", scim->user.display_name);
    json_set_text(facts, "email", scim->user.email);
    json_set_text(facts, "group_name", scim->group_name);
    if (scim->is_group)
        json_object_set_new(facts, "members", json_integer((json_int_t)scim->member_count));
    if (scim->has_total) {
        json_object_set_new(facts, "total", json_integer((json_int_t)scim->total));
        json_object_set_new(facts, "listed", json_integer((json_int_t)scim->listed));
    }
    if (scim->is_patch)
        json_object_set_new(facts, "operations", json_integer((json_int_t)scim->operation_count));
    json_object_set_new(facts, "status", json_integer(scim->status));
    json_set_text(facts, "scim_type", scim->error.type);
    json_set_text(facts, "detail", scim->error.detail);
    json_set_text(facts, "request_id", scim->error.request_id);
    return facts;
}

json_t *
json_wsfed(const struct wsfed_message *wsfed)
{
    json_t *facts = json_object();

    json_object_set_new(facts, "kind", json_text_c(wsfed_name(wsfed)));
    json_set_text(facts, "action", wsfed->action_text);
    json_set_text(facts, "realm", wsfed->realm);
    json_set_text(facts, "reply", wsfed->reply);
    json_set_text(facts, "context", wsfed->context);
    json_set_text(facts, "current_time", wsfed->current_time);
    json_set_text(facts, "freshness", wsfed->freshness);
    json_set_text(facts, "authentication", wsfed->authentication);
    json_set_text(facts, "home_realm", wsfed->home_realm);
    json_set_text(facts, "policy", wsfed->policy);
    json_set_text(facts, "request", wsfed->request);
    json_set_text(facts, "request_url", wsfed->request_url);
    json_set_text(facts, "result_url", wsfed->result_url);
    json_set_text(facts, "encoding", wsfed->encoding);
    json_set_text(facts, "repeated", wsfed->repeated);
    return facts;
}

json_t *
json_protocol_facts(const struct message *message)
{
    if (message_is_wsfed_request(message))
        return json_wsfed(message->wsfed);
    if (message->oauth != NULL)
        return oauth_facts(message->oauth);
    return message->scim != NULL ? scim_facts(message->scim) : json_object();
}
