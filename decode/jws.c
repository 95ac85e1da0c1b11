/* SPDX-License-Identifier: MIT */
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "jose_parts.h"

enum { MAX_TRIED = 32, MAX_DER = 160, MAX_NAME = 64 };

struct algorithm {
    const char *name;
    enum jwk_type type;
    const char *digest; /* NULL: the signature scheme has its own */
    const char *curve;  /* NULL: any */
    size_t half;        /* EC: bytes of r and of s */
    bool pss;
};

/* Within a scheme the weaker hash comes first. */
static const struct algorithm algorithms[] = {
    { .name = "RS256", .type = JWK_RSA, .digest = "SHA256" },
    { .name = "RS384", .type = JWK_RSA, .digest = "SHA384" },
    { .name = "RS512", .type = JWK_RSA, .digest = "SHA512" },
    { .name = "PS256", .type = JWK_RSA, .digest = "SHA256", .pss = true },
    { .name = "PS384", .type = JWK_RSA, .digest = "SHA384", .pss = true },
    { .name = "PS512", .type = JWK_RSA, .digest = "SHA512", .pss = true },
    { .name = "ES256", .type = JWK_EC, .digest = "SHA256", .curve = "P-256", .half = 32 },
    { .name = "ES384", .type = JWK_EC, .digest = "SHA384", .curve = "P-384", .half = 48 },
    { .name = "ES512", .type = JWK_EC, .digest = "SHA512", .curve = "P-521", .half = 66 },
    { .name = "EdDSA", .type = JWK_OKP, .curve = "Ed25519" },
};

static const struct algorithm *
algorithm_named(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(algorithms); i++)
        if (str_eq_c(name, algorithms[i].name))
            return &algorithms[i];
    return NULL;
}

/*
 * Whether a key's own "alg" lets it verify this algorithm. A stronger hash of the same RSA scheme is let
 * through and noted, a weaker one is a downgrade. ES521, an old misspelling of ES512, stands for it.
 */
static bool
key_algorithm_allows(const struct jwk *jwk, const struct algorithm *algorithm)
{
    const struct algorithm *own;

    if (jwk->alg.len == 0)
        return true;
    own = algorithm_named(str_eq_c(jwk->alg, "ES521") ? STR("ES512") : jwk->alg);
    if (own == NULL)
        return false;
    return own == algorithm ||
           (own->type == JWK_RSA && algorithm->type == JWK_RSA && own->pss == algorithm->pss && own < algorithm);
}

static bool
is_usable(const struct jwk *jwk, const struct algorithm *algorithm)
{
    const char *curve;

    if (jwk->key == NULL || jwk->type != algorithm->type || !jwk->may_verify ||
        (jwk->use.len > 0 && !str_eq_c(jwk->use, "sig")) || !key_algorithm_allows(jwk, algorithm))
        return false;
    curve = jwk_curve(jwk->key);
    return algorithm->curve == NULL || (curve != NULL && strcmp(curve, algorithm->curve) == 0);
}

/* r and s in a row (RFC 7518 3.4) to the DER form that OpenSSL takes. Returns its length, 0 on failure. */
static size_t
der_of(struct str raw, size_t half, unsigned char der[MAX_DER])
{
    const unsigned char *bytes = (const unsigned char *)raw.ptr;
    ECDSA_SIG *signature = raw.len == 2 * half ? ECDSA_SIG_new() : NULL;
    BIGNUM *r = NULL, *s = NULL;
    unsigned char *out = der;
    int len = 0;

    if (signature == NULL)
        return 0;
    r = BN_bin2bn(bytes, (int)half, NULL);
    s = BN_bin2bn(bytes + half, (int)half, NULL);
    if (r == NULL || s == NULL || ECDSA_SIG_set0(signature, r, s) != 1) {
        BN_free(r);
        BN_free(s);
    } else if (i2d_ECDSA_SIG(signature, NULL) <= MAX_DER) {
        len = i2d_ECDSA_SIG(signature, &out);
    }
    ECDSA_SIG_free(signature);
    return len > 0 ? (size_t)len : 0;
}

static bool
verifies(EVP_PKEY *key, const struct algorithm *algorithm, struct str signed_text, struct str signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const unsigned char *bytes = (const unsigned char *)signature.ptr;
    EVP_PKEY_CTX *parameters = NULL;
    unsigned char der[MAX_DER];
    size_t len = signature.len;
    bool ok = context != NULL && len > 0;

    if (ok && algorithm->half > 0) {
        len = der_of(signature, algorithm->half, der);
        bytes = der;
        ok = len > 0;
    }
    ok = ok && EVP_DigestVerifyInit_ex(context, &parameters, algorithm->digest, NULL, NULL, key, NULL) == 1;
    if (ok && algorithm->pss)
        ok = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
    ok = ok && EVP_DigestVerify(context, bytes, len, (const unsigned char *)signed_text.ptr, signed_text.len) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return ok;
}

/* Why a token is not verified whatever the key; absent: it may be. */
static struct str
refusal(struct arena *arena, const struct jose_header *header)
{
    if (str_eq_nocase(header->alg, STR("none")))
        return arena_printf(arena, "alg %.*s: the token carries no signature",
                            STR_ARG(str_slice(header->alg, 0, MAX_NAME)));
    if (str_starts_nocase(header->alg, STR("HS")))
        return arena_printf(arena, "alg %.*s: a shared secret, which cannot be checked against public keys",
                            STR_ARG(str_slice(header->alg, 0, MAX_NAME)));
    if (str_present(header->critical))
        return arena_printf(arena, "crit names extensions that are not understood: %.*s",
                            STR_ARG(str_slice(header->critical, 0, 4 * MAX_NAME)));
    return (struct str){ 0 };
}

/* Tries the keys of that kid (or, with others, those of another kid). Returns the one that verifies. */
static const struct jwk *
search(const struct jwk_set *keys, const struct jwt *jwt, const struct algorithm *algorithm, struct str signed_text,
       struct str signature, bool others, size_t *tried)
{
    *tried = 0;
    for (size_t i = 0; i < jwk_set_count(keys) && *tried < MAX_TRIED; i++) {
        const struct jwk *jwk = jwk_set_at(keys, i);
        bool named = !str_present(jwt->header.kid) || str_eq(jwk->kid, jwt->header.kid);

        if (named == others || !is_usable(jwk, algorithm))
            continue;
        ++*tried;
        if (verifies(jwk->key, algorithm, signed_text, signature))
            return jwk;
    }
    return NULL;
}

/* Why none of the keys of that kid could be used; absent: there is none of that kid. */
static struct str
key_problem(struct arena *arena, const struct jwk_set *keys, const struct jwt *jwt)
{
    for (size_t i = 0; i < jwk_set_count(keys); i++) {
        const struct jwk *jwk = jwk_set_at(keys, i);

        if (str_present(jwt->header.kid) && !str_eq(jwk->kid, jwt->header.kid))
            continue;
        if (jwk->problem != NULL)
            return arena_printf(arena, "the key of that kid cannot be used: %s", jwk->problem);
        return arena_printf(arena, "the key of that kid is not for %.*s (use \"%.*s\", alg \"%.*s\")",
                            STR_ARG(str_slice(jwt->header.alg, 0, MAX_NAME)), STR_ARG(jwk->use), STR_ARG(jwk->alg));
    }
    return (struct str){ 0 };
}

/* What is verified: the text of the first two parts, and the octets of the third. */
struct signed_part {
    const struct algorithm *algorithm;
    struct str text;
    struct str signature;
};

/* Fills what one set says of the token. */
static void
try_set(struct arena *arena, struct jwt *jwt, const struct signed_part *part, const struct jwk_set *keys)
{
    size_t tried, tried_others;
    const struct jwk *jwk = search(keys, jwt, part->algorithm, part->text, part->signature, false, &tried);

    if (jwk != NULL) {
        jwt->signature = JWS_VALID;
        jwt->signed_by = str_present(jwk->kid) ? jwk->kid : STR("");
        jwt->key_algorithm_differs = jwk->alg.len > 0 && !str_eq(jwk->alg, jwt->header.alg);
        return;
    }
    jwt->signature = tried > 0 ? JWS_INVALID : JWS_NO_KEY;
    if (tried == 0)
        jwt->detail = key_problem(arena, keys, jwt);
    jwk = search(keys, jwt, part->algorithm, part->text, part->signature, true, &tried_others);
    if (jwk != NULL)
        jwt->would_verify = str_present(jwk->kid) ? jwk->kid : STR("");
}

static struct str
host_of(struct str url)
{
    size_t at = str_find_c(url, "://"), end = 0;
    struct str rest = at == SIZE_MAX ? STR("") : str_from_offset(url, at + 3);

    while (end < rest.len && str_find_byte(STR("/?#"), rest.ptr[end]) == SIZE_MAX)
        end++;
    return str_slice(rest, 0, end);
}

static bool
is_of_issuer(const struct jwt *jwt, struct str origin)
{
    struct str host = host_of(jwt->claims.issuer);

    return str_starts_c(origin, "https://") && host.len > 0 && str_eq_nocase(host, host_of(origin));
}

/* Sets that were seen may belong to anybody: only the issuer's own can say that a signature is not its. */
static void
try_seen(struct arena *arena, struct jwt *jwt, const struct signed_part *part, const struct jwt_options *options)
{
    struct jwt before = *jwt;

    for (size_t i = 0; i < options->seen_count && jwt->signature != JWS_VALID; i++) {
        struct jwt attempt = before;

        attempt.detail = (struct str){ 0 };
        attempt.keys_seen_at = jwk_set_origin(options->seen[i]);
        attempt.keys_of_issuer = is_of_issuer(jwt, attempt.keys_seen_at);
        try_set(arena, &attempt, part, options->seen[i]);
        if (attempt.signature == JWS_VALID || (attempt.keys_of_issuer && jwt->signature == JWS_NOT_CHECKED))
            *jwt = attempt;
    }
}

void
jws_verify(struct arena *arena, struct jwt *jwt, const struct jwt_parts *parts, const struct jwt_options *options)
{
    struct signed_part part = {
        .algorithm = algorithm_named(jwt->header.alg),
        .text = { parts->encoded[0].ptr, parts->encoded[0].len + 1 + parts->encoded[1].len },
        .signature = parts->decoded[2],
    };

    jwt->detail = refusal(arena, &jwt->header);
    if (str_present(jwt->detail)) {
        jwt->signature = JWS_REFUSED;
        return;
    }
    if (part.algorithm == NULL) {
        jwt->signature = JWS_UNSUPPORTED;
        jwt->detail =
            arena_printf(arena, "alg %.*s is not supported", STR_ARG(str_slice(jwt->header.alg, 0, MAX_NAME)));
        return;
    }
    if (jwk_set_count(options->verify) > 0)
        try_set(arena, jwt, &part, options->verify);
    if (jwt->signature == JWS_NOT_CHECKED || jwt->signature == JWS_NO_KEY)
        try_seen(arena, jwt, &part, options);
}
