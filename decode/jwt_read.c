/* SPDX-License-Identifier: MIT */
#include "jwt.h"

#include <math.h>

#include "base64url.h"
#include "jose_parts.h"
#include "json_read.h"

/* --- the three or five parts --------------------------------------------------------------------- */

static enum jwt_form
split(struct str text, struct jwt_parts *parts)
{
    size_t count = 0;
    struct str rest = text;

    while (count < JWT_MAX_PARTS) {
        bool more = str_cut(rest, '.', &parts->encoded[count], &rest);

        count++;
        if (!more)
            break;
        if (count == JWT_MAX_PARTS)
            return JWT_FORM_NONE;
    }
    return count == 3 ? JWT_FORM_JWS : count == 5 ? JWT_FORM_JWE : JWT_FORM_NONE;
}

bool
jwt_looks_like(struct str text)
{
    size_t dots = 0;

    if (!str_starts_c(text, "eyJ") || text.len > JWT_MAX_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '.')
            dots++;
        else if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return dots == 2 || dots == 4;
}

static bool
decode_parts(struct arena *arena, enum jwt_form form, struct jwt_parts *parts)
{
    for (size_t i = 0; i < (form == JWT_FORM_JWS ? 3 : 5); i++)
        if (!base64url_decode(arena, parts->encoded[i], &parts->decoded[i]))
            return false;
    return true;
}

/* --- header and claims ---------------------------------------------------------------------------- */

/* "crit" as a list of names; an empty list or a name that is no string is malformed (RFC 7515 4.1.11). */
static bool
read_critical(struct arena *arena, const json_t *object, struct jose_header *header)
{
    const json_t *names = json_object_get(object, "crit");
    struct str joined = STR("");

    if (names == NULL)
        return true;
    if (!json_is_array(names) || json_array_size(names) == 0)
        return false;
    for (size_t i = 0; i < json_array_size(names); i++) {
        struct str name = json_read_text(json_array_get(names, i));

        if (name.len == 0)
            return false;
        if (i < 8)
            joined = arena_printf(arena, "%.*s%s%.*s", STR_ARG(joined), i > 0 ? " " : "", STR_ARG(name));
    }
    header->critical = joined;
    return true;
}

static bool
read_header(struct arena *arena, struct str json, struct jose_header *header)
{
    static const char *const texts[] = { "alg", "kid", "typ", "cty", "enc", "zip" };
    json_t *object = json_read_object(json, JWT_MAX_BYTES);
    bool ok = object != NULL;

    header->json = json;
    for (size_t i = 0; ok && i < COUNT_OF(texts); i++)
        ok = !json_read_is_other(object, texts[i]);
    if (ok) {
        header->alg = json_read_string(arena, object, "alg");
        header->kid = json_read_string(arena, object, "kid");
        header->typ = json_read_string(arena, object, "typ");
        header->cty = json_read_string(arena, object, "cty");
        header->enc = json_read_string(arena, object, "enc");
        header->zip = json_read_string(arena, object, "zip");
        header->names_key = json_object_get(object, "jku") != NULL || json_object_get(object, "x5u") != NULL ||
                            json_object_get(object, "jwk") != NULL || json_object_get(object, "x5c") != NULL;
        ok = read_critical(arena, object, header);
    }
    json_decref(object);
    return ok;
}

static struct jwt_time
read_time(const json_t *object, const char *name)
{
    const double last_second = 253402300799.0; /* 9999-12-31T23:59:59Z */
    const json_t *value = json_object_get(object, name);
    struct jwt_time time = { .present = value != NULL };
    double seconds = json_number_value(value);

    time.valid = json_is_number(value) && isfinite(seconds) && seconds >= 0 && seconds <= last_second;
    if (time.valid)
        time.ms = (int64_t)(seconds * 1000);
    return time;
}

static void
read_audiences(struct arena *arena, const json_t *object, struct jwt_claims *claims)
{
    const json_t *value = json_object_get(object, "aud");

    if (json_is_string(value))
        claims->audiences[claims->audience_count++] = arena_copy(arena, json_read_text(value));
    for (size_t i = 0; i < json_array_size(value) && claims->audience_count < JWT_MAX_AUDIENCES; i++)
        if (json_is_string(json_array_get(value, i)))
            claims->audiences[claims->audience_count++] = arena_copy(arena, json_read_text(json_array_get(value, i)));
}

static bool
read_claims(struct arena *arena, struct str json, struct jwt_claims *claims)
{
    json_t *object = json_read_object(json, JWT_MAX_BYTES);

    if (object == NULL)
        return false;
    claims->present = true;
    claims->issuer = json_read_string(arena, object, "iss");
    claims->subject = json_read_string(arena, object, "sub");
    claims->authorized_party = json_read_string(arena, object, "azp");
    claims->nonce = json_read_string(arena, object, "nonce");
    claims->at_hash = json_read_string(arena, object, "at_hash");
    claims->c_hash = json_read_string(arena, object, "c_hash");
    claims->acr = json_read_string(arena, object, "acr");
    claims->has_groups = json_is_true(json_object_get(object, "hasgroups"));
    claims->expires = read_time(object, "exp");
    claims->not_before = read_time(object, "nbf");
    claims->issued_at = read_time(object, "iat");
    claims->auth_time = read_time(object, "auth_time");
    read_audiences(arena, object, claims);
    json_decref(object);
    return true;
}

/* --- the token ------------------------------------------------------------------------------------ */

static enum jwt_syntax
read_syntax(struct arena *arena, struct jwt *jwt, struct jwt_parts *parts)
{
    if (jwt->text.len > JWT_MAX_BYTES)
        return JWT_TOO_BIG;
    jwt->form = split(jwt->text, parts);
    if (jwt->form == JWT_FORM_NONE)
        return JWT_BAD_PARTS;
    if (!decode_parts(arena, jwt->form, parts))
        return JWT_BAD_BASE64;
    if (!read_header(arena, parts->decoded[0], &jwt->header) || !str_present(jwt->header.alg))
        return JWT_BAD_HEADER;
    return JWT_SYNTAX_OK;
}

static struct jwt *
read_token(struct arena *arena, struct str text, const struct jwt_options *options, bool may_nest)
{
    struct jwt *jwt = arena_alloc(arena, sizeof(*jwt));
    struct jwt_parts parts = { 0 };

    if (jwt == NULL)
        return NULL;
    jwt->text = text;
    jwt->syntax = read_syntax(arena, jwt, &parts);
    if (jwt->syntax != JWT_SYNTAX_OK) {
        jwt->signature = JWS_MALFORMED;
        jwt->decryption = JWE_MALFORMED;
    } else if (jwt->form == JWT_FORM_JWS) {
        jwt->payload = parts.decoded[1];
    } else {
        jwe_decrypt(arena, jwt, &parts, options);
        if (may_nest && jwt_looks_like(jwt->payload))
            jwt->inner = read_token(arena, jwt->payload, options, false);
    }
    if (str_present(jwt->payload) && jwt->inner == NULL && !read_claims(arena, jwt->payload, &jwt->claims))
        jwt->syntax = JWT_BAD_PAYLOAD;
    if (jwt->form == JWT_FORM_JWS && jwt->signature != JWS_MALFORMED)
        jws_verify(arena, jwt, &parts, options); /* the claims say whose keys count */
    return arena_failed(arena) ? NULL : jwt;
}

struct jwt *
jwt_read(struct arena *arena, struct str text, const struct jwt_options *options)
{
    return read_token(arena, text, options, true);
}

/* --- names ---------------------------------------------------------------------------------------- */

const char *
jwt_syntax_name(enum jwt_syntax syntax)
{
    static const char *const names[JWT_SYNTAX_COUNT] = {
        [JWT_SYNTAX_OK] = "ok",          [JWT_TOO_BIG] = "too-big",       [JWT_BAD_PARTS] = "bad-parts",
        [JWT_BAD_BASE64] = "bad-base64", [JWT_BAD_HEADER] = "bad-header", [JWT_BAD_PAYLOAD] = "bad-payload",
    };

    return (unsigned)syntax < JWT_SYNTAX_COUNT ? names[syntax] : "unknown";
}

const char *
jws_result_name(enum jws_result result)
{
    static const char *const names[JWS_RESULT_COUNT] = {
        [JWS_NOT_CHECKED] = "not-checked", [JWS_VALID] = "valid",     [JWS_INVALID] = "invalid",
        [JWS_NO_KEY] = "no-key",           [JWS_REFUSED] = "refused", [JWS_UNSUPPORTED] = "unsupported",
        [JWS_MALFORMED] = "malformed",
    };

    return (unsigned)result < JWS_RESULT_COUNT ? names[result] : "unknown";
}

const char *
jwe_result_name(enum jwe_result result)
{
    static const char *const names[JWE_RESULT_COUNT] = {
        [JWE_NOT_TRIED] = "not-tried", [JWE_OPENED] = "opened",           [JWE_WRONG_KEY] = "wrong-key",
        [JWE_REFUSED] = "refused",     [JWE_UNSUPPORTED] = "unsupported", [JWE_MALFORMED] = "malformed",
        [JWE_TOO_BIG] = "too-big",
    };

    return (unsigned)result < JWE_RESULT_COUNT ? names[result] : "unknown";
}
