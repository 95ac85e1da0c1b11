/* SPDX-License-Identifier: MIT */
#include "ca.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW_S 1800000000

static struct ca *
make(int days, const char *const *hosts, size_t host_count)
{
    const char *why = NULL;
    struct ca_options options = {
        .name = "samltap test 2027", .days = days, .hosts = hosts, .host_count = host_count, .now_s = NOW_S
    };
    struct ca *ca = ca_create(&options, &why);

    if (ca == NULL)
        fail_msg("ca_create: %s", why);
    return ca;
}

static X509 *
certificate_of(const struct ca *ca)
{
    struct buf pem;
    BIO *bio;
    X509 *certificate;

    buf_init(&pem, 1 << 16);
    assert_true(ca_certificate_pem(ca, &pem));
    bio = BIO_new_mem_buf(pem.bytes, (int)pem.len);
    certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    assert_non_null(certificate);
    BIO_free(bio);
    buf_release(&pem);
    return certificate;
}

static void
root_has_exactly_the_profile(void **state)
{
    static const int extensions[] = { NID_basic_constraints, NID_key_usage, NID_ext_key_usage,
                                      NID_subject_key_identifier };
    struct ca *ca = make(90, NULL, 0);
    X509 *certificate = certificate_of(ca);
    int days = 0, seconds = 0;

    (void)state;
    assert_int_equal(X509_get_version(certificate), X509_VERSION_3);
    assert_int_equal(X509_get_ext_count(certificate), COUNT_OF(extensions));
    for (size_t i = 0; i < COUNT_OF(extensions); i++) {
        int at = X509_get_ext_by_NID(certificate, extensions[i], -1);

        assert_true(at >= 0);
        assert_int_equal(X509_get_ext_by_NID(certificate, extensions[i], at), -1); /* once */
    }
    assert_int_equal(X509_EXTENSION_get_critical(
                         X509_get_ext(certificate, X509_get_ext_by_NID(certificate, NID_basic_constraints, -1))),
                     1);
    assert_int_equal(
        X509_EXTENSION_get_critical(X509_get_ext(certificate, X509_get_ext_by_NID(certificate, NID_key_usage, -1))), 1);
    assert_int_equal(X509_check_ca(certificate), 1);
    assert_int_equal(X509_get_pathlen(certificate), 0);
    assert_int_equal(X509_get_key_usage(certificate), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
    assert_int_equal(X509_get_extended_key_usage(certificate), XKU_SSL_SERVER);
    assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(certificate)), 256);
    assert_int_equal(X509_get_signature_nid(certificate), NID_ecdsa_with_SHA256);
    assert_int_equal(ASN1_STRING_length(X509_get0_serialNumber(certificate)), 16);
    assert_int_equal(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate), X509_get0_notAfter(certificate)),
                     1);
    assert_int_equal(days * 86400 + seconds, 90 * 86400 + 3600);
    assert_int_equal(ca_not_after_s(ca), NOW_S + 90 * 86400);
    assert_string_equal(ca_name(ca), "samltap test 2027");
    X509_free(certificate);
    ca_free(ca);
}

static void
two_roots_share_neither_serial_nor_key(void **state)
{
    struct ca *a = make(30, NULL, 0), *b = make(30, NULL, 0);
    X509 *x = certificate_of(a), *y = certificate_of(b);
    char spki_a[45], spki_b[45];

    (void)state;
    assert_int_not_equal(ASN1_INTEGER_cmp(X509_get0_serialNumber(x), X509_get0_serialNumber(y)), 0);
    ca_spki_base64(a, spki_a);
    ca_spki_base64(b, spki_b);
    assert_int_equal(strlen(spki_a), 44);
    assert_string_not_equal(spki_a, spki_b);
    X509_free(x);
    X509_free(y);
    ca_free(a);
    ca_free(b);
}

static void
constrained_root_permits_hosts_and_excludes_addresses(void **state)
{
    static const char *const hosts[] = { "sp.example.com", "signin.example.net" };
    struct ca *ca = make(30, hosts, COUNT_OF(hosts));
    X509 *certificate = certificate_of(ca);
    int critical = 0;
    NAME_CONSTRAINTS *constraints = X509_get_ext_d2i(certificate, NID_name_constraints, &critical, NULL);

    (void)state;
    assert_non_null(constraints);
    assert_int_equal(critical, 1);
    assert_int_equal(sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees), 2);
    assert_int_equal(sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees), 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, i)->base->type, GEN_DNS);
        assert_int_equal(sk_GENERAL_SUBTREE_value(constraints->excludedSubtrees, i)->base->type, GEN_IPADD);
    }
    NAME_CONSTRAINTS_free(constraints);
    X509_free(certificate);
    ca_free(ca);
}

static void
bad_options_are_named(void **state)
{
    static const char *const bad_hosts[] = { "a.example,DNS:evil.example" };
    const struct ca_options bad[] = {
        { .name = NULL, .days = 30, .now_s = NOW_S },
        { .name = "", .days = 30, .now_s = NOW_S },
        { .name = "x", .days = 0, .now_s = NOW_S },
        { .name = "x", .days = 826, .now_s = NOW_S },
        { .name = "12345678901234567890123456789012345678901234567890123456789012345", .days = 30, .now_s = NOW_S },
        { .name = "x", .days = 30, .hosts = bad_hosts, .host_count = 1, .now_s = NOW_S },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const char *why = NULL;

        assert_null(ca_create(&bad[i], &why));
        assert_non_null(why);
        assert_null(strstr(why, "memory"));
    }
}

static void
loads_what_it_wrote(void **state)
{
    struct ca *ca = make(30, NULL, 0), *again;
    struct buf certificate, key;
    char before[65], after[65];
    const char *why = NULL;

    (void)state;
    buf_init(&certificate, 1 << 16);
    buf_init(&key, 1 << 16);
    assert_true(ca_certificate_pem(ca, &certificate));
    assert_true(ca_key_pem(ca, &key));
    assert_true(str_starts_c(buf_str(&key), "-----BEGIN PRIVATE KEY-----"));
    again = ca_load(buf_str(&certificate), buf_str(&key), &why);
    assert_non_null(again);
    assert_null(why);
    ca_fingerprint(ca, before);
    ca_fingerprint(again, after);
    assert_string_equal(before, after);
    assert_int_equal(strlen(after), 64);
    assert_int_equal(ca_not_after_s(again), NOW_S + 30 * 86400);
    OPENSSL_cleanse(key.bytes, key.len);
    buf_release(&certificate);
    buf_release(&key);
    ca_free(ca);
    ca_free(again);
}

static void
foreign_pairs_are_refused(void **state)
{
    struct ca *a = make(30, NULL, 0), *b = make(30, NULL, 0);
    struct buf certificate, key;
    const char *why = NULL;

    (void)state;
    buf_init(&certificate, 1 << 16);
    buf_init(&key, 1 << 16);
    assert_true(ca_certificate_pem(a, &certificate));
    assert_true(ca_key_pem(b, &key));
    assert_null(ca_load(buf_str(&certificate), buf_str(&key), &why));
    assert_non_null(strstr(why, "do not belong together"));
    assert_null(ca_load(buf_str(&key), buf_str(&key), &why));
    assert_non_null(strstr(why, "certificate"));
    assert_null(ca_load(buf_str(&certificate), STR("-----BEGIN NOTHING-----\n"), &why));
    assert_non_null(strstr(why, "private key"));
    assert_null(ca_load(STR(""), STR(""), &why));
    OPENSSL_cleanse(key.bytes, key.len);
    buf_release(&certificate);
    buf_release(&key);
    ca_free(a);
    ca_free(b);
}

/* A server certificate with its own key is a pair, but no authority. */
static void
certificate_that_is_no_ca_is_refused(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    BIO *certificate_bio = BIO_new(BIO_s_mem()), *key_bio = BIO_new(BIO_s_mem());
    X509_EXTENSION *extension;
    struct str certificate_pem, key_pem;
    char *bytes;
    const char *why = NULL;

    (void)state;
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_TIME_set(X509_getm_notBefore(certificate), NOW_S);
    ASN1_TIME_set(X509_getm_notAfter(certificate), NOW_S + 86400);
    X509_set_pubkey(certificate, key);
    extension = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:FALSE");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    PEM_write_bio_X509(certificate_bio, certificate);
    PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL);
    certificate_pem.len = (size_t)BIO_get_mem_data(certificate_bio, &bytes);
    certificate_pem.ptr = bytes;
    key_pem.len = (size_t)BIO_get_mem_data(key_bio, &bytes);
    key_pem.ptr = bytes;
    assert_null(ca_load(certificate_pem, key_pem, &why));
    assert_non_null(strstr(why, "not a CA"));
    BIO_free(certificate_bio);
    BIO_free(key_bio);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_has_exactly_the_profile),
        cmocka_unit_test(two_roots_share_neither_serial_nor_key),
        cmocka_unit_test(constrained_root_permits_hosts_and_excludes_addresses),
        cmocka_unit_test(bad_options_are_named),
        cmocka_unit_test(loads_what_it_wrote),
        cmocka_unit_test(foreign_pairs_are_refused),
        cmocka_unit_test(certificate_that_is_no_ca_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
