/* SPDX-License-Identifier: MIT */
#include "saml_maker.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "xstime.h"

struct maker_key {
    const char *name;
    const char *algorithm; /* NULL: shares the key of `of` */
    int bits;
    const char *of;
    const char *subject;
    const char *not_before;
    const char *not_after;
};

static const struct maker_key table[] = {
    { "idp", "RSA", 2048, NULL, "idp.example.com", "2025-01-01T00:00:00Z", "2035-01-01T00:00:00Z" },
    { "idp-renewed", NULL, 0, "idp", "idp.example.com", "2025-11-01T00:00:00Z", "2036-01-01T00:00:00Z" },
    { "idp-next", "RSA", 2048, NULL, "idp.example.com", "2025-11-01T00:00:00Z", "2036-01-01T00:00:00Z" },
    { "idp-expired", NULL, 0, "idp", "idp.example.com", "2016-01-01T00:00:00Z", "2021-01-01T00:00:00Z" },
    { "idp-expiring", NULL, 0, "idp", "idp.example.com", "2025-01-01T00:00:00Z", "2026-02-01T00:00:00Z" },
    { "idp-future", NULL, 0, "idp", "idp.example.com", "2027-01-01T00:00:00Z", "2037-01-01T00:00:00Z" },
    { "other", "RSA", 2048, NULL, "other.example.net", "2025-01-01T00:00:00Z", "2035-01-01T00:00:00Z" },
    { "sp", "RSA", 2048, NULL, "sp.example.com", "2025-01-01T00:00:00Z", "2035-01-01T00:00:00Z" },
    { "small", "RSA", 1024, NULL, "idp.example.com", "2025-01-01T00:00:00Z", "2035-01-01T00:00:00Z" },
    { "tiny", "RSA", 512, NULL, "idp.example.com", "2025-01-01T00:00:00Z", "2035-01-01T00:00:00Z" },
    { "adfs", "RSA", 2048, NULL, "ADFS Signing - fs.example.com", "2025-01-01T00:00:00Z", "2026-03-01T00:00:00Z" },
    { "adfs-next", "RSA", 2048, NULL, "ADFS Signing - fs.example.com", "2025-12-01T00:00:00Z", "2036-01-01T00:00:00Z" },
    { "ec", "EC", 256, NULL, "idp.example.com", "2025-01-01T00:00:00Z", "2035-01-01T00:00:00Z" },
    { "ec-224", "EC", 224, NULL, "idp.example.com", "2025-01-01T00:00:00Z", "2035-01-01T00:00:00Z" },
    { "ed25519", "ED25519", 0, NULL, "idp.example.com", "2025-01-01T00:00:00Z", "2035-01-01T00:00:00Z" },
};

/* What has been made so far; one test program is one thread. */
static struct made {
    EVP_PKEY *key;
    X509 *certificate;
    char *base64;
    char *pem;
    char *private_pem;
    char sha256[65];
} made[COUNT_OF(table)];

static size_t
index_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (strcmp(table[i].name, name) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

EVP_PKEY *
saml_maker_key(const char *name)
{
    size_t i = index_of(name);
    if (i == SIZE_MAX) {
        return NULL;
    }
    if (!table[i].algorithm) {
        return saml_maker_key(table[i].of);
    }
    if (made[i].key) {
        return made[i].key;
    }
    if (strcmp(table[i].algorithm, "RSA") == 0) {
        made[i].key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)table[i].bits);
    } else if (strcmp(table[i].algorithm, "EC") == 0) {
        made[i].key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", table[i].bits == 224 ? "P-224" : "P-256");
    } else {
        made[i].key = EVP_PKEY_Q_keygen(NULL, NULL, table[i].algorithm);
    }
    if (!made[i].key) {
        abort();
    }
    return made[i].key;
}

static void
forget_certificate(size_t i)
{
    X509_free(made[i].certificate);
    free(made[i].base64);
    free(made[i].pem);
    made[i].certificate = NULL;
    made[i].base64 = NULL;
    made[i].pem = NULL;
}

/* Takes the BIO; gives its content as a C string. */
static char *
bio_text(BIO *bio)
{
    char *bytes = NULL;
    long len = BIO_get_mem_data(bio, &bytes);
    char *text = malloc((size_t)len + 1);
    if (!text) {
        abort();
    }
    memcpy(text, bytes, (size_t)len);
    text[len] = '\0';
    BIO_free(bio);
    return text;
}

static void
make_certificate(size_t i, int64_t not_before_ms, int64_t not_after_ms)
{
    EVP_PKEY *key = saml_maker_key(table[i].name);
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_NAME_new();
    if (!certificate || !subject ||
        !X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)table[i].subject, -1, -1, 0) ||
        !X509_set_version(certificate, X509_VERSION_3) ||
        !ASN1_INTEGER_set(X509_get_serialNumber(certificate), (long)(1000 + i)) ||
        !X509_set_subject_name(certificate, subject) || !X509_set_issuer_name(certificate, subject) ||
        !ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)(not_before_ms / 1000)) ||
        !ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)(not_after_ms / 1000)) ||
        !X509_set_pubkey(certificate, key) ||
        !X509_sign(certificate, key, EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256())) {
        abort();
    }
    X509_NAME_free(subject);
    forget_certificate(i);
    made[i].certificate = certificate;

    unsigned char *der = NULL;
    int der_len = i2d_X509(certificate, &der);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    if (der_len <= 0 || !X509_digest(certificate, EVP_sha256(), digest, &digest_len)) {
        abort();
    }
    for (unsigned d = 0; d < digest_len; d++) {
        snprintf(made[i].sha256 + 2 * d, 3, "%02x", digest[d]);
    }
    struct buf base64;
    buf_init(&base64, 1 << 20);
    saml_maker_base64((struct str){ (const char *)der, (size_t)der_len }, &base64);
    made[i].base64 = buf_detach(&base64, NULL);
    OPENSSL_free(der);
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio || !made[i].base64 || !PEM_write_bio_X509(bio, certificate)) {
        abort();
    }
    made[i].pem = bio_text(bio);
}

void
saml_maker_set_key(const char *name, EVP_PKEY *key)
{
    size_t i = index_of(name);
    if (i == SIZE_MAX) {
        abort();
    }
    if (made[i].key == key) {
        return;
    }
    if (!EVP_PKEY_up_ref(key)) {
        abort();
    }
    forget_certificate(i);
    free(made[i].private_pem);
    made[i].private_pem = NULL;
    EVP_PKEY_free(made[i].key);
    made[i].key = key;
}

static const struct made *
with_certificate(const char *name)
{
    size_t i = index_of(name);
    if (i == SIZE_MAX) {
        return NULL;
    }
    if (!made[i].certificate) {
        struct xstime not_before, not_after;
        if (!xstime_parse(str_from(table[i].not_before), &not_before) ||
            !xstime_parse(str_from(table[i].not_after), &not_after)) {
            abort();
        }
        make_certificate(i, not_before.ms, not_after.ms);
    }
    return &made[i];
}

void
saml_maker_set_dates(const char *name, int64_t not_before_ms, int64_t not_after_ms)
{
    size_t i = index_of(name);
    if (i == SIZE_MAX) {
        abort();
    }
    make_certificate(i, not_before_ms, not_after_ms);
}

const char *
saml_maker_certificate_base64(const char *name)
{
    const struct made *one = with_certificate(name);
    return one ? one->base64 : NULL;
}

const char *
saml_maker_certificate_pem(const char *name)
{
    const struct made *one = with_certificate(name);
    return one ? one->pem : NULL;
}

const char *
saml_maker_certificate_sha256(const char *name)
{
    const struct made *one = with_certificate(name);
    return one ? one->sha256 : NULL;
}

const char *
saml_maker_private_pem(const char *name)
{
    size_t i = index_of(name);
    if (i == SIZE_MAX) {
        return NULL;
    }
    if (!made[i].private_pem) {
        BIO *bio = BIO_new(BIO_s_mem());
        if (!bio || !PEM_write_bio_PrivateKey(bio, saml_maker_key(name), NULL, NULL, 0, NULL, NULL)) {
            abort();
        }
        made[i].private_pem = bio_text(bio);
    }
    return made[i].private_pem;
}

void
saml_maker_release(void)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        forget_certificate(i);
        EVP_PKEY_free(made[i].key);
        free(made[i].private_pem);
        memset(&made[i], 0, sizeof(made[i]));
    }
}
