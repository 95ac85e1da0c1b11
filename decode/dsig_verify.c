/* SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "dsig_work.h"
#include "key_set.h"
#include "xml_base64.h"

/* --- one key and one value ------------------------------------------------------------------------------ */

static bool
key_fits(const struct dsig_method *method, const EVP_PKEY *key)
{
    int type = EVP_PKEY_get_base_id(key);

    switch (method->scheme) {
    case DSIG_RSA:
        return type == EVP_PKEY_RSA;
    case DSIG_RSA_PSS:
        return type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS;
    case DSIG_ECDSA:
        return type == EVP_PKEY_EC;
    case DSIG_EDDSA:
        return type == EVP_PKEY_ED25519;
    case DSIG_DSA:
        return type == EVP_PKEY_DSA;
    }
    return false;
}

/* A public exponent of 1, or an even exponent or modulus, lets anybody sign (4.5). */
static bool
rsa_is_sound(const EVP_PKEY *key)
{
    BIGNUM *n = NULL, *e = NULL;
    bool sound = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
                 EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_is_odd(n) && BN_is_odd(e) &&
                 !BN_is_one(e);

    BN_free(n);
    BN_free(e);
    return sound;
}

unsigned char *
dsig_der_of_raw(const EVP_PKEY *key, struct str value, size_t *der_len)
{
    const unsigned char *bytes = (const unsigned char *)value.ptr;
    size_t half = value.len / 2;
    unsigned char *der = NULL;
    ECDSA_SIG *pair;
    BIGNUM *r, *s;
    int len;

    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
        if (value.len != 2 * (((size_t)EVP_PKEY_get_bits(key) + 7) / 8))
            return NULL;
    } else if (value.len == 0 || value.len % 2 != 0 || value.len > 128) {
        return NULL;
    }
    pair = ECDSA_SIG_new();
    r = BN_bin2bn(bytes, (int)half, NULL);
    s = BN_bin2bn(bytes + half, (int)half, NULL);
    if (pair == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(pair);
        return NULL;
    }
    len = i2d_ECDSA_SIG(pair, &der);
    ECDSA_SIG_free(pair);
    *der_len = len > 0 ? (size_t)len : 0;
    return len > 0 ? der : NULL;
}

static bool
set_parameters(EVP_PKEY_CTX *context, const struct dsig_method *method, int salt_length)
{
    if (method->scheme != DSIG_RSA_PSS)
        return true;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt_length) == 1;
}

enum dsig_state
dsig_verify_value(const struct dsig_method *method, const char *digest_name, int salt_length, EVP_PKEY *key,
                  struct str signed_bytes, struct str value)
{
    bool raw = method->scheme == DSIG_ECDSA || method->scheme == DSIG_DSA;
    const unsigned char *bytes = (const unsigned char *)value.ptr;
    enum dsig_state state = DSIG_BAD;
    unsigned char *der = NULL;
    EVP_PKEY_CTX *parameters;
    EVP_MD_CTX *context;
    size_t len = value.len;

    if (!key_fits(method, key))
        return DSIG_NOT_CHECKED;
    if ((method->scheme == DSIG_RSA || method->scheme == DSIG_RSA_PSS) && !rsa_is_sound(key))
        return DSIG_NOT_CHECKED;
    if (raw) {
        bytes = der = dsig_der_of_raw(key, value, &len);
        if (der == NULL)
            return DSIG_BAD;
    }
    context = EVP_MD_CTX_new();
    if (context != NULL && EVP_DigestVerifyInit(context, &parameters, dsig_hash(digest_name), NULL, key) == 1 &&
        set_parameters(parameters, method, salt_length) &&
        EVP_DigestVerify(context, bytes, len, (const unsigned char *)signed_bytes.ptr, signed_bytes.len) == 1)
        state = DSIG_OK;
    EVP_MD_CTX_free(context);
    OPENSSL_free(der);
    ERR_clear_error();
    return state;
}

/* --- digest --------------------------------------------------------------------------------------------- */

static bool
check_digest(struct dsig_work *work)
{
    struct dsig_signature *facts = work->facts;
    struct dsig_view view;
    struct str computed;

    if (!work->transforms_known || work->digest == NULL || work->parent == NULL || facts->first_element == 0)
        return true;
    view = dsig_view_of(work->parent);
    if (work->enveloped) {
        view.skip_first = facts->where.element;
        view.skip_last = facts->signature_last;
    }
    view.whole_document = str_present(facts->reference_uri) && facts->reference_uri.len == 0 &&
                          work->document->number == 0 && work->parent == work->document->root;
    facts->digest = dsig_canonicalise(work, &view, &work->reference_c14n, &work->target_bytes);
    if (facts->digest == DSIG_NOT_CHECKED)
        dsig_problem_add(work, DSIG_PROBLEM_LIMIT, STR("the work allowed for one message is used up"));
    if (facts->digest != DSIG_OK)
        return true;
    computed = dsig_hash_bytes(work->arena, work->digest->name, buf_str(&work->target_bytes));
    if (!str_present(computed))
        return false;
    facts->digest_computed = xml_base64_encode(work->arena, computed);
    if (!dsig_hash_is(work->digest->name, buf_str(&work->target_bytes), work->digest_stated))
        facts->digest = DSIG_BAD;
    if (work->options->keep_canonical)
        facts->canonical = arena_copy(work->arena, buf_str(&work->target_bytes));
    return true;
}

/* --- value ------------------------------------------------------------------------------------------------ */

/* The entity that says it signed: Issuer, which is an attribute in SAML 1.1, or the entityID of metadata. */
static struct str
signer_name(const struct dsig_work *work)
{
    const xmlNode *issuer = xml_child(work->parent, NS_SAML, "Issuer");

    if (issuer != NULL)
        return str_trim(xml_text(work->document, issuer));
    if (xml_in(work->parent, NS_SAML1))
        return str_trim(xml_attribute(work->document, work->parent, "Issuer"));
    return xml_attribute(work->document, work->parent, "entityID");
}

static bool
belongs(const struct trusted_key *key, struct str entity)
{
    return str_present(key->entity_id) && str_present(entity) && str_eq(key->entity_id, entity);
}

static enum dsig_state
verify_with(struct dsig_work *work, EVP_PKEY *key)
{
    if (work->budget->verifications == 0) {
        dsig_problem_add(work, DSIG_PROBLEM_LIMIT, STR("the number of keys tried for one message is used up"));
        return DSIG_NOT_CHECKED;
    }
    work->budget->verifications--;
    return dsig_verify_value(work->method, work->method_digest, work->salt_length, key,
                             buf_str(&work->signed_info_bytes), work->value);
}

/*
 * Keys of the entity that the message names first, then every other. Returns DSIG_OK and the index, or
 * DSIG_BAD.
 */
static enum dsig_state
verify_with_trusted(struct dsig_work *work, int *index)
{
    const struct key_set *keys = work->options->keys;
    struct str signer = signer_name(work);

    for (int named = 1; named >= 0; named--) {
        for (size_t i = 0; i < keys->trusted_count; i++) {
            if (belongs(&keys->trusted[i], signer) != (named == 1))
                continue;
            if (verify_with(work, keys->trusted[i].key) == DSIG_OK) {
                *index = (int)i;
                return DSIG_OK;
            }
        }
    }
    return DSIG_BAD;
}

static void
check_value_with_trusted(struct dsig_work *work)
{
    struct dsig_signature *facts = work->facts;
    const struct certificate_facts *shown = work->keyinfo_facts;

    facts->value = verify_with_trusted(work, &facts->trusted_key);
    if (facts->value == DSIG_OK) {
        facts->key = &work->options->keys->trusted[facts->trusted_key].facts;
        if (shown != NULL && shown->spki_sha256[0] != '\0' &&
            str_eq_c(str_from(shown->spki_sha256), facts->key->spki_sha256)) {
            facts->verified_by_keyinfo = true;
            facts->same_key_other_certificate = shown->sha256[0] != '\0' && facts->key->sha256[0] != '\0' &&
                                                !str_eq_c(str_from(shown->sha256), facts->key->sha256);
            return;
        }
    }
    if (work->keyinfo_key != NULL)
        facts->verified_by_keyinfo = verify_with(work, work->keyinfo_key) == DSIG_OK;
}

static void
check_value_with_keyinfo(struct dsig_work *work)
{
    struct dsig_signature *facts = work->facts;

    if (work->keyinfo_key == NULL)
        return;
    facts->value = verify_with(work, work->keyinfo_key);
    /* A key of another type than the method says is a value that does not verify. */
    if (facts->value == DSIG_NOT_CHECKED && work->budget->verifications > 0)
        facts->value = DSIG_BAD;
    facts->verified_by_keyinfo = facts->value == DSIG_OK;
    if (facts->verified_by_keyinfo)
        facts->key = work->keyinfo_facts;
}

static void
check_value(struct dsig_work *work)
{
    const struct key_set *keys = work->options->keys;
    struct dsig_view view;
    enum dsig_state made;

    if (work->signed_info == NULL || work->signed_info_c14n.method == NULL)
        return;
    view = dsig_view_of(work->signed_info);
    view.comments = true;
    made = dsig_canonicalise(work, &view, &work->signed_info_c14n, &work->signed_info_bytes);
    if (made == DSIG_NOT_CHECKED)
        dsig_problem_add(work, DSIG_PROBLEM_LIMIT, STR("the work allowed for one message is used up"));
    if (made != DSIG_OK) {
        work->facts->value = made;
        return;
    }
    if (work->method == NULL || !str_present(work->value) ||
        (work->method_digest == NULL && work->method->scheme != DSIG_EDDSA))
        return;
    if (keys != NULL && keys->trusted_count > 0)
        check_value_with_trusted(work);
    else
        check_value_with_keyinfo(work);
}

/* Warnings that do not cost the verdict (4.1, 4.3); a mismatch of URI="" is a problem of its own. */
static const uint32_t tolerated = 1u << DSIG_PROBLEM_URI_EMPTY | 1u << DSIG_PROBLEM_C14N_INCLUSIVE;

bool
dsig_check(struct dsig_work *work)
{
    struct dsig_signature *facts = work->facts;

    facts->trusted_key = -1;
    if (!dsig_read_keyinfo(work) || !check_digest(work))
        return false;
    check_value(work);
    facts->valid = (facts->problems & ~tolerated) == 0 && facts->digest == DSIG_OK && facts->value == DSIG_OK;
    facts->trusted = facts->valid && facts->trusted_key >= 0;
    return !arena_failed(work->arena);
}
