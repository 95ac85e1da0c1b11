/* SPDX-License-Identifier: MIT */
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "dsig_edit.h"
#include "dsig_work.h"
#include "key_set.h"

/* Why a SignatureValue fails (saml-verification 5.3). */

/* What an RSA key takes out of a value: the hash that was signed. */
struct recovered {
    const char *name; /* OpenSSL's name of the hash; NULL: nothing was recovered */
    struct str hash;
};

static const char *
hash_name(int nid)
{
    static const struct {
        int nid;
        const char *name;
    } rows[] = {
        { NID_sha256, "SHA256" }, { NID_sha1, "SHA1" },     { NID_sha512, "SHA512" },
        { NID_sha384, "SHA384" }, { NID_sha224, "SHA224" },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].nid == nid)
            return rows[i].name;
    return NULL;
}

/* PKCS#1 v1.5: padding that holds under the key, and a DigestInfo behind it. */
static struct recovered
recover(struct dsig_work *work, EVP_PKEY *key)
{
    struct recovered recovered = { 0 };
    unsigned char out[2048];
    const unsigned char *at = out;
    size_t len = sizeof(out);
    EVP_PKEY_CTX *context = NULL;
    const X509_ALGOR *algorithm;
    const ASN1_OCTET_STRING *hash;
    const ASN1_OBJECT *object;
    X509_SIG *info = NULL;

    if (work->budget->verifications == 0 || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
        (size_t)EVP_PKEY_get_size(key) != work->value.len || work->value.len > sizeof(out))
        return recovered;
    work->budget->verifications--;
    context = EVP_PKEY_CTX_new(key, NULL);
    if (context != NULL && EVP_PKEY_verify_recover_init(context) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
        EVP_PKEY_verify_recover(context, out, &len, (const unsigned char *)work->value.ptr, work->value.len) == 1)
        info = d2i_X509_SIG(NULL, &at, (long)len);
    if (info != NULL) {
        X509_SIG_get0(info, &algorithm, &hash);
        X509_ALGOR_get0(&object, NULL, NULL, algorithm);
        recovered.name = hash_name(OBJ_obj2nid(object));
        recovered.hash = arena_copy(
            work->arena, (struct str){ (const char *)ASN1_STRING_get0_data(hash), (size_t)ASN1_STRING_length(hash) });
    }
    X509_SIG_free(info);
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return recovered;
}

static void
settle(struct dsig_work *work, enum dsig_cause cause, struct str detail)
{
    work->facts->value_cause = cause;
    work->facts->value_cause_detail = detail;
}

static void
settle_recovered(struct dsig_work *work, const struct recovered *recovered)
{
    struct str how;

    if (recovered->name == NULL) {
        settle(work, DSIG_CAUSE_RIGHT_KEY_OTHER_SIGNED_INFO,
               STR("the padding is right under this key, but the hash in it is of an unknown kind"));
        return;
    }
    if (dsig_hash_is(recovered->name, buf_str(&work->signed_info_bytes), recovered->hash)) {
        settle(work, DSIG_CAUSE_SIGNATURE_HASH_LABEL,
               arena_printf(work->arena, "SignatureMethod says %s, the signer used %s",
                            dsig_hash_words(work->method_digest), dsig_hash_words(recovered->name)));
        return;
    }
    how = dsig_explain_signed_info(work, recovered->name, recovered->hash);
    if (!str_present(how))
        how = STR("what was altered could not be found out");
    settle(work, DSIG_CAUSE_RIGHT_KEY_OTHER_SIGNED_INFO, how);
}

/* --- candidates ------------------------------------------------------------------------------------------------ */

static EVP_PKEY *
candidate(const struct dsig_work *work, size_t i, const struct certificate_facts **facts)
{
    const struct key_set *keys = work->options->keys;
    size_t trusted = keys != NULL ? keys->trusted_count : 0;

    if (i < trusted) {
        *facts = &keys->trusted[i].facts;
        return keys->trusted[i].key;
    }
    *facts = work->keyinfo_facts;
    return i == trusted ? work->keyinfo_key : NULL;
}

static size_t
candidate_count(const struct dsig_work *work)
{
    return (work->options->keys != NULL ? work->options->keys->trusted_count : 0) + (work->keyinfo_key != NULL);
}

/*
 * A padding that holds proves the key. Keys given come before the one that the message brings, which may
 * prove that it made the signature, but not that it should have.
 */
static bool
explain_by_recovery(struct dsig_work *work)
{
    const struct certificate_facts *facts;
    size_t trusted = candidate_count(work) - (work->keyinfo_key != NULL);

    for (size_t i = 0; i < candidate_count(work); i++) {
        struct recovered recovered = recover(work, candidate(work, i, &facts));

        if (!str_present(recovered.hash))
            continue;
        if (i >= trusted && trusted > 0)
            return false;
        settle_recovered(work, &recovered);
        return true;
    }
    return false;
}

static const char *
scheme_words(enum dsig_scheme scheme)
{
    static const char *const words[] = {
        [DSIG_RSA] = "RSA PKCS#1 v1.5", [DSIG_RSA_PSS] = "RSA-PSS", [DSIG_ECDSA] = "ECDSA",
        [DSIG_EDDSA] = "EdDSA",         [DSIG_DSA] = "DSA",
    };

    return words[scheme];
}

/* A value that is right but for its encoding. */
static bool
explain_by_encoding(struct dsig_work *work)
{
    const struct certificate_facts *facts;

    for (size_t i = 0; i < candidate_count(work); i++) {
        struct str how = dsig_explain_encoding(work, candidate(work, i, &facts));

        if (!str_present(how))
            continue;
        settle(work, DSIG_CAUSE_VALUE_ENCODING, how);
        return true;
    }
    return false;
}

/* Without recovery only other readings of the same value can be tried. */
static bool
explain_by_variant(struct dsig_work *work)
{
    static const char *const hashes[] = { "SHA256", "SHA1", "SHA384", "SHA512", "SHA224" };
    static const enum dsig_scheme schemes[] = { DSIG_RSA, DSIG_RSA_PSS, DSIG_ECDSA };
    const struct certificate_facts *facts;

    for (size_t i = 0; i < candidate_count(work); i++) {
        EVP_PKEY *key = candidate(work, i, &facts);

        for (size_t s = 0; s < COUNT_OF(schemes); s++) {
            for (size_t h = 0; h < COUNT_OF(hashes); h++) {
                struct dsig_method method = { .uri = "", .scheme = schemes[s], .digest = hashes[h] };

                if (work->budget->verifications == 0)
                    return false;
                work->budget->verifications--;
                if (dsig_verify_value(&method, hashes[h], RSA_PSS_SALTLEN_AUTO, key, buf_str(&work->signed_info_bytes),
                                      work->value) != DSIG_OK)
                    continue;
                settle(work, DSIG_CAUSE_SIGNATURE_HASH_LABEL,
                       arena_printf(work->arena, "SignatureMethod says %s with %s, the signer used %s with %s",
                                    scheme_words(work->method->scheme), dsig_hash_words(work->method_digest),
                                    scheme_words(schemes[s]), dsig_hash_words(hashes[h])));
                return true;
            }
        }
    }
    return false;
}

/* True when the length of the value rules out every candidate. */
static bool
no_size_fits(const struct dsig_work *work)
{
    const struct certificate_facts *facts;
    size_t count = candidate_count(work);

    for (size_t i = 0; i < count; i++) {
        const EVP_PKEY *key = candidate(work, i, &facts);

        if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || (size_t)EVP_PKEY_get_size(key) == work->value.len)
            return false;
    }
    return count > 0;
}

static void
settle_unknown_key(struct dsig_work *work)
{
    const struct certificate_facts *facts = work->keyinfo_facts;

    if (work->facts->verified_by_keyinfo && facts != NULL)
        settle(work, DSIG_CAUSE_NO_KNOWN_KEY,
               arena_printf(work->arena,
                            "signed by the key in the message (SPKI sha256 %s), which is not one of the "
                            "%zu given",
                            facts->spki_sha256, key_set_trusted_count(work->options->keys)));
    else if (no_size_fits(work))
        settle(work, DSIG_CAUSE_KEY_SIZE,
               arena_printf(work->arena, "the value has %zu bytes (a %zu bit key), no candidate key has that size",
                            work->value.len, work->value.len * 8));
    else if (work->method->scheme == DSIG_RSA)
        settle(work, DSIG_CAUSE_NO_KNOWN_KEY, STR("none of the known keys made this signature"));
    else
        settle(work, DSIG_CAUSE_NO_KNOWN_KEY,
               STR("none of the known keys verifies; with this algorithm a wrong key and changed content cannot be "
                   "told apart"));
}

bool
dsig_explain_value(struct dsig_work *work)
{
    bool explained = false;

    if (work->method == NULL || candidate_count(work) == 0 || work->signed_info_bytes.len == 0)
        return true;
    if (!work->facts->verified_by_keyinfo) {
        explained = explain_by_encoding(work);
        if (!str_present(work->value))
            return !arena_failed(work->arena);
        if (!explained && work->method->scheme == DSIG_RSA)
            explained = explain_by_recovery(work);
        if (!explained)
            explained = explain_by_variant(work);
    }
    if (!explained && str_present(work->value))
        settle_unknown_key(work);
    return !arena_failed(work->arena);
}
