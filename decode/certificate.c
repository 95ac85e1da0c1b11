/* SPDX-License-Identifier: MIT */
#include "certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { MAX_EXTENSIONS = 256, NAME_BYTES = 1024 };

static void
sha256_hex(const unsigned char *bytes, size_t len, char hex[65])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    hex[0] = '\0';
    if (EVP_Digest(bytes, len, hash, &size, EVP_sha256(), NULL) != 1 || size != 32)
        return;
    for (unsigned int i = 0; i < size; i++) {
        hex[2 * i] = digits[hash[i] >> 4];
        hex[2 * i + 1] = digits[hash[i] & 15];
    }
    hex[64] = '\0';
}

static struct str
key_type_name(struct arena *arena, const EVP_PKEY *key)
{
    const char *name = EVP_PKEY_get0_type_name(key);

    if (name == NULL)
        return STR("unknown");
    if (strcasecmp(name, "ED25519") == 0)
        return STR("Ed25519");
    if (strcasecmp(name, "ED448") == 0)
        return STR("Ed448");
    return arena_copy_c(arena, name);
}

/* Would OpenSSL write the key in just these bytes? (RSA without parameters or a compressed point: no.) */
static bool
is_usual_form(X509_PUBKEY *stored)
{
    ASN1_OBJECT *algorithm;
    X509_ALGOR *parameters;
    const unsigned char *bits;
    int len, type;

    if (X509_PUBKEY_get0_param(&algorithm, &bits, &len, &parameters, stored) != 1)
        return false;
    X509_ALGOR_get0(NULL, &type, NULL, parameters);
    switch (OBJ_obj2nid(algorithm)) {
    case NID_rsaEncryption:
        return type == V_ASN1_NULL;
    case NID_X9_62_id_ecPublicKey:
        return type == V_ASN1_OBJECT && len > 0 && bits[0] == 4;
    default:
        return false;
    }
}

/* stored: as it stands in the certificate, which is read much faster than a key is written; NULL: nowhere. */
static void
key_facts(struct arena *arena, EVP_PKEY *key, X509_PUBKEY *stored, struct certificate_facts *facts)
{
    unsigned char *spki = NULL;
    int len = stored != NULL && is_usual_form(stored) ? i2d_X509_PUBKEY(stored, &spki) : i2d_PUBKEY(key, &spki);

    facts->key_type = key_type_name(arena, key);
    facts->key_bits = EVP_PKEY_get_bits(key);
    if (len > 0)
        sha256_hex(spki, (size_t)len, facts->spki_sha256);
    OPENSSL_free(spki);
}

static struct str
name_text(struct arena *arena, X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    struct str text = { 0 };
    char *bytes;
    long len;

    if (bio == NULL)
        return text;
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    len = BIO_get_mem_data(bio, &bytes);
    if (len >= 0)
        text = arena_copy(arena, str_slice((struct str){ len ? bytes : "", (size_t)len }, 0, NAME_BYTES));
    BIO_free(bio);
    return text;
}

static struct str
serial_text(struct arena *arena, const X509 *certificate)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *hex = number ? BN_bn2hex(number) : NULL;
    struct str text = arena_copy_c(arena, hex);

    OPENSSL_free(hex);
    BN_free(number);
    return text;
}

static int64_t
time_ms(const ASN1_TIME *time)
{
    struct tm parts;

    if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1)
        return 0;
    return (int64_t)timegm(&parts) * 1000;
}

static bool
has_repeated_extension(const X509 *certificate)
{
    int count = X509_get_ext_count(certificate);

    for (int i = 0; i < count && i < MAX_EXTENSIONS; i++)
        if (X509_get_ext_by_OBJ(certificate, X509_EXTENSION_get_object(X509_get_ext(certificate, i)), i) >= 0)
            return true;
    return false;
}

static void
certificate_facts_of(struct arena *arena, X509 *certificate, struct certificate_facts *facts)
{
    facts->parsed = true;
    facts->subject = name_text(arena, X509_get_subject_name(certificate));
    facts->issuer = name_text(arena, X509_get_issuer_name(certificate));
    facts->serial = serial_text(arena, certificate);
    facts->not_before_ms = time_ms(X509_get0_notBefore(certificate));
    facts->not_after_ms = time_ms(X509_get0_notAfter(certificate));
    facts->signature_algorithm = arena_copy_c(arena, OBJ_nid2ln(X509_get_signature_nid(certificate)));
    facts->self_signed = X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
    facts->repeated_extension = has_repeated_extension(certificate);
}

/* Steps into (enter) or over one DER value. Returns false at the end or on damage. */
static bool
der_step(const unsigned char **at, const unsigned char *end, bool enter, int *tag)
{
    const unsigned char *p = *at;
    long len;
    int class, flags = ASN1_get_object(&p, &len, tag, &class, end - *at);

    if ((flags & 0x80) != 0 || (flags & 1) != 0 || len < 0 || len > end - p)
        return false;
    if (class == V_ASN1_CONTEXT_SPECIFIC)
        *tag = -1;
    *at = enter ? p : p + len;
    return true;
}

/*
 * The key of a certificate that OpenSSL refuses for something else (negative serial, bad time …):
 * SubjectPublicKeyInfo is the 6th field of TBSCertificate, behind the optional version.
 */
static EVP_PKEY *
key_of_damaged(struct str der)
{
    const unsigned char *at = (const unsigned char *)der.ptr, *end = at + der.len, *peek;
    int tag;

    /* Into Certificate, then into TBSCertificate. */
    if (!der_step(&at, end, true, &tag))
        return NULL;
    if (!der_step(&at, end, true, &tag))
        return NULL;
    peek = at;
    if (der_step(&peek, end, false, &tag) && tag == -1)
        at = peek;
    for (int i = 0; i < 5; i++)
        if (!der_step(&at, end, false, &tag))
            return NULL;
    return d2i_PUBKEY(NULL, &at, end - at);
}

EVP_PKEY *
certificate_read_key(struct arena *arena, struct str der, struct str source, struct certificate_facts *facts)
{
    const unsigned char *at = (const unsigned char *)der.ptr;
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;

    *facts = (struct certificate_facts){ .der = der, .source = source };
    if (der.len == 0 || der.len > 1 << 20)
        return NULL;
    sha256_hex(at, der.len, facts->sha256);
    certificate = d2i_X509(NULL, &at, (long)der.len);
    if (certificate != NULL) {
        certificate_facts_of(arena, certificate, facts);
        key = X509_get_pubkey(certificate);
    } else {
        key = key_of_damaged(der);
    }
    if (key != NULL)
        key_facts(arena, key, certificate != NULL ? X509_get_X509_PUBKEY(certificate) : NULL, facts);
    X509_free(certificate);
    ERR_clear_error();
    return key;
}

void
certificate_read(struct arena *arena, struct str der, struct str source, struct certificate_facts *facts)
{
    EVP_PKEY_free(certificate_read_key(arena, der, source, facts));
}

void
public_key_read(struct arena *arena, EVP_PKEY *key, struct str source, struct certificate_facts *facts)
{
    *facts = (struct certificate_facts){ .source = source, .parsed = true };
    key_facts(arena, key, NULL, facts);
    ERR_clear_error();
}
