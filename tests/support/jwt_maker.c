/* SPDX-License-Identifier: MIT */
#include "jwt_maker.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "saml_maker.h"

enum { MAX_SIGNATURE = 1024, MAX_NUMBER = 512, HALF = 32 };

struct str
jwt_maker_base64url(struct arena *arena, const void *bytes, size_t len)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    saml_maker_base64((struct str){ bytes, len }, &out);
    struct str text = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    char *p = (char *)(uintptr_t)text.ptr;
    for (size_t i = 0; i < text.len; i++) {
        p[i] = (char)(p[i] == '+' ? '-' : p[i] == '/' ? '_' : p[i]);
    }
    while (text.len > 0 && text.ptr[text.len - 1] == '=') {
        text.len--;
    }
    return text;
}

/* DER to r and s in a row. */
static size_t
raw_of(unsigned char *signature, size_t len)
{
    const unsigned char *in = signature;
    ECDSA_SIG *parts = d2i_ECDSA_SIG(NULL, &in, (long)len);
    unsigned char raw[2 * HALF];
    if (!parts || BN_bn2binpad(ECDSA_SIG_get0_r(parts), raw, HALF) != HALF ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parts), raw + HALF, HALF) != HALF) {
        abort();
    }
    ECDSA_SIG_free(parts);
    memcpy(signature, raw, sizeof(raw));
    return sizeof(raw);
}

struct str
jwt_maker_sign(struct arena *arena, const char *key, const char *alg, struct str header, struct str claims)
{
    struct str first = jwt_maker_base64url(arena, header.ptr, header.len);
    struct str second = jwt_maker_base64url(arena, claims.ptr, claims.len);
    struct str text = arena_printf(arena, "%.*s.%.*s", STR_ARG(first), STR_ARG(second));
    unsigned char signature[MAX_SIGNATURE];
    size_t len = sizeof(signature);
    if (strcmp(alg, "none") == 0 || strncmp(alg, "HS", 2) == 0) {
        return arena_printf(arena, "%.*s.", STR_ARG(text));
    }
    const char *digest = strcmp(alg, "EdDSA") == 0 ? NULL : strcmp(alg, "RS384") == 0 ? "SHA384" : "SHA256";
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    bool ok = EVP_DigestSignInit_ex(context, &parameters, digest, NULL, NULL, saml_maker_key(key), NULL) == 1;
    if (ok && strncmp(alg, "PS", 2) == 0) {
        ok = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
    }
    if (!ok || EVP_DigestSign(context, signature, &len, (const unsigned char *)text.ptr, text.len) != 1) {
        abort();
    }
    EVP_MD_CTX_free(context);
    if (strncmp(alg, "ES", 2) == 0) {
        len = raw_of(signature, len);
    }
    return arena_printf(arena, "%.*s.%.*s", STR_ARG(text), STR_ARG(jwt_maker_base64url(arena, signature, len)));
}

static struct str
number(struct arena *arena, const EVP_PKEY *key, const char *name, int pad)
{
    unsigned char bytes[MAX_NUMBER];
    BIGNUM *value = NULL;
    if (EVP_PKEY_get_bn_param(key, name, &value) != 1) {
        abort();
    }
    int len = pad > 0 ? BN_bn2binpad(value, bytes, pad) : BN_bn2bin(value, bytes);
    BN_free(value);
    return jwt_maker_base64url(arena, bytes, (size_t)len);
}

static struct str
jwk(struct arena *arena, const char *name)
{
    EVP_PKEY *key = saml_maker_key(name);
    if (!key) {
        abort();
    }
    if (EVP_PKEY_is_a(key, "RSA")) {
        return arena_printf(arena, "{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"%s\",\"n\":\"%.*s\",\"e\":\"%.*s\"}",
                            name, STR_ARG(number(arena, key, OSSL_PKEY_PARAM_RSA_N, 0)),
                            STR_ARG(number(arena, key, OSSL_PKEY_PARAM_RSA_E, 0)));
    }
    if (EVP_PKEY_is_a(key, "EC")) {
        return arena_printf(arena, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\",\"x\":\"%.*s\",\"y\":\"%.*s\"}",
                            name, STR_ARG(number(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, HALF)),
                            STR_ARG(number(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, HALF)));
    }
    unsigned char raw[HALF];
    size_t len = sizeof(raw);
    EVP_PKEY_get_raw_public_key(key, raw, &len);
    return arena_printf(arena, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%s\",\"x\":\"%.*s\"}", name,
                        STR_ARG(jwt_maker_base64url(arena, raw, len)));
}

struct str
jwt_maker_jwks(struct arena *arena, struct str names)
{
    struct str list = STR("");
    while (names.len > 0) {
        struct str word, tail;
        str_cut(names, ' ', &word, &tail);
        names = tail;
        list = arena_printf(arena, "%.*s%s%.*s", STR_ARG(list), list.len > 0 ? "," : "",
                            STR_ARG(jwk(arena, arena_copy(arena, word).ptr)));
    }
    return arena_printf(arena, "{\"keys\":[%.*s]}", STR_ARG(list));
}

static struct str
make_token(struct arena *arena, struct str words)
{
    struct str command, kid = { 0 }, key, alg, claims, rest;
    str_cut(words, ' ', &command, &rest);
    if (str_eq_c(command, "jwt-kid")) {
        str_cut(rest, ' ', &kid, &rest);
    }
    str_cut(rest, ' ', &key, &rest);
    str_cut(rest, ' ', &alg, &claims);
    struct str header = arena_printf(arena, "{\"alg\":\"%.*s\",\"kid\":\"%.*s\",\"typ\":\"JWT\"}", STR_ARG(alg),
                                     STR_ARG(str_present(kid) ? kid : key));
    return jwt_maker_sign(arena, arena_copy(arena, key).ptr, arena_copy(arena, alg).ptr, header, claims);
}

struct str
jwt_maker_fill(struct arena *arena, struct str text)
{
    size_t at, end;
    while ((at = str_find_c(text, "{{jwt")) != SIZE_MAX &&
           (end = str_find_c(str_from_offset(text, at), "}}}")) != SIZE_MAX) {
        struct str token = make_token(arena, str_slice(text, at + 2, end - 1));
        text = arena_printf(arena, "%.*s%.*s%.*s", STR_ARG(str_slice(text, 0, at)), STR_ARG(token),
                            STR_ARG(str_from_offset(text, at + end + 3)));
    }
    return text;
}
