/* SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

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

static bool
read_key_value(struct dsig_work *work)
{
    const xmlNode *value = xml_child(work->key_info, NS_DS, "KeyValue");
    const xmlNode *der = xml_child(work->key_info, NS_DSIG11, "DEREncodedKeyValue");
    const xmlNode *rsa = xml_child(value, NS_DS, "RSAKeyValue");
    const xmlNode *ec = xml_child(value, NS_DSIG11, "ECKeyValue");
    struct certificate_facts *facts;
    EVP_PKEY *key = NULL;

    work->facts->keyinfo_key_value = value != NULL || der != NULL;
    if (!work->facts->keyinfo_key_value || work->keyinfo_key != NULL)
        return true;
    if (rsa != NULL)
        key = read_rsa_value(work, rsa);
    else if (ec != NULL)
        key = read_ec_value(work, ec);
    else
        key = read_der_value(work, der);
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

bool
dsig_read_keyinfo(struct dsig_work *work)
{
    bool read;

    if (work->key_info == NULL)
        return true;
    read = read_certificates(work) && read_key_value(work);
    ERR_clear_error();
    return read;
}
