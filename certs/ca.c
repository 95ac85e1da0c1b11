/* SPDX-License-Identifier: MIT */
#include "ca.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "ca_parts.h"

enum { MAX_DAYS = 825, BACKDATE_S = 3600, MAX_COMMON_NAME = 64, SERIAL_BYTES = 16 };

static const char out_of_memory[] = "out of memory or no entropy";

bool
certificate_begin(X509 *certificate, int64_t not_before_s, int64_t not_after_s)
{
    unsigned char serial[SERIAL_BYTES];

    if (RAND_bytes(serial, sizeof serial) != 1)
        return false;
    serial[0] = (serial[0] & 0x3f) | 0x40; /* positive and always 16 bytes long */
    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_STRING_set(X509_get_serialNumber(certificate), serial, sizeof serial) == 1 &&
           ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)not_before_s) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)not_after_s) != NULL;
}

bool
certificate_add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    bool ok;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

/* A DNS name that may stand in a constraint: letters, digits, hyphens, dots. */
static bool
is_dns_name(const char *host)
{
    size_t len = strlen(host);

    if (len == 0 || len > 253 || host[0] == '.' || host[len - 1] == '.')
        return false;
    return strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == len;
}

/*
 * Permitted: the hosts (and, by RFC 5280 4.2.1.10, their sub-domains). Excluded: every IP address,
 * because constraints on DNS names alone leave certificates for addresses unconstrained.
 */
static bool
add_name_constraints(X509 *certificate, const char *const *hosts, size_t count)
{
    struct buf value;
    bool ok;

    buf_init(&value, 1 << 20);
    buf_add_c(&value, "critical");
    for (size_t i = 0; i < count; i++)
        buf_printf(&value, ",permitted;DNS:%s", hosts[i]);
    buf_add_c(&value, ",excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0");
    ok = !buf_failed(&value) && certificate_add_extension(certificate, certificate, NID_name_constraints, value.bytes);
    buf_release(&value);
    return ok;
}

static bool
fill_root(X509 *certificate, EVP_PKEY *key, const struct ca_options *options)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    const unsigned char *name = (const unsigned char *)options->name;

    return certificate_begin(certificate, options->now_s - BACKDATE_S,
                             options->now_s + (int64_t)options->days * 86400) &&
           X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           certificate_add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           certificate_add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           certificate_add_extension(certificate, certificate, NID_ext_key_usage, "serverAuth") &&
           certificate_add_extension(certificate, certificate, NID_subject_key_identifier, "hash") &&
           (options->host_count == 0 || add_name_constraints(certificate, options->hosts, options->host_count)) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

static int64_t
seconds_of(const ASN1_TIME *time)
{
    int days = 0, seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool ok = epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;

    ASN1_TIME_free(epoch);
    return ok ? (int64_t)days * 86400 + seconds : 0;
}

static char *
common_name(X509 *certificate)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    unsigned char *utf8 = NULL;
    char *name;

    if (at < 0)
        return strdup("");
    if (ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))) < 0)
        return NULL;
    name = strdup((const char *)utf8);
    OPENSSL_free(utf8);
    return name;
}

/* Takes both (also on failure). */
static struct ca *
ca_of(X509 *certificate, EVP_PKEY *key)
{
    struct ca *ca = calloc(1, sizeof *ca);

    if (ca == NULL) {
        X509_free(certificate);
        EVP_PKEY_free(key);
        return NULL;
    }
    ca->certificate = certificate;
    ca->key = key;
    ca->name = common_name(certificate);
    ca->constraints = X509_get_ext_d2i(certificate, NID_name_constraints, NULL, NULL);
    ca->not_before_s = seconds_of(X509_get0_notBefore(certificate));
    ca->not_after_s = seconds_of(X509_get0_notAfter(certificate));
    if (ca->name == NULL) {
        ca_free(ca);
        return NULL;
    }
    return ca;
}

static const char *
options_problem(const struct ca_options *options)
{
    if (options->name == NULL || *options->name == '\0')
        return "a CA needs a name";
    if (strlen(options->name) > MAX_COMMON_NAME)
        return "the name of a CA may have 64 bytes at most";
    if (options->days < 1 || options->days > MAX_DAYS)
        return "a CA may be valid for 1 to 825 days";
    for (size_t i = 0; i < options->host_count; i++)
        if (!is_dns_name(options->hosts[i]))
            return "a name constraint must be a DNS name";
    return NULL;
}

struct ca *
ca_create(const struct ca_options *options, const char **why)
{
    struct ca *ca = NULL;
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;

    *why = options_problem(options);
    if (*why != NULL)
        return NULL;
    *why = out_of_memory;
    key = EVP_EC_gen("P-256");
    certificate = X509_new();
    if (key == NULL || certificate == NULL || !fill_root(certificate, key, options))
        goto out;
    ca = ca_of(certificate, key);
    certificate = NULL;
    key = NULL;
    if (ca != NULL)
        *why = NULL;
out:
    X509_free(certificate);
    EVP_PKEY_free(key);
    return ca;
}

/* An encrypted key must not make OpenSSL ask on the terminal. */
static int
no_passphrase(char *out, int size, int writing, void *data)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

static const char *
pair_problem(X509 *certificate, EVP_PKEY *key)
{
    if (certificate == NULL)
        return "holds no PEM certificate";
    if (key == NULL)
        return "the key file holds no PEM private key without passphrase";
    if (!EVP_PKEY_is_a(key, "EC") && !EVP_PKEY_is_a(key, "RSA"))
        return "the CA key must be EC or RSA";
    if (EVP_PKEY_get_security_bits(key) < 112)
        return "the CA key is too short: EC P-256 or RSA 2048 at least";
    if (X509_check_private_key(certificate, key) != 1)
        return "certificate and private key do not belong together";
    if (X509_check_ca(certificate) != 1)
        return "the certificate is not a CA (basicConstraints CA:TRUE and keyCertSign are needed)";
    return NULL;
}

struct ca *
ca_load(struct str certificate_pem, struct str key_pem, const char **why)
{
    struct ca *ca = NULL;
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    BIO *certificate_bio = BIO_new_mem_buf(certificate_pem.ptr, (int)certificate_pem.len);
    BIO *key_bio = BIO_new_mem_buf(key_pem.ptr, (int)key_pem.len);

    if (certificate_bio != NULL)
        certificate = PEM_read_bio_X509(certificate_bio, NULL, no_passphrase, NULL);
    if (key_bio != NULL)
        key = PEM_read_bio_PrivateKey(key_bio, NULL, no_passphrase, NULL);
    *why = pair_problem(certificate, key);
    if (*why == NULL) {
        ca = ca_of(certificate, key);
        certificate = NULL;
        key = NULL;
        if (ca == NULL)
            *why = out_of_memory;
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(certificate_bio);
    BIO_free(key_bio);
    return ca;
}

void
ca_free(struct ca *ca)
{
    if (ca == NULL)
        return;
    NAME_CONSTRAINTS_free(ca->constraints);
    X509_free(ca->certificate);
    EVP_PKEY_free(ca->key); /* OpenSSL clears the private number when the last reference goes */
    free(ca->name);
    free(ca);
}

/* Moves what was written to bio to *out; the BIO's memory is wiped, because it may be a key. Takes bio. */
static bool
take_pem(BIO *bio, bool written, struct buf *out)
{
    char *bytes = NULL;
    long len = 0;

    if (bio != NULL)
        len = BIO_get_mem_data(bio, &bytes);
    if (written && len > 0)
        buf_add(out, bytes, (size_t)len);
    if (bytes != NULL && len > 0)
        OPENSSL_cleanse(bytes, (size_t)len);
    BIO_free(bio);
    return written && !buf_failed(out);
}

bool
ca_certificate_pem(const struct ca *ca, struct buf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());

    return take_pem(bio, bio != NULL && PEM_write_bio_X509(bio, ca->certificate) == 1, out);
}

bool
ca_key_pem(const struct ca *ca, struct buf *out)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    bool written = bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, ca->key, NULL, NULL, 0, NULL, NULL) == 1;

    return take_pem(bio, written, out);
}

void
ca_spki_base64(const struct ca *ca, char out[45])
{
    unsigned char *der = NULL, digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    int der_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(ca->certificate), &der);

    out[0] = '\0';
    if (der_len > 0 && EVP_Digest(der, (size_t)der_len, digest, &len, EVP_sha256(), NULL) == 1)
        EVP_EncodeBlock((unsigned char *)out, digest, (int)len);
    OPENSSL_free(der);
}

void
ca_fingerprint(const struct ca *ca, char out[65])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (X509_digest(ca->certificate, EVP_sha256(), digest, &len) != 1)
        len = 0;
    for (unsigned i = 0; i < len; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[2 * len] = '\0';
}

int64_t
ca_not_after_s(const struct ca *ca)
{
    return ca->not_after_s;
}

const char *
ca_name(const struct ca *ca)
{
    return ca->name;
}
