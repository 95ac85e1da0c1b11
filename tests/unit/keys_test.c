/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "buf.h"
#include "keys.h"
#include "saml_maker.h"
#include "xml_base64.h"

static const struct str any = { 0 };

static void
assert_str(struct str actual, const char *expected)
{
    if (!str_eq_c(actual, expected))
        fail_msg("\"%.*s\", expected \"%s\"", STR_ARG(actual), expected);
}

static struct str
der_of(struct arena *arena, const char *name)
{
    struct str der = { 0 };

    assert_true(xml_base64_decode(arena, str_from(saml_maker_certificate_base64(name)), &der));
    return der;
}

/* --- certificate facts --------------------------------------------------------------------------------- */

static void
test_certificate_facts(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct certificate_facts facts;

    (void)state;
    certificate_read(arena, der_of(arena, "idp"), STR("idp.pem"), &facts);
    assert_true(facts.parsed);
    assert_true(facts.subject.len > 3);
    assert_true(str_eq(facts.subject, facts.issuer));
    assert_true(facts.self_signed);
    assert_false(facts.repeated_extension);
    assert_str(facts.key_type, "RSA");
    assert_int_equal(facts.key_bits, 2048);
    assert_str(facts.signature_algorithm, "sha256WithRSAEncryption");
    assert_string_equal(facts.sha256, saml_maker_certificate_sha256("idp"));
    assert_int_equal(facts.not_before_ms, 1735689600000);
    assert_int_equal(facts.not_after_ms, 2051222400000);
    assert_str(facts.source, "idp.pem");
    assert_true(facts.serial.len > 0);
    certificate_read(arena, der_of(arena, "ec"), STR("x"), &facts);
    assert_str(facts.key_type, "EC");
    assert_int_equal(facts.key_bits, 256);
    certificate_read(arena, der_of(arena, "ed25519"), STR("x"), &facts);
    assert_str(facts.key_type, "Ed25519");
    arena_free(arena);
}

static void
test_same_key_same_identity(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct certificate_facts first, renewed, next;

    (void)state;
    certificate_read(arena, der_of(arena, "idp"), any, &first);
    certificate_read(arena, der_of(arena, "idp-renewed"), any, &renewed);
    certificate_read(arena, der_of(arena, "idp-next"), any, &next);
    assert_int_equal(strlen(first.spki_sha256), 64);
    assert_string_equal(first.spki_sha256, renewed.spki_sha256);
    assert_string_not_equal(first.sha256, renewed.sha256);
    assert_string_not_equal(first.spki_sha256, next.spki_sha256);
    arena_free(arena);
}

/* A certificate cut or changed anywhere gives facts or nothing, never a fault. */
static void
test_damaged_certificates(void **state)
{
    struct arena *arena = arena_new(64 << 20);
    struct str der = der_of(arena, "idp");
    char copy[4096];
    struct certificate_facts facts;

    (void)state;
    assert_true(der.len < sizeof(copy));
    for (size_t i = 0; i < der.len; i++) {
        certificate_read(arena, str_slice(der, 0, i), any, &facts);
        assert_false(facts.parsed);
        memcpy(copy, der.ptr, der.len);
        copy[i] ^= 0x55;
        certificate_read(arena, (struct str){ copy, der.len }, any, &facts);
        assert_int_equal(facts.der.len, der.len);
    }
    assert_int_equal(ERR_peek_error(), 0);
    arena_free(arena);
}

/* The key of a certificate that OpenSSL refuses as a whole is still found. */
static void
test_key_of_a_damaged_certificate(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct str der = der_of(arena, "idp"), name = STR("idp.example.com");
    struct certificate_facts good, facts;
    char copy[4096];
    size_t at = str_find(der, name);

    (void)state;
    assert_true(at != SIZE_MAX && at > 2 && der.len < sizeof(copy));
    certificate_read(arena, der, any, &good);
    memcpy(copy, der.ptr, der.len);
    /* The type of the name's text becomes one that does not exist; lengths stay right. */
    copy[at - 2] = 0x1F;
    certificate_read(arena, (struct str){ copy, der.len }, any, &facts);
    assert_false(facts.parsed);
    assert_string_equal(facts.spki_sha256, good.spki_sha256);
    assert_int_equal(facts.key_bits, 2048);
    arena_free(arena);
}

/* --- trusted keys ------------------------------------------------------------------------------------------ */

static void
expect_added(struct str bytes, size_t count)
{
    struct key_set *keys = key_set_new();
    const char *why = NULL;
    size_t added = key_set_add_trusted(keys, bytes, STR("file"), STR("urn:idp"), &why);

    if (added != count)
        fail_msg("%zu keys, expected %zu: %s", added, count, why ? why : "");
    assert_int_equal(key_set_trusted_count(keys), count);
    assert_int_equal(why == NULL, count > 0);
    if (count > 0) {
        assert_str(key_set_trusted_entity(keys, 0), "urn:idp");
        assert_str(key_set_trusted(keys, 0)->source, "file");
    }
    assert_null(key_set_trusted(keys, count));
    assert_int_equal(ERR_peek_error(), 0);
    key_set_free(keys);
}

static void
test_forms_of_certificates(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct buf buf;

    (void)state;
    expect_added(str_from(saml_maker_certificate_pem("idp")), 1);
    expect_added(str_from(saml_maker_certificate_base64("idp")), 1);
    expect_added(der_of(arena, "idp"), 1);
    buf_init(&buf, 1 << 20);
    buf_printf(&buf, "junk\n%s\nmore\n%s", saml_maker_certificate_pem("idp"), saml_maker_certificate_pem("ec"));
    expect_added(buf_str(&buf), 2);
    buf_release(&buf);
    expect_added(STR(""), 0);
    expect_added(STR(" \n"), 0);
    expect_added(STR("hello"), 0);
    expect_added(STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), 0);
    expect_added(STR("0\x82\x01"), 0);
    expect_added(str_from(saml_maker_private_pem("sp")), 0);
    arena_free(arena);
}

static void
test_bare_public_key(void **state)
{
    struct key_set *keys = key_set_new();
    BIO *bio = BIO_new(BIO_s_mem());
    const char *why;
    char *text;
    long len;

    (void)state;
    assert_int_equal(PEM_write_bio_PUBKEY(bio, saml_maker_key("idp")), 1);
    len = BIO_get_mem_data(bio, &text);
    assert_int_equal(key_set_add_trusted(keys, (struct str){ text, (size_t)len }, STR("k"), any, &why), 1);
    assert_true(key_set_trusted(keys, 0)->parsed);
    assert_false(str_present(key_set_trusted(keys, 0)->der));
    assert_int_equal(key_set_trusted(keys, 0)->key_bits, 2048);
    assert_int_equal(strlen(key_set_trusted(keys, 0)->spki_sha256), 64);
    assert_false(str_present(key_set_trusted_entity(keys, 0)));
    BIO_free(bio);
    key_set_free(keys);
}

/* --- private keys -------------------------------------------------------------------------------------------- */

static bool
add_private(struct str bytes, struct str passphrase)
{
    struct key_set *keys = key_set_new();
    const char *why = NULL;
    bool added = key_set_add_decryption(keys, bytes, passphrase, &why);

    assert_int_equal(key_set_decryption_count(keys), added ? 1 : 0);
    assert_int_equal(why == NULL, added);
    assert_int_equal(ERR_peek_error(), 0);
    key_set_free(keys);
    return added;
}

static void
test_private_keys(void **state)
{
    BIO *bio = BIO_new(BIO_s_mem());
    struct str locked;
    char *text;
    long len;

    (void)state;
    assert_true(add_private(str_from(saml_maker_private_pem("sp")), any));
    assert_false(add_private(str_from(saml_maker_certificate_pem("sp")), any));
    assert_false(add_private(STR("nonsense"), any));
    assert_false(add_private(STR(""), any));
    assert_int_equal(
        PEM_write_bio_PKCS8PrivateKey(bio, saml_maker_key("sp"), EVP_aes_128_cbc(), "secret", 6, NULL, NULL), 1);
    len = BIO_get_mem_data(bio, &text);
    locked = (struct str){ text, (size_t)len };
    /* Nobody is asked for a passphrase: without one it just does not open. */
    assert_false(add_private(locked, any));
    assert_false(add_private(locked, STR("wrong")));
    assert_true(add_private(locked, STR("secret")));
    BIO_free(bio);
}

/* Each form as DER. */
static void
test_private_der(void **state)
{
    unsigned char *plain = NULL;
    int len = i2d_PrivateKey(saml_maker_key("sp"), &plain);
    BIO *open = BIO_new(BIO_s_mem()), *locked = BIO_new(BIO_s_mem());
    char *text;
    long size;

    (void)state;
    assert_true(len > 0);
    assert_true(add_private((struct str){ (char *)plain, (size_t)len }, any));
    OPENSSL_free(plain);
    assert_int_equal(i2d_PKCS8PrivateKey_bio(open, saml_maker_key("sp"), NULL, NULL, 0, NULL, NULL), 1);
    size = BIO_get_mem_data(open, &text);
    assert_true(add_private((struct str){ text, (size_t)size }, any));
    assert_int_equal(i2d_PKCS8PrivateKey_bio(locked, saml_maker_key("sp"), EVP_aes_128_cbc(), "secret", 6, NULL, NULL),
                     1);
    size = BIO_get_mem_data(locked, &text);
    assert_false(add_private((struct str){ text, (size_t)size }, any));
    assert_false(add_private((struct str){ text, (size_t)size }, STR("wrong")));
    assert_true(add_private((struct str){ text, (size_t)size }, STR("secret")));
    BIO_free(open);
    BIO_free(locked);
}

static void
test_pkcs12(void **state)
{
    PKCS12 *bag = PKCS12_create("secret", "sp", saml_maker_key("sp"), NULL, NULL, 0, 0, 0, 0, 0);
    unsigned char *der = NULL;
    int len = i2d_PKCS12(bag, &der);
    struct str bytes = { (const char *)der, (size_t)len };

    (void)state;
    assert_true(len > 0);
    assert_true(add_private(bytes, STR("secret")));
    assert_false(add_private(bytes, STR("wrong")));
    assert_false(add_private(bytes, any));
    OPENSSL_free(der);
    PKCS12_free(bag);
}

/* --- base64 of XML ---------------------------------------------------------------------------------------------- */

static void
test_base64(void **state)
{
    static const struct {
        const char *text, *bytes;
    } rows[] = {
        { "", "" },           { "QQ==", "A" },           { "QUI=", "AB" },
        { "QUJD", "ABC" },    { " Q\nU J\tD\r", "ABC" }, { "QUJDRA==", "ABCD" },
        { "QUI", NULL },      { "QQ=", NULL },           { "QQ===", NULL },
        { "Q===", NULL },     { "QR==", NULL },          { "QUJ=", NULL },
        { "QQ==QQ==", NULL }, { "QU-D", NULL },          { "QUJD!", NULL },
        { "=", NULL },        { "====", NULL },
    };
    struct arena *arena = arena_new(1 << 20);
    struct str bytes;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool good = xml_base64_decode(arena, str_from(rows[i].text), &bytes);

        if (good != (rows[i].bytes != NULL) || (good && !str_eq_c(bytes, rows[i].bytes)))
            fail_msg("%s", rows[i].text);
    }
    assert_str(xml_base64_encode(arena, STR("")), "");
    assert_str(xml_base64_encode(arena, STR("A")), "QQ==");
    assert_str(xml_base64_encode(arena, STR("AB")), "QUI=");
    assert_str(xml_base64_encode(arena, STR("\xFB\xEF\xBE\xFF")), "++++/w==");
    arena_free(arena);
}

static int
tear_down(void **state)
{
    (void)state;
    saml_maker_release();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificate_facts),
        cmocka_unit_test(test_same_key_same_identity),
        cmocka_unit_test(test_damaged_certificates),
        cmocka_unit_test(test_key_of_a_damaged_certificate),
        cmocka_unit_test(test_forms_of_certificates),
        cmocka_unit_test(test_bare_public_key),
        cmocka_unit_test(test_private_keys),
        cmocka_unit_test(test_private_der),
        cmocka_unit_test(test_pkcs12),
        cmocka_unit_test(test_base64),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
