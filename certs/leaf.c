/* SPDX-License-Identifier: MIT */
#include "leaf_mint.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "ca_parts.h"

enum { BACKDATE_S = 3600, LEAF_DAYS = 30, MAX_HOST = 253, MAX_COMMON_NAME = 64, EXTENSION_COUNT = 5 };

struct leaf_mint {
    const struct ca *ca;
    EVP_PKEY *key;
    EVP_PKEY *public_key;
    X509_EXTENSION *extensions[EXTENSION_COUNT]; /* all but the name */
};

/*
 * The public half in OpenSSL's older in-memory form. X509_set_pubkey() of a provider's key encodes it
 * and sets up a decoder to read it back, at four times the cost of the CA's signature; of this form it
 * only copies. Where a later OpenSSL knows no such form, the key itself is used: slower, same result.
 */
static EVP_PKEY *
plain_public_key(EVP_PKEY *key)
{
    EVP_PKEY *plain = EVP_PKEY_new();
    unsigned char *point = NULL;
    size_t len = EVP_PKEY_get1_encoded_public_key(key, &point);

    if (plain == NULL || len == 0 || EVP_PKEY_set_type(plain, EVP_PKEY_EC) != 1 ||
        EVP_PKEY_copy_parameters(plain, key) != 1 || EVP_PKEY_set1_encoded_public_key(plain, point, len) != 1 ||
        EVP_PKEY_eq(plain, key) != 1) {
        EVP_PKEY_free(plain);
        plain = EVP_PKEY_up_ref(key) == 1 ? key : NULL;
    }
    OPENSSL_free(point);
    return plain;
}

static bool
make_extensions(struct leaf_mint *mint)
{
    static const struct {
        int nid;
        const char *value;
    } wanted[] = {
        { NID_basic_constraints, "CA:FALSE" },     { NID_key_usage, "critical,digitalSignature" },
        { NID_ext_key_usage, "serverAuth" },       { NID_subject_key_identifier, "hash" },
        { NID_authority_key_identifier, "keyid" },
    };
    X509 *model = X509_new();
    bool ok = model != NULL && X509_set_pubkey(model, mint->public_key) == 1;

    for (size_t i = 0; ok && i < COUNT_OF(wanted); i++) {
        /* A foreign CA without key identifier has nothing to point to. */
        if (wanted[i].nid == NID_authority_key_identifier && X509_get0_subject_key_id(mint->ca->certificate) == NULL)
            continue;
        ok = certificate_add_extension(model, mint->ca->certificate, wanted[i].nid, wanted[i].value);
    }
    for (int i = 0; ok && i < X509_get_ext_count(model); i++) {
        mint->extensions[i] = X509_EXTENSION_dup(X509_get_ext(model, i));
        ok = mint->extensions[i] != NULL;
    }
    X509_free(model);
    return ok;
}

struct leaf_mint *
leaf_mint_new(const struct ca *ca, const char **why)
{
    struct leaf_mint *mint = calloc(1, sizeof *mint);

    *why = NULL;
    if (mint == NULL)
        goto fail;
    mint->ca = ca;
    mint->key = EVP_EC_gen("P-256");
    if (mint->key == NULL)
        goto fail;
    mint->public_key = plain_public_key(mint->key);
    if (mint->public_key == NULL || !make_extensions(mint))
        goto fail;
    return mint;
fail:
    leaf_mint_free(mint);
    *why = "out of memory or no entropy";
    return NULL;
}

void
leaf_mint_free(struct leaf_mint *mint)
{
    if (mint == NULL)
        return;
    for (size_t i = 0; i < EXTENSION_COUNT; i++)
        X509_EXTENSION_free(mint->extensions[i]);
    EVP_PKEY_free(mint->public_key);
    EVP_PKEY_free(mint->key);
    free(mint);
}

EVP_PKEY *
leaf_mint_key(const struct leaf_mint *mint)
{
    return mint->key;
}

static GENERAL_NAME *
general_name(const char *host)
{
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
    ASN1_IA5STRING *dns = NULL;

    if (name == NULL)
        goto fail;
    if (address != NULL) {
        GENERAL_NAME_set0_value(name, GEN_IPADD, address);
        return name;
    }
    dns = ASN1_IA5STRING_new();
    if (dns == NULL || ASN1_STRING_set(dns, host, -1) != 1)
        goto fail;
    GENERAL_NAME_set0_value(name, GEN_DNS, dns);
    return name;
fail:
    ASN1_OCTET_STRING_free(address);
    ASN1_IA5STRING_free(dns);
    GENERAL_NAME_free(name);
    return NULL;
}

/* The name alone identifies a server (RFC 6125); without a subject it must be critical (RFC 5280 4.2.1.6). */
static bool
add_names(X509 *leaf, const char *host)
{
    size_t len = strlen(host);
    bool has_subject = len <= MAX_COMMON_NAME;
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = general_name(host);
    bool ok = false;

    if (names == NULL || name == NULL || sk_GENERAL_NAME_push(names, name) == 0)
        goto out;
    name = NULL;
    if (has_subject && X509_NAME_add_entry_by_NID(X509_get_subject_name(leaf), NID_commonName, MBSTRING_ASC,
                                                  (const unsigned char *)host, (int)len, -1, 0) != 1)
        goto out;
    ok = X509_add1_ext_i2d(leaf, NID_subject_alt_name, names, !has_subject, X509V3_ADD_APPEND) == 1;
out:
    GENERAL_NAME_free(name);
    GENERAL_NAMES_free(names);
    return ok;
}

static bool
fill_leaf(const struct leaf_mint *mint, X509 *leaf, const char *host, int64_t not_before_s, int64_t not_after_s)
{
    if (!certificate_begin(leaf, not_before_s, not_after_s) ||
        X509_set_issuer_name(leaf, X509_get_subject_name(mint->ca->certificate)) != 1 ||
        X509_set_pubkey(leaf, mint->public_key) != 1 || !add_names(leaf, host))
        return false;
    for (size_t i = 0; i < EXTENSION_COUNT; i++)
        if (mint->extensions[i] != NULL && X509_add_ext(leaf, mint->extensions[i], -1) != 1)
            return false;
    return true;
}

static bool
is_host(struct str host)
{
    if (host.len == 0 || host.len > MAX_HOST)
        return false;
    for (size_t i = 0; i < host.len; i++)
        if ((unsigned char)host.ptr[i] <= ' ' || (unsigned char)host.ptr[i] >= 127)
            return false;
    return true;
}

/* After signing: OpenSSL looks at the extensions (and at their digest) once, here at the latest. */
static bool
is_permitted(const struct ca *ca, X509 *leaf)
{
    return ca->constraints == NULL ||
           (X509_check_purpose(leaf, -1, 0) == 1 && NAME_CONSTRAINTS_check(leaf, ca->constraints) == X509_V_OK);
}

X509 *
leaf_mint_make(struct leaf_mint *mint, struct str host, int64_t now_s, int64_t *not_after_s, const char **why)
{
    char text[MAX_HOST + 1];
    int64_t from = now_s - BACKDATE_S;
    int64_t until = now_s + (int64_t)LEAF_DAYS * 86400;
    X509 *leaf;

    if (from < mint->ca->not_before_s)
        from = mint->ca->not_before_s;
    if (until > mint->ca->not_after_s)
        until = mint->ca->not_after_s;
    *why = "the interception CA is not valid now: make a new one";
    if (until <= now_s || from > now_s)
        return NULL;
    *why = "not a host name";
    if (!is_host(host))
        return NULL;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    *why = "out of memory or no entropy";
    leaf = X509_new();
    if (leaf == NULL || !fill_leaf(mint, leaf, text, from, until))
        goto fail;
    if (X509_sign(leaf, mint->ca->key, EVP_sha256()) <= 0)
        goto fail;
    if (!is_permitted(mint->ca, leaf)) {
        *why = "the name constraints of the interception CA exclude this host";
        goto fail;
    }
    *not_after_s = until;
    *why = NULL;
    return leaf;
fail:
    X509_free(leaf);
    return NULL;
}
