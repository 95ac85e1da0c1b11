/* SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <string.h>

#include "certificate.h"
#include "dsig_work.h"
#include "key_set.h"
#include "xml_base64.h"

/* KeyInfo is shown and used to explain; nothing in it is trusted or fetched. */

#define NS_DSIG11 "http://www.w3.org/2009/xmldsig11#"

enum { MAX_KEY_BYTES = 2048 };

/* The trusted certificate with the same bytes: its facts and key are ready. */
static const struct trusted_key *
known_certificate(const struct dsig_work *work, struct str der)
{
    const struct key_set *keys = work->options->keys;

    for (size_t i = 0; keys != NULL && i < keys->trusted_count; i++)
        if (str_present(keys->trusted[i].facts.der) && str_eq(keys->trusted[i].facts.der, der))
            return &keys->trusted[i];
    return NULL;
}

static void
read_certificate(struct dsig_work *work, const xmlNode *node)
{
    struct certificate_facts *facts = &work->facts->keyinfo[work->facts->keyinfo_count++];
    const struct trusted_key *known;
    EVP_PKEY *key;
    struct str der = { 0 };

    if (!xml_base64_decode(work->arena, xml_text(work->document, node), &der)) {
        *facts = (struct certificate_facts){ .source = STR("KeyInfo") };
        return;
    }
    known = known_certificate(work, der);
    if (known != NULL) {
        *facts = known->facts;
        facts->source = STR("KeyInfo");
        key = known->key;
        EVP_PKEY_up_ref(key);
    } else {
        key = certificate_read_key(work->arena, der, STR("KeyInfo"), facts);
    }
    if (work->keyinfo_key == NULL && key != NULL) {
        work->keyinfo_key = key;
        work->keyinfo_facts = facts;
    } else {
        EVP_PKEY_free(key);
    }
}

static bool
read_certificates(struct dsig_work *work)
{
    const xmlNode *data = xml_child(work->key_info, NS_DS, "X509Data");

    if (data == NULL)
        return true;
    work->facts->keyinfo = arena_calloc(work->arena, DSIG_MAX_KEYINFO, sizeof(*work->facts->keyinfo));
    if (work->facts->keyinfo == NULL)
        return false;
    for (; data != NULL; data = xml_next_named(data, NS_DS, "X509Data"))
        for (const xmlNode *node = xml_child(data, NS_DS, "X509Certificate");
             node != NULL && work->facts->keyinfo_count < DSIG_MAX_KEYINFO;
             node = xml_next_named(node, NS_DS, "X509Certificate"))
            read_certificate(work, node);
    return true;
}

static EVP_PKEY *
key_from(const char *type, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (parameters != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

static BIGNUM *
read_number(const struct dsig_work *work, const xmlNode *node)
{
    struct str bytes;

    if (node == NULL || !xml_base64_decode(work->arena, xml_text(work->document, node), &bytes) ||
        bytes.len > MAX_KEY_BYTES)
        return NULL;
    return BN_bin2bn((const unsigned char *)bytes.ptr, (int)bytes.len, NULL);
}

static EVP_PKEY *
read_rsa_value(const struct dsig_work *work, const xmlNode *value)
{
    BIGNUM *n = read_number(work, xml_child(value, NS_DS, "Modulus"));
    BIGNUM *e = read_number(work, xml_child(value, NS_DS, "Exponent"));
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;

    if (n != NULL && e != NULL && build != NULL && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = key_from("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    return key;
}

static EVP_PKEY *
read_ec_value(const struct dsig_work *work, const xmlNode *value)
{
    static const struct {
        const char *uri;
        const char *group;
    } curves[] = {
        { "urn:oid:1.2.840.10045.3.1.7", "P-256" },
        { "urn:oid:1.3.132.0.34", "P-384" },
        { "urn:oid:1.3.132.0.35", "P-521" },
    };
    struct str uri = xml_attribute(work->document, xml_child(value, NS_DSIG11, "NamedCurve"), "URI");
    const xmlNode *point = xml_child(value, NS_DSIG11, "PublicKey");
    OSSL_PARAM_BLD *build = NULL;
    EVP_PKEY *key = NULL;
    struct str bytes;

    if (point == NULL || !xml_base64_decode(work->arena, xml_text(work->document, point), &bytes))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(curves); i++) {
        if (!str_eq_c(uri, curves[i].uri))
            continue;
        build = OSSL_PARAM_BLD_new();
        if (build != NULL &&
            OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curves[i].group, 0) == 1 &&
            OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, bytes.ptr, bytes.len) == 1)
            key = key_from("EC", build);
        OSSL_PARAM_BLD_free(build);
    }
    return key;
}

static EVP_PKEY *
read_der_value(const struct dsig_work *work, const xmlNode *value)
{
    struct str bytes;
    const unsigned char *at;

    if (value == NULL || !xml_base64_decode(work->arena, xml_text(work->document, value), &bytes))
        return NULL;
    at = (const unsigned char *)bytes.ptr;
    return d2i_PUBKEY(NULL, &at, (long)bytes.len);
}

static EVP_PKEY *
value_key(const struct dsig_work *work)
{
    const xmlNode *value = xml_child(work->key_info, NS_DS, "KeyValue");
    const xmlNode *rsa = xml_child(value, NS_DS, "RSAKeyValue"), *ec = xml_child(value, NS_DSIG11, "ECKeyValue");

    if (rsa != NULL)
        return read_rsa_value(work, rsa);
    return ec != NULL ? read_ec_value(work, ec)
                      : read_der_value(work, xml_child(work->key_info, NS_DSIG11, "DEREncodedKeyValue"));
}

static bool
read_key_value(struct dsig_work *work)
{
    const xmlNode *value = xml_child(work->key_info, NS_DS, "KeyValue");
    const xmlNode *der = xml_child(work->key_info, NS_DSIG11, "DEREncodedKeyValue");
    struct certificate_facts *facts;
    EVP_PKEY *key = NULL;

    work->facts->keyinfo_key_value = value != NULL || der != NULL;
    if (!work->facts->keyinfo_key_value || work->keyinfo_key != NULL)
        return true;
    key = value_key(work);
    if (key == NULL)
        return true;
    work->keyinfo_key = key;
    facts = arena_alloc(work->arena, sizeof(*facts));
    if (facts == NULL)
        return false;
    public_key_read(work->arena, key, STR("KeyInfo"), facts);
    work->keyinfo_facts = facts;
    return true;
}

/* --- what else KeyInfo says ------------------------------------------------------------------------------- */

/*
 * One key has one X509Data, whose further certificates are its chain. Two keys are there when a second X509Data has
 * another key, when one in the chain is no issuer of another, or when KeyValue is not the key of the certificate.
 */
static bool
is_of_one_chain(const struct certificate_facts *one, const struct certificate_facts *other)
{
    return strcmp(one->spki_sha256, other->spki_sha256) == 0 || str_eq(one->issuer, other->subject) ||
           str_eq(other->issuer, one->subject);
}

static bool
has_several_keys(const struct dsig_signature *facts)
{
    for (size_t i = 1; i < facts->keyinfo_count; i++) {
        bool chained = !facts->keyinfo[i].parsed;

        for (size_t k = 0; k < facts->keyinfo_count && !chained; k++)
            chained = k != i && is_of_one_chain(&facts->keyinfo[k], &facts->keyinfo[i]);
        if (!chained)
            return true;
    }
    return false;
}

/* The bare key beside a certificate is another one. */
static bool
value_differs(const struct dsig_work *work)
{
    EVP_PKEY *key = work->facts->keyinfo_key_value && work->facts->keyinfo_count > 0 ? value_key(work) : NULL;
    bool differs = key != NULL && work->keyinfo_key != NULL && EVP_PKEY_eq(key, work->keyinfo_key) != 1;

    EVP_PKEY_free(key);
    return differs;
}

static void
note_references(struct dsig_work *work)
{
    const xmlNode *method = xml_child(work->key_info, NS_DS, "RetrievalMethod");

    if (method == NULL)
        method = xml_child(work->key_info, NS_DSIG11, "KeyInfoReference");
    if (method != NULL)
        work->facts->keyinfo_remote = xml_attribute(work->document, method, "URI");
}

bool
dsig_read_keyinfo(struct dsig_work *work)
{
    bool read;

    if (work->key_info == NULL)
        return true;
    read = read_certificates(work) && read_key_value(work);
    if (read) {
        note_references(work);
        work->facts->keyinfo_several_keys = has_several_keys(work->facts) || value_differs(work);
    }
    ERR_clear_error();
    return read;
}
