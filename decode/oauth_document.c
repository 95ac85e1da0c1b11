/* SPDX-License-Identifier: MIT */
/* What people paste of OAuth and OpenID Connect without an exchange around it. */
#include "oauth.h"

#include "find_parts.h"
#include "json_read.h"
#include "jwk.h"
#include "jwt.h"
#include "oauth_fields.h"

enum { MAX_DOCUMENT = 1024 * 1024, MAX_MEMBERS = 40, MAX_WORDS = 100 };

static struct oauth_message *
append(struct arena *arena, enum oauth_kind kind, struct str original, enum decode_step step, struct messages *out)
{
    struct message like = { .binding = BINDING_NONE, .original = original };
    struct oauth_message *oauth = arena_alloc(arena, sizeof(*oauth));
    struct message *message = oauth != NULL ? find_append(arena, out, &like) : NULL;

    if (message == NULL)
        return NULL;
    oauth->kind = kind;
    message->oauth = oauth;
    find_add_step(message, step, 0);
    return oauth;
}

/* --- tokens ------------------------------------------------------------------------------------------- */

/* Without what stands before a token that was copied with its header. */
static struct str
without_scheme(struct str text)
{
    static const char *const starts[] = { "Authorization:", "Bearer" };

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (str_starts_nocase(text, str_from(starts[i])))
            text = str_trim(str_from_offset(text, str_from(starts[i]).len));
    if (text.len > 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') && text.ptr[text.len - 1] == text.ptr[0])
        text = str_slice(text, 1, text.len - 2);
    return text;
}

static struct str
without_white_space(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;

    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len; i++)
        if (str_find_byte(STR(" \t\r\n"), text.ptr[i]) == SIZE_MAX)
            out[len++] = text.ptr[i];
    return (struct str){ out, len };
}

bool
oauth_find_token(struct arena *arena, struct str text, const struct saml_options *options, struct messages *out)
{
    struct str token = without_scheme(str_trim(text));
    struct oauth_fields fields = { .count = 1 };
    struct oauth_message *oauth;

    if (!str_starts_c(token, "eyJ") || token.len > JWT_MAX_BYTES)
        return true;
    if (!jwt_looks_like(token)) /* lines that a mail program broke */
        token = without_white_space(arena, token);
    if (!jwt_looks_like(token))
        return !arena_failed(arena);
    oauth = append(arena, OAUTH_TOKEN, token, STEP_BASE64, out);
    fields.items[0] = (struct oauth_field){ STR("id_token"), token };
    return oauth != NULL ? oauth_fields_take(arena, &fields, options, oauth) : !arena_failed(arena);
}

/* --- key sets ----------------------------------------------------------------------------------------- */

static struct str
key_text(const struct jwk *jwk)
{
    static const char *const names[] = { [JWK_OTHER] = "other", [JWK_RSA] = "RSA", [JWK_EC] = "EC", [JWK_OKP] = "OKP" };

    return str_from(jwk->key != NULL && jwk_curve(jwk->key) != NULL ? jwk_curve(jwk->key) : names[jwk->type]);
}

static bool
take_keys(struct arena *arena, const struct jwk_set *set, struct oauth_message *oauth)
{
    oauth->key_count = jwk_set_count(set);
    oauth->keys = arena_calloc(arena, oauth->key_count + 1, sizeof(*oauth->keys));
    for (size_t i = 0; oauth->keys != NULL && i < oauth->key_count; i++) {
        const struct jwk *jwk = jwk_set_at(set, i);

        oauth->keys[i] = (struct oauth_key){ .id = arena_copy(arena, jwk->kid),
                                             .algorithm = arena_copy(arena, jwk->alg),
                                             .use = arena_copy(arena, jwk->use),
                                             .type = key_text(jwk),
                                             .bits = jwk->key != NULL ? EVP_PKEY_get_bits(jwk->key) : 0,
                                             .is_private = jwk->is_private,
                                             .problem = jwk->problem };
    }
    return !arena_failed(arena);
}

static bool
find_key_set(struct arena *arena, struct str text, const json_t *object, struct messages *out)
{
    const json_t *keys = json_object_get(object, "keys");
    struct oauth_message *oauth;
    struct jwk_set *set;
    const char *why;
    bool done = true;

    if (json_object_get(json_array_get(keys, 0), "kty") == NULL && json_object_get(object, "kty") == NULL)
        return true;
    set = jwk_set_new();
    if (set == NULL)
        return false;
    if (jwk_set_add(set, text, &why)) {
        oauth = append(arena, OAUTH_KEY_SET, text, STEP_JSON, out);
        done = oauth != NULL ? take_keys(arena, set, oauth) : !arena_failed(arena);
    }
    jwk_set_free(set);
    return done;
}

/* --- the provider's configuration --------------------------------------------------------------------- */

static struct str
member_text(struct arena *arena, const json_t *value)
{
    struct str joined = STR("");

    if (json_is_string(value))
        return arena_copy(arena, json_read_text(value));
    if (json_is_boolean(value))
        return str_from(json_is_true(value) ? "true" : "false");
    for (size_t i = 0; i < json_array_size(value) && i < MAX_WORDS; i++)
        if (json_is_string(json_array_get(value, i)))
            joined = arena_printf(arena, "%.*s%s%.*s", STR_ARG(joined), joined.len > 0 ? " " : "",
                                  STR_ARG(json_read_text(json_array_get(value, i))));
    return joined;
}

/* OpenID Connect Discovery 3; RFC 8414 2. */
static bool
find_configuration(struct arena *arena, struct str text, json_t *object, struct messages *out)
{
    struct oauth_message *oauth;
    const char *name;
    json_t *value;

    if (!json_is_string(json_object_get(object, "issuer")) ||
        (json_object_get(object, "jwks_uri") == NULL && json_object_get(object, "token_endpoint") == NULL &&
         json_object_get(object, "authorization_endpoint") == NULL))
        return true;
    oauth = append(arena, OAUTH_CONFIGURATION, text, STEP_JSON, out);
    if (oauth == NULL)
        return !arena_failed(arena);
    oauth->members = arena_calloc(arena, MAX_MEMBERS, sizeof(*oauth->members));
    json_object_foreach(object, name, value)
    {
        struct str words = member_text(arena, value);

        if (oauth->members != NULL && words.len > 0 && oauth->member_count < MAX_MEMBERS)
            oauth->members[oauth->member_count++] = (struct oauth_field){ arena_copy_c(arena, name), words };
    }
    return !arena_failed(arena);
}

/* --- answers of a token endpoint ------------------------------------------------------------------------ */

static bool
find_tokens(struct arena *arena, struct str text, const struct saml_options *options, struct messages *out)
{
    struct oauth_fields fields = { 0 };
    struct oauth_message *oauth;

    if (!oauth_fields_of_json(arena, text, &fields))
        return false;
    if (!oauth_is_token_response(&fields) &&
        (oauth_field(&fields, "error").len == 0 || oauth_field(&fields, "error_description").len == 0))
        return true;
    oauth = append(arena, OAUTH_TOKEN_RESPONSE, text, STEP_JSON, out);
    return oauth != NULL ? oauth_fields_take(arena, &fields, options, oauth) : !arena_failed(arena);
}

bool
oauth_find_json(struct arena *arena, struct str text, const struct saml_options *options, struct messages *out)
{
    json_t *object = json_read_object(text, MAX_DOCUMENT);
    size_t before = out->count;
    bool done =
        object == NULL || (find_configuration(arena, text, object, out) && find_key_set(arena, text, object, out));

    json_decref(object);
    return done && (out->count > before || find_tokens(arena, text, options, out));
}
