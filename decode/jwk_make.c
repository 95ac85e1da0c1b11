/* SPDX-License-Identifier: MIT */
#include "jwk_make.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <string.h>

#include "base64url.h"
#include "json_read.h"

enum { MAX_NUMBER_BYTES = JWK_MAX_RSA_BITS / 8 };

struct curve {
    const char *name;
    const char *group;
    size_t bytes;
};

static const struct curve curves[] = {
    { "P-256", "prime256v1", 32 },
    { "P-384", "secp384r1", 48 },
    { "P-521", "secp521r1", 66 },
};

const char *
jwk_curve(const EVP_PKEY *key)
{
    char group[64];

    if (EVP_PKEY_is_a(key, "ED25519"))
        return "Ed25519";
    if (!EVP_PKEY_is_a(key, "EC") || EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(curves); i++)
        if (strcmp(group, curves[i].group) == 0)
            return curves[i].name;
    return NULL;
}

/* A base64url member as bytes; false when it is not there, is none, or is too long. */
static bool
member_bytes(struct arena *arena, const json_t *jwk, const char *name, struct str *bytes)
{
    struct str text = json_read_text(json_object_get(jwk, name));

    return text.len > 0 && text.len <= MAX_NUMBER_BYTES / 3 * 4 + 4 && base64url_decode(arena, text, bytes);
}

static EVP_PKEY *
from_data(const char *type, bool is_private, OSSL_PARAM_BLD *builder)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (params == NULL || context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* --- RSA ------------------------------------------------------------------------------------------ */

/*
 * The fingerprint of keys made by a weak generator (CVE-2017-15361): modulo every small prime, the
 * modulus is a power of 65537.
 */
static bool
is_weakly_made(const BIGNUM *modulus)
{
    static const unsigned char primes[] = { 3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
                                            47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
                                            107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167 };

    for (size_t i = 0; i < COUNT_OF(primes); i++) {
        BN_ULONG wanted = BN_mod_word(modulus, primes[i]), power = 1;
        bool found = false;

        for (unsigned k = 0; k < primes[i] && !found; k++) {
            found = power == wanted;
            power = power * (65537 % primes[i]) % primes[i];
        }
        if (!found)
            return false;
    }
    return true;
}

static const char *
rsa_problem(const BIGNUM *modulus, const BIGNUM *exponent)
{
    if (BN_num_bits(modulus) < JWK_MIN_RSA_BITS)
        return "the RSA key is shorter than 2048 bits";
    if (BN_num_bits(modulus) > JWK_MAX_RSA_BITS)
        return "the RSA key is longer than 16384 bits";
    if (!BN_is_odd(modulus) || !BN_is_odd(exponent) || BN_is_one(exponent) || BN_num_bits(exponent) > 64)
        return "the RSA modulus or exponent is not sane";
    if (is_weakly_made(modulus))
        return "the RSA key was made by a generator known to be weak (CVE-2017-15361)";
    return NULL;
}

static EVP_PKEY *
make_rsa(struct arena *arena, const json_t *jwk, bool is_private, const char **problem)
{
    static const struct {
        const char *member;
        const char *param;
    } parts[] = {
        { "n", OSSL_PKEY_PARAM_RSA_N },          { "e", OSSL_PKEY_PARAM_RSA_E },
        { "d", OSSL_PKEY_PARAM_RSA_D },          { "p", OSSL_PKEY_PARAM_RSA_FACTOR1 },
        { "q", OSSL_PKEY_PARAM_RSA_FACTOR2 },    { "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1 },
        { "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2 }, { "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
    };
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *numbers[COUNT_OF(parts)] = { NULL };
    size_t count = 2;
    EVP_PKEY *key = NULL;

    *problem = "the RSA members n and e are not base64url";
    if (builder == NULL)
        goto out;
    if (is_private)
        count = json_object_get(jwk, "p") != NULL ? COUNT_OF(parts) : 3;
    for (size_t i = 0; i < count; i++) {
        struct str bytes;

        if (!member_bytes(arena, jwk, parts[i].member, &bytes))
            goto out;
        numbers[i] = BN_bin2bn((const unsigned char *)bytes.ptr, (int)bytes.len, NULL);
        if (numbers[i] == NULL || OSSL_PARAM_BLD_push_BN(builder, parts[i].param, numbers[i]) != 1)
            goto out;
    }
    *problem = rsa_problem(numbers[0], numbers[1]);
    if (*problem != NULL)
        goto out;
    key = from_data("RSA", is_private, builder);
    if (key == NULL)
        *problem = "the RSA numbers make no key";
out:
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        BN_clear_free(numbers[i]);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

/* --- curves --------------------------------------------------------------------------------------- */

static const struct curve *
curve_named(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(curves); i++)
        if (str_eq_c(name, curves[i].name))
            return &curves[i];
    return NULL;
}

/* True when the point is on the curve. */
static bool
is_sound(EVP_PKEY *key)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool sound = context != NULL && EVP_PKEY_public_check(context) == 1;

    EVP_PKEY_CTX_free(context);
    return sound;
}

static EVP_PKEY *
make_ec(struct arena *arena, const json_t *jwk, bool is_private, const char **problem)
{
    const struct curve *curve = curve_named(json_read_text(json_object_get(jwk, "crv")));
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    unsigned char point[1 + 2 * 66] = { 4 };
    struct str x, y, d = { 0 };
    BIGNUM *secret = NULL;
    EVP_PKEY *key = NULL;

    *problem = curve == NULL ? "its curve is none of P-256, P-384, P-521" : "the members x and y make no point";
    if (builder == NULL || curve == NULL || !member_bytes(arena, jwk, "x", &x) || !member_bytes(arena, jwk, "y", &y) ||
        x.len != curve->bytes || y.len != curve->bytes)
        goto out;
    memcpy(point + 1, x.ptr, x.len);
    memcpy(point + 1 + x.len, y.ptr, y.len);
    if (OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * curve->bytes) != 1)
        goto out;
    if (is_private) {
        if (!member_bytes(arena, jwk, "d", &d) || d.len > curve->bytes)
            goto out;
        secret = BN_bin2bn((const unsigned char *)d.ptr, (int)d.len, NULL);
        if (secret == NULL || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, secret) != 1)
            goto out;
    }
    key = from_data("EC", is_private, builder);
    if (key != NULL && !is_sound(key)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
out:
    BN_clear_free(secret);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static EVP_PKEY *
make_okp(struct arena *arena, const json_t *jwk, const char **problem)
{
    struct str x;

    *problem = "its curve is not Ed25519";
    if (!str_eq_c(json_read_text(json_object_get(jwk, "crv")), "Ed25519"))
        return NULL;
    *problem = "the member x makes no key";
    if (!member_bytes(arena, jwk, "x", &x) || x.len != 32)
        return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)x.ptr, x.len);
}

EVP_PKEY *
jwk_make(struct arena *arena, const json_t *jwk, enum jwk_type type, bool is_private, const char **problem)
{
    EVP_PKEY *key = NULL;

    *problem = "its type is none of RSA, EC, OKP";
    if (type == JWK_RSA)
        key = make_rsa(arena, jwk, is_private, problem);
    else if (type == JWK_EC)
        key = make_ec(arena, jwk, is_private, problem);
    else if (type == JWK_OKP)
        key = make_okp(arena, jwk, problem);
    if (key != NULL)
        *problem = NULL;
    return key;
}
