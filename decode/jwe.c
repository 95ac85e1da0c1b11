/* SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "base64url.h"
#include "buf.h"
#include "inflate.h"
#include "jose_parts.h"
#include "json_read.h"
#include "jwe_content.h"
#include "key_set.h"

enum {
    MAX_RSA_SECRET = 2048, /* the widest modulus, in bytes */
    MAX_AGREED = 66,       /* P-521 */
    MAX_PARTY_BYTES = 1024,
    MAX_INFLATED = 256 * 1024,
    MAX_NAME = 64,
};

/* How the content key comes (RFC 7518 4). */
struct management {
    const char *name;
    enum jwk_type type;
    int padding;        /* RSA */
    const char *digest; /* OAEP */
    size_t wrap_bytes;  /* EC: of the key that unwraps the content key; 0: the agreed key is the content key */
};

static const struct management managements[] = {
    { "RSA-OAEP", JWK_RSA, RSA_PKCS1_OAEP_PADDING, "SHA1", 0 },
    { "RSA-OAEP-256", JWK_RSA, RSA_PKCS1_OAEP_PADDING, "SHA256", 0 },
    { "RSA1_5", JWK_RSA, RSA_PKCS1_PADDING, NULL, 0 },
    { "ECDH-ES", JWK_EC, 0, NULL, 0 },
    { "ECDH-ES+A128KW", JWK_EC, 0, NULL, 16 },
    { "ECDH-ES+A192KW", JWK_EC, 0, NULL, 24 },
    { "ECDH-ES+A256KW", JWK_EC, 0, NULL, 32 },
};

/* Everything one decryption needs. */
struct opening {
    struct arena *arena;
    struct jwt *jwt;
    const struct jwt_parts *parts;
    const struct management *management;
    const struct jwe_content *content;
    EVP_PKEY *ephemeral; /* EC; owned */
    struct str party_u;
    struct str party_v;
};

static const struct management *
management_named(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(managements); i++)
        if (str_eq_c(name, managements[i].name))
            return &managements[i];
    return NULL;
}

/* Algorithms whose key is a shared secret or a password: nothing that a receiver's key file holds. */
static bool
is_symmetric(struct str alg)
{
    static const char *const names[] = { "dir", "A128KW", "A192KW", "A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq_c(alg, names[i]))
            return true;
    return str_starts_c(alg, "PBES2-");
}

/* --- the content key ------------------------------------------------------------------------------ */

static size_t
rsa_secret(const struct opening *opening, EVP_PKEY *key, unsigned char secret[JWE_MAX_SECRET])
{
    struct str wrapped = opening->parts->decoded[1];
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    unsigned char out[MAX_RSA_SECRET];
    size_t len = sizeof(out);
    bool ok = context != NULL && EVP_PKEY_get_size(key) <= MAX_RSA_SECRET && EVP_PKEY_decrypt_init(context) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(context, opening->management->padding) == 1;

    if (ok && opening->management->digest != NULL)
        ok = EVP_PKEY_CTX_set_rsa_oaep_md_name(context, opening->management->digest, NULL) == 1 &&
             EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, opening->management->digest, NULL) == 1;
    ok = ok && EVP_PKEY_decrypt(context, out, &len, (const unsigned char *)wrapped.ptr, wrapped.len) == 1 &&
         len == opening->content->key_bytes;
    if (ok)
        memcpy(secret, out, len);
    OPENSSL_cleanse(out, sizeof(out));
    EVP_PKEY_CTX_free(context);
    return ok ? len : 0;
}

/* The other information of the Concat KDF (RFC 7518 4.6.2). */
static void
add_info(const struct opening *opening, size_t key_bytes, struct buf *info)
{
    struct str name =
        str_from(opening->management->wrap_bytes > 0 ? opening->management->name : opening->content->name);

    buf_add_u32(info, (uint32_t)name.len);
    buf_add_str(info, name);
    buf_add_u32(info, (uint32_t)opening->party_u.len);
    buf_add_str(info, opening->party_u);
    buf_add_u32(info, (uint32_t)opening->party_v.len);
    buf_add_str(info, opening->party_v);
    buf_add_u32(info, (uint32_t)key_bytes * 8);
}

static bool
concat_kdf(const struct opening *opening, unsigned char *agreed, size_t agreed_len, unsigned char *out, size_t out_len)
{
    char digest[] = "SHA256";
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SSKDF", NULL);
    EVP_KDF_CTX *context = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    struct buf info;
    bool ok;

    buf_init(&info, 4096);
    add_info(opening, out_len, &info);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, agreed, agreed_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.bytes, info.len),
        OSSL_PARAM_construct_end(),
    };
    ok = context != NULL && !buf_failed(&info) && EVP_KDF_derive(context, out, out_len, params) == 1;
    buf_release(&info);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return ok;
}

static size_t
ec_secret(const struct opening *opening, EVP_PKEY *key, unsigned char secret[JWE_MAX_SECRET])
{
    size_t wrap_bytes = opening->management->wrap_bytes;
    size_t derived_len = wrap_bytes > 0 ? wrap_bytes : opening->content->key_bytes, len = 0;
    unsigned char agreed[MAX_AGREED], derived[JWE_MAX_SECRET];
    size_t agreed_len = sizeof(agreed);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool ok = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
              EVP_PKEY_derive_set_peer(context, opening->ephemeral) == 1 &&
              EVP_PKEY_derive(context, agreed, &agreed_len) == 1 &&
              concat_kdf(opening, agreed, agreed_len, derived, derived_len);

    if (ok && wrap_bytes > 0) {
        len = jwe_key_unwrap(derived, wrap_bytes, opening->parts->decoded[1], secret);
    } else if (ok && opening->parts->decoded[1].len == 0) {
        memcpy(secret, derived, derived_len);
        len = derived_len;
    }
    OPENSSL_cleanse(agreed, sizeof(agreed));
    OPENSSL_cleanse(derived, sizeof(derived));
    EVP_PKEY_CTX_free(context);
    return len == opening->content->key_bytes ? len : 0;
}

/* --- trying the keys ------------------------------------------------------------------------------ */

static bool
opens_with(const struct opening *opening, EVP_PKEY *key, struct str *plaintext)
{
    unsigned char secret[JWE_MAX_SECRET];
    size_t len =
        opening->management->type == JWK_RSA ? rsa_secret(opening, key, secret) : ec_secret(opening, key, secret);
    bool ok = len > 0 && jwe_content_open(opening->arena, opening->content, secret, opening->parts->encoded[0],
                                          &opening->parts->decoded[2], plaintext);

    OPENSSL_cleanse(secret, sizeof(secret));
    ERR_clear_error();
    return ok;
}

static bool
fits(const struct management *management, const EVP_PKEY *key)
{
    return EVP_PKEY_is_a(key, management->type == JWK_RSA ? "RSA" : "EC");
}

static bool
jwk_fits(const struct management *management, const struct jwk *jwk)
{
    return jwk->key != NULL && jwk->is_private && jwk->may_decrypt && fits(management, jwk->key) &&
           (jwk->use.len == 0 || str_eq_c(jwk->use, "enc")) &&
           (jwk->alg.len == 0 || str_eq_c(jwk->alg, management->name));
}

static bool
try_keys(const struct opening *opening, const struct jwt_options *options, struct str *plaintext)
{
    const struct key_set *files = options->private_keys;

    for (size_t i = 0; i < jwk_set_count(options->decrypt); i++) {
        const struct jwk *jwk = jwk_set_at(options->decrypt, i);

        if (jwk_fits(opening->management, jwk) && opens_with(opening, jwk->key, plaintext))
            return true;
    }
    for (size_t i = 0; files != NULL && i < files->decryption_count; i++)
        if (fits(opening->management, files->decryption[i]) && opens_with(opening, files->decryption[i], plaintext))
            return true;
    return false;
}

/* epk, apu and apv of the header. */
static bool
read_agreement(struct opening *opening)
{
    json_t *object = json_read_object(opening->jwt->header.json, JWT_MAX_BYTES);
    struct str u = json_read_text(json_object_get(object, "apu"));
    struct str v = json_read_text(json_object_get(object, "apv"));
    char *epk = json_dumps(json_object_get(object, "epk"), JSON_COMPACT);
    bool ok = epk != NULL && u.len <= MAX_PARTY_BYTES && v.len <= MAX_PARTY_BYTES &&
              jwk_read_public(str_from(epk), &opening->ephemeral) &&
              base64url_decode(opening->arena, u, &opening->party_u) &&
              base64url_decode(opening->arena, v, &opening->party_v);

    free(epk);
    json_decref(object);
    return ok;
}

/* The decrypted bytes as content: "zip" taken back. */
static enum jwe_result
take_content(const struct opening *opening, struct str plaintext)
{
    struct jwt *jwt = opening->jwt;
    enum inflate_result result;
    size_t used;

    if (!str_present(jwt->header.zip)) {
        jwt->payload = plaintext;
        return JWE_OPENED;
    }
    result = inflate_bytes(opening->arena, plaintext, INFLATE_RAW, MAX_INFLATED, &jwt->payload, &used);
    if (result == INFLATE_OK)
        return JWE_OPENED;
    jwt->payload = (struct str){ 0 };
    jwt->detail = STR("the compressed content cannot be inflated");
    return result == INFLATE_TOO_LARGE ? JWE_TOO_BIG : JWE_MALFORMED;
}

/* What the header asks for that we refuse or do not know; false with result and detail set. */
static bool
header_is_taken(struct opening *opening)
{
    const struct jose_header *header = &opening->jwt->header;
    struct jwt *jwt = opening->jwt;

    jwt->decryption = JWE_UNSUPPORTED;
    if (is_symmetric(header->alg)) {
        jwt->decryption = JWE_REFUSED;
        jwt->detail = arena_printf(opening->arena, "alg %.*s: a shared secret or password",
                                   STR_ARG(str_slice(header->alg, 0, MAX_NAME)));
    } else if (str_present(header->critical)) {
        jwt->decryption = JWE_REFUSED;
        jwt->detail = arena_printf(opening->arena, "crit names extensions that are not understood: %.*s",
                                   STR_ARG(str_slice(header->critical, 0, 4 * MAX_NAME)));
    } else if (opening->management == NULL) {
        jwt->detail =
            arena_printf(opening->arena, "alg %.*s is not supported", STR_ARG(str_slice(header->alg, 0, MAX_NAME)));
    } else if (opening->content == NULL) {
        jwt->detail =
            arena_printf(opening->arena, "enc %.*s is not supported", STR_ARG(str_slice(header->enc, 0, MAX_NAME)));
    } else if (str_present(header->zip) && !str_eq_c(header->zip, "DEF")) {
        jwt->detail =
            arena_printf(opening->arena, "zip %.*s is not supported", STR_ARG(str_slice(header->zip, 0, MAX_NAME)));
    } else {
        return true;
    }
    return false;
}

void
jwe_decrypt(struct arena *arena, struct jwt *jwt, const struct jwt_parts *parts, const struct jwt_options *options)
{
    struct opening opening = {
        .arena = arena,
        .jwt = jwt,
        .parts = parts,
        .management = management_named(jwt->header.alg),
        .content = jwe_content_named(jwt->header.enc),
    };
    struct str plaintext = { 0 };

    if (!header_is_taken(&opening))
        return;
    jwt->decryption = JWE_NOT_TRIED;
    if (jwk_set_count(options->decrypt) == 0 &&
        (options->private_keys == NULL || options->private_keys->decryption_count == 0))
        return;
    if (opening.management->type == JWK_EC && !read_agreement(&opening)) {
        jwt->decryption = JWE_MALFORMED;
        jwt->detail = STR("the header's epk is no point of a curve that we know, or apu/apv are not base64url");
    } else if (try_keys(&opening, options, &plaintext)) {
        jwt->decryption = take_content(&opening, plaintext);
    } else {
        jwt->decryption = JWE_WRONG_KEY;
        jwt->detail = STR("no given private key opens it, or it was altered");
    }
    EVP_PKEY_free(opening.ephemeral);
}
