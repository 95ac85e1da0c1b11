/* SPDX-License-Identifier: MIT */
#include "sign.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "pack.h"

enum { KEY_BITS = 2048, DAY_S = 24 * 60 * 60, MAX_SIGNATURE = KEY_BITS / 8, SERIAL_BITS = 120 };

struct lab_key {
    EVP_PKEY *pair;
    char *certificate; /* base64 of DER */
    size_t certificate_len;
};

struct algorithm {
    const char *digest_uri;
    const char *signature_uri;
    const EVP_MD *(*digest)(void);
};

static const struct algorithm algorithms[] = {
    [LAB_SHA256] = { .digest_uri = "http://www.w3.org/2001/04/xmlenc#sha256",
                     .signature_uri = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                     .digest = EVP_sha256 },
    [LAB_SHA1] = { .digest_uri = "http://www.w3.org/2000/09/xmldsig#sha1",
                   .signature_uri = "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
                   .digest = EVP_sha1 },
};

static bool
set_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    bool done = number != NULL && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;

    BN_free(number);
    return done;
}

static X509 *
self_signed(EVP_PKEY *pair, const char *common_name, int64_t now_s)
{
    X509 *certificate = X509_new();
    X509_NAME *name = NULL;

    if (certificate == NULL)
        return NULL;
    name = X509_get_subject_name(certificate);
    if (X509_set_version(certificate, X509_VERSION_3) != 1 || !set_serial(certificate) ||
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0) != 1 ||
        X509_set_issuer_name(certificate, name) != 1 ||
        ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)(now_s - DAY_S)) == NULL ||
        ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)(now_s + 365 * (int64_t)DAY_S)) == NULL ||
        X509_set_pubkey(certificate, pair) != 1 || X509_sign(certificate, pair, EVP_sha256()) == 0) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

/* Gives base64 without line breaks (malloc'd), or NULL. */
static char *
base64_of(const unsigned char *bytes, size_t len, size_t *text_len)
{
    char *text = malloc(4 * ((len + 2) / 3) + 1);

    if (text != NULL)
        *text_len = (size_t)EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
    return text;
}

struct lab_key *
lab_key_new(const char *common_name, int64_t now_s)
{
    struct lab_key *key = calloc(1, sizeof(*key));
    X509 *certificate = NULL;
    unsigned char *der = NULL;
    int der_len = -1;

    if (key == NULL)
        return NULL;
    key->pair = EVP_RSA_gen(KEY_BITS);
    if (key->pair != NULL)
        certificate = self_signed(key->pair, common_name, now_s);
    if (certificate != NULL)
        der_len = i2d_X509(certificate, &der);
    if (der_len > 0)
        key->certificate = base64_of(der, (size_t)der_len, &key->certificate_len);
    OPENSSL_free(der);
    X509_free(certificate);
    if (key->certificate == NULL) {
        lab_key_free(key);
        return NULL;
    }
    return key;
}

void
lab_key_free(struct lab_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pair);
    free(key->certificate);
    free(key);
}

EVP_PKEY *
lab_key_pair(const struct lab_key *key)
{
    return key->pair;
}

struct str
lab_key_certificate(const struct lab_key *key)
{
    return (struct str){ key->certificate, key->certificate_len };
}

static struct str
digest_of(struct arena *arena, const EVP_MD *md, struct str bytes)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (EVP_Digest(bytes.ptr, bytes.len, digest, &len, md, NULL) != 1)
        return (struct str){ 0 };
    return lab_base64(arena, (struct str){ (const char *)digest, len });
}

static struct str
signature_of(struct arena *arena, const struct lab_key *key, const EVP_MD *md, struct str bytes)
{
    unsigned char value[MAX_SIGNATURE];
    size_t len = sizeof(value);
    struct str text = { 0 };
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (context != NULL && EVP_DigestSignInit(context, NULL, md, NULL, key->pair) == 1 &&
        EVP_DigestSign(context, value, &len, (const unsigned char *)bytes.ptr, bytes.len) == 1)
        text = lab_base64(arena, (struct str){ (const char *)value, len });
    EVP_MD_CTX_free(context);
    return text;
}

struct str
lab_sign(struct arena *arena, const struct lab_key *key, enum lab_digest digest, struct str element, size_t at,
         struct str id)
{
    const struct algorithm *algorithm = &algorithms[digest];
    struct str digest_value = digest_of(arena, algorithm->digest(), element);
    struct str content, canonical, value, certificate = lab_key_certificate(key);

    content = arena_printf(arena,
                           "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">"
                           "</ds:CanonicalizationMethod>"
                           "<ds:SignatureMethod Algorithm=\"%s\"></ds:SignatureMethod>"
                           "<ds:Reference URI=\"#%.*s\"><ds:Transforms>"
                           "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\">"
                           "</ds:Transform>"
                           "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>"
                           "</ds:Transforms><ds:DigestMethod Algorithm=\"%s\"></ds:DigestMethod>"
                           "<ds:DigestValue>%.*s</ds:DigestValue></ds:Reference></ds:SignedInfo>",
                           algorithm->signature_uri, STR_ARG(id), algorithm->digest_uri, STR_ARG(digest_value));
    /* Standing alone, SignedInfo carries the declaration that it inherits from ds:Signature. */
    canonical =
        arena_printf(arena, "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">%.*s", STR_ARG(content));
    value = signature_of(arena, key, algorithm->digest(), canonical);
    if (!str_present(digest_value) || !str_present(value) || arena_failed(arena))
        return (struct str){ 0 };
    return arena_printf(arena,
                        "%.*s<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>%.*s"
                        "<ds:SignatureValue>%.*s</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
                        "%.*s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>%.*s",
                        STR_ARG(str_slice(element, 0, at)), STR_ARG(content), STR_ARG(value), STR_ARG(certificate),
                        STR_ARG(str_from_offset(element, at)));
}

struct str
lab_random_id(struct arena *arena)
{
    unsigned char bytes[16];
    char hex[2 * sizeof(bytes) + 1];

    /* Without randomness there is no safe id; the generator of OpenSSL fails only when seeding does. */
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return (struct str){ 0 };
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    return arena_printf(arena, "_%s", hex);
}
