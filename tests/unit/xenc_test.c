/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "saml_maker.h"
#include "saml_reading.h"

#define NAMESPACES                                                                                                     \
    " xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\""
#define HEAD "Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\""
#define STATUS "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"
#define SUBJECT "<saml:Subject><saml:NameID>jdoe@example.com</saml:NameID></saml:Subject>"
#define ASSERTION(pis)                                                                                                 \
    "<saml:Assertion ID=\"_a\" " HEAD "><saml:Issuer>https://idp.example.com</saml:Issuer>" pis SUBJECT                \
    "</saml:Assertion>"
#define RESPONSE(sign, rest)                                                                                           \
    "<samlp:Response" NAMESPACES " ID=\"_r\" " HEAD                                                                    \
    "><saml:Issuer>https://idp.example.com</saml:Issuer>" sign STATUS rest "</samlp:Response>"
#define SIGN "<?sign key=\"idp\"?>"
#define ENCRYPT "<?encrypt to=\"sp\"?>"

static void
expect_result(const struct reading *reading, enum decrypt_result result)
{
    const struct saml_encrypted *encrypted = reading->message->encrypted;

    assert_int_equal(reading->message->encrypted_count, 1);
    if (encrypted->result != result)
        fail_msg("result %d, expected %d: %.*s", (int)encrypted->result, (int)result, STR_ARG(encrypted->detail));
    assert_int_equal(encrypted->document != 0, result == DECRYPT_OK);
    if (result != DECRYPT_OK)
        assert_true(encrypted->detail.len > 0);
}

static void
read_edited(struct reading *reading)
{
    if (reading_read(reading) == NULL)
        fail_msg("not read: %.*s", STR_ARG(reading->status.text));
}

static void
start(struct reading *reading)
{
    reading_init(reading);
    reading->options.second_opinion = true;
    reading_trust(reading, "idp");
    reading_decrypts(reading, "other");
    reading_decrypts(reading, "sp");
}

/* --- whole assertions ------------------------------------------------------------------------------------ */

static void
test_algorithms(void **state)
{
    static const char *const words[] = {
        "data=\"aes128-cbc\" transport=\"rsa-oaep\"",
        "data=\"aes256-cbc\" transport=\"rsa-oaep\"",
        "data=\"aes128-gcm\" transport=\"rsa-oaep\"",
        "data=\"aes256-gcm\" transport=\"rsa-1_5\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct reading reading;
        char template[2048];
        const struct saml_assertion *assertion;

        start(&reading);
        snprintf(template, sizeof(template), RESPONSE("", ASSERTION(SIGN "<?encrypt to=\"sp\" %s?>")), words[i]);
        reading_of(&reading, template);
        expect_result(&reading, DECRYPT_OK);
        assert_int_equal(reading.message->assertion_count, 1);
        assert_int_equal(reading.message->encrypted_assertion_count, 1);
        assertion = reading.message->assertions;
        assert_true(assertion->was_encrypted);
        assert_true(assertion->direct);
        assert_true(str_eq_c(assertion->name_id.value.text, "jdoe@example.com"));
        assert_true(str_eq_c(assertion->where.xpath, "/samlp:Response/saml:EncryptedAssertion/saml:Assertion"));
        assert_int_equal(assertion->where.document, 1);
        assert_int_equal(assertion->where.element, 1);
        assert_int_equal(assertion->signature, 0);
        assert_true(reading.message->signatures[0].trusted);
        assert_int_equal(saml_coverage(reading.message, assertion->name_id.value.where), COVERAGE_SIGNED);
        assert_int_equal(reading.message->stray_assertion_count, 0);
        reading_release(&reading);
    }
}

static void
test_facts_without_key(void **state)
{
    struct reading reading;
    const struct saml_encrypted *encrypted;

    (void)state;
    reading_init(&reading);
    reading_of(&reading, RESPONSE("", ASSERTION("<?encrypt to=\"sp\" data=\"aes256-gcm\"?>")));
    expect_result(&reading, DECRYPT_NO_KEY);
    encrypted = reading.message->encrypted;
    assert_true(str_eq_c(encrypted->element, "EncryptedAssertion"));
    assert_true(str_eq_c(encrypted->data_algorithm, "http://www.w3.org/2009/xmlenc11#aes256-gcm"));
    assert_true(str_find_c(encrypted->key_algorithm, "rsa-oaep") != SIZE_MAX);
    assert_int_equal(reading.message->assertion_count, 0);
    assert_int_equal(reading.message->encrypted_assertion_count, 1);
    reading_release(&reading);
}

static void
test_wrong_key(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_decrypts(&reading, "other");
    reading_of(&reading, RESPONSE("", ASSERTION(ENCRYPT)));
    expect_result(&reading, DECRYPT_WRONG_KEY);
    reading_release(&reading);
}

/* Takes four digits (three bytes) out of the content, whose CipherValue is the last one. */
static void
damage_content(struct reading *reading)
{
    struct str xml = arena_copy(reading->arena, buf_str(&reading->xml));
    size_t end = xml.len;

    while (end > 0 && !str_starts_c(str_from_offset(xml, end), "</xenc:CipherValue>"))
        end--;
    assert_true(end > 100);
    buf_reset(&reading->xml);
    buf_add_str(&reading->xml, str_slice(xml, 0, end - 40));
    buf_add_str(&reading->xml, str_from_offset(xml, end - 36));
}

/* One answer for a bad tag, bad padding and a bad key: nothing tells them apart. */
static void
test_damaged_ciphertext(void **state)
{
    static const char *const templates[] = {
        RESPONSE("", ASSERTION("<?encrypt to=\"sp\" data=\"aes128-cbc\"?>")),
        RESPONSE("", ASSERTION("<?encrypt to=\"sp\" data=\"aes128-gcm\"?>")),
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct reading reading, other;

        start(&reading);
        reading_make(&reading, templates[i]);
        reading_init(&other);
        reading_decrypts(&other, "other");
        reading_of(&other, templates[i]);
        damage_content(&reading);
        read_edited(&reading);
        expect_result(&reading, DECRYPT_WRONG_KEY);
        expect_result(&other, DECRYPT_WRONG_KEY);
        assert_true(str_eq(reading.message->encrypted->detail, other.message->encrypted->detail));
        reading_release(&other);
        reading_release(&reading);
    }
}

static void
test_malformed(void **state)
{
    struct reading reading;

    (void)state;
    start(&reading);
    reading_set(&reading, STR(RESPONSE("", "<saml:EncryptedAssertion/>")));
    read_edited(&reading);
    expect_result(&reading, DECRYPT_MALFORMED);
    reading_make(&reading, RESPONSE("", ASSERTION(ENCRYPT)));
    reading_edit_all(&reading, "EncryptedKey", "OtherKey");
    read_edited(&reading);
    expect_result(&reading, DECRYPT_MALFORMED);
    reading_make(&reading, RESPONSE("", ASSERTION("<?encrypt to=\"sp\" data=\"aes128-cbc\"?>")));
    reading_edit(&reading, "aes128-cbc", "serpent");
    read_edited(&reading);
    expect_result(&reading, DECRYPT_UNSUPPORTED);
    reading_make(&reading, RESPONSE("", ASSERTION(ENCRYPT)));
    reading_edit(&reading, "rsa-oaep", "kw-rot13");
    read_edited(&reading);
    expect_result(&reading, DECRYPT_UNSUPPORTED);
    reading_release(&reading);
}

static void
test_outer_signature_stays_valid(void **state)
{
    struct reading reading;

    (void)state;
    start(&reading);
    reading_of(&reading, RESPONSE(SIGN, ASSERTION(SIGN ENCRYPT)));
    assert_int_equal(reading.message->signature_count, 2);
    assert_int_equal(reading.message->signature, 0);
    assert_true(reading.message->signatures[0].trusted);
    assert_int_equal(reading.message->signatures[0].document, 0);
    assert_int_equal(reading.message->signatures[0].second_opinion, DSIG_OK);
    assert_true(reading.message->signatures[1].trusted);
    assert_int_equal(reading.message->signatures[1].document, 1);
    /* Only the outer one: what it covers came out of what it signed. */
    reading_of(&reading, RESPONSE(SIGN, ASSERTION(ENCRYPT)));
    assert_int_equal(saml_coverage(reading.message, reading.message->assertions[0].name_id.value.where),
                     COVERAGE_SIGNED);
    /* None: encryption is no signature. */
    reading_of(&reading, RESPONSE("", ASSERTION(ENCRYPT)));
    assert_int_equal(saml_coverage(reading.message, reading.message->assertions[0].name_id.value.where),
                     COVERAGE_UNSIGNED);
    reading_release(&reading);
}

static void
test_duplicate_id_inside(void **state)
{
    struct reading reading;

    (void)state;
    start(&reading);
    reading_of(&reading, RESPONSE("", "<saml:Assertion ID=\"_r\" " HEAD "><saml:Issuer>i</saml:Issuer>" SIGN ENCRYPT
                                      "</saml:Assertion>"));
    expect_result(&reading, DECRYPT_OK);
    assert_int_equal(reading.message->duplicate_id_count, 1);
    assert_int_equal(reading.message->duplicate_ids[0].second.document, 1);
    assert_false(reading.message->signatures[0].valid);
    reading_release(&reading);
}

/* --- parts of an assertion -------------------------------------------------------------------------------- */

static void
test_encrypted_parts(void **state)
{
    static const char *const template = RESPONSE(
        "", "<saml:Assertion ID=\"_a\" " HEAD "><saml:Issuer>i</saml:Issuer>" SIGN
            "<saml:Subject><saml:NameID Format=\"urn:f\">" ENCRYPT "jdoe@example.com</saml:NameID></saml:Subject>"
            "<saml:AttributeStatement><saml:Attribute Name=\"mail\">" ENCRYPT
            "<saml:AttributeValue>a@example.com</saml:AttributeValue></saml:Attribute>"
            "<saml:Attribute Name=\"plain\"/></saml:AttributeStatement></saml:Assertion>");
    const struct saml_assertion *assertion;
    struct reading reading;

    (void)state;
    start(&reading);
    assertion = reading_of(&reading, template)->assertions;
    assert_int_equal(reading.message->encrypted_count, 2);
    assert_true(assertion->name_id.encrypted);
    assert_true(str_eq_c(assertion->name_id.value.text, "jdoe@example.com"));
    assert_int_equal(assertion->encrypted_id_count, 0);
    assert_int_equal(assertion->attribute_count, 2);
    assert_true(assertion->attributes[0].was_encrypted);
    assert_true(str_eq_c(assertion->attributes[0].values[0].value.text, "a@example.com"));
    assert_false(assertion->attributes[1].was_encrypted);
    assert_int_equal(assertion->encrypted_attribute_count, 0);
    assert_true(reading.message->signatures[0].trusted);
    assert_int_equal(saml_coverage(reading.message, assertion->name_id.value.where), COVERAGE_SIGNED);
    reading_release(&reading);

    reading_init(&reading);
    assertion = reading_of(&reading, template)->assertions;
    assert_true(assertion->name_id.encrypted);
    assert_false(str_present(assertion->name_id.value.text));
    assert_int_equal(assertion->encrypted_id_count, 1);
    assert_int_equal(assertion->encrypted_attribute_count, 1);
    assert_int_equal(assertion->attribute_count, 1);
    reading_release(&reading);
}

/* --- built here: what the maker does not make ------------------------------------------------------------- */

struct sealing {
    const char *transport;  /* algorithm URI */
    const char *parameters; /* children of EncryptionMethod */
    const char *oaep_digest;
    const char *mask_digest;
};

static void
seal_key(const struct sealing *sealing, const unsigned char *secret, size_t len, struct buf *out)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(saml_maker_key("sp"), NULL);
    unsigned char wrapped[512];
    size_t wrapped_len = sizeof(wrapped);

    assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_get_digestbyname(sealing->oaep_digest)), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_get_digestbyname(sealing->mask_digest)), 1);
    assert_int_equal(EVP_PKEY_encrypt(context, wrapped, &wrapped_len, secret, len), 1);
    EVP_PKEY_CTX_free(context);
    saml_maker_base64((struct str){ (const char *)wrapped, wrapped_len }, out);
}

static void
seal_content(struct str plaintext, const unsigned char *secret, struct buf *out)
{
    unsigned char bytes[4096], iv[16];
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int len = 0, last = 0;

    assert_int_equal(RAND_bytes(iv, sizeof(iv)), 1);
    memcpy(bytes, iv, sizeof(iv));
    assert_int_equal(EVP_EncryptInit_ex(context, EVP_aes_256_cbc(), NULL, secret, iv), 1);
    assert_int_equal(
        EVP_EncryptUpdate(context, bytes + 16, &len, (const unsigned char *)plaintext.ptr, (int)plaintext.len), 1);
    assert_int_equal(EVP_EncryptFinal_ex(context, bytes + 16 + len, &last), 1);
    EVP_CIPHER_CTX_free(context);
    saml_maker_base64((struct str){ (const char *)bytes, 16 + (size_t)(len + last) }, out);
}

/* key_place: 0 inside KeyInfo, 1 a sibling, 2 a sibling named by RetrievalMethod. */
static void
seal(struct reading *reading, const struct sealing *sealing, const char *plaintext, int key_place)
{
    unsigned char secret[32];
    struct buf content, key;

    buf_init(&content, 1 << 16);
    buf_init(&key, 1 << 16);
    assert_int_equal(RAND_bytes(secret, sizeof(secret)), 1);
    seal_content(str_from(plaintext), secret, &content);
    buf_printf(&key,
               "<xenc:EncryptedKey Id=\"_k\" Recipient=\"urn:sp\"><xenc:EncryptionMethod Algorithm=\"%s\">%s"
               "</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>",
               sealing->transport, sealing->parameters);
    seal_key(sealing, secret, sizeof(secret), &key);
    buf_add_c(&key, "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>");
    buf_reset(&reading->xml);
    buf_printf(
        &reading->xml,
        "<samlp:Response" NAMESPACES " xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" xmlns:ds=\""
        "http://www.w3.org/2000/09/xmldsig#\" xmlns:out=\"urn:out\" ID=\"_r\" " HEAD ">" STATUS
        "<saml:EncryptedAssertion><xenc:EncryptedData><xenc:EncryptionMethod Algorithm=\""
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc\"/>%s%s%s<xenc:CipherData><xenc:CipherValue>%s"
        "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>%s</saml:EncryptedAssertion></samlp:Response>",
        key_place == 0 ? "<ds:KeyInfo>" : "", key_place == 0 ? key.bytes : "",
        key_place == 0   ? "</ds:KeyInfo>"
        : key_place == 2 ? "<ds:KeyInfo><ds:RetrievalMethod URI=\"#_k\"/></ds:KeyInfo>"
                         : "",
        content.bytes, key_place == 0 ? "" : key.bytes);
    buf_release(&content);
    buf_release(&key);
    read_edited(reading);
}

#define MGF1P "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
#define OAEP11 "http://www.w3.org/2009/xmlenc11#rsa-oaep"
#define DIGEST256 "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>"
#define MASK(name)                                                                                                     \
    "<m:MGF xmlns:m=\"http://www.w3.org/2009/xmlenc11#\" Algorithm=\"http://www.w3.org/2009/xmlenc11#" name "\"/>"
#define PLAIN "<saml:Assertion ID=\"_p\" out:x=\"1\"><saml:Issuer>i</saml:Issuer></saml:Assertion>"

static const struct sealing plain_sealing = { MGF1P, "", "SHA1", "SHA1" };

static void
test_oaep_variants(void **state)
{
    static const struct sealing rows[] = {
        { MGF1P, "", "SHA1", "SHA1" },
        { MGF1P, DIGEST256, "SHA256", "SHA1" },
        { MGF1P, DIGEST256, "SHA256", "SHA256" },
        { OAEP11, DIGEST256 MASK("mgf1sha1"), "SHA256", "SHA1" },
        { OAEP11, DIGEST256 MASK("mgf1sha256"), "SHA256", "SHA256" },
        { OAEP11, MASK("mgf1sha512"), "SHA1", "SHA512" },
    };
    struct reading reading;

    (void)state;
    start(&reading);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int place = 0; place < 3; place++) {
            seal(&reading, &rows[i], PLAIN, place);
            expect_result(&reading, DECRYPT_OK);
            assert_true(str_eq_c(reading.message->assertions[0].id.text, "_p"));
            assert_true(str_eq_c(reading.message->encrypted->recipient, "urn:sp"));
        }
    }
    reading_release(&reading);
}

static void
expect_plaintext(struct reading *reading, const char *plaintext, enum decrypt_result result)
{
    seal(reading, &plain_sealing, plaintext, 0);
    if (reading->message->encrypted->result != result)
        fail_msg("%s: %d, %.*s", plaintext, (int)reading->message->encrypted->result,
                 STR_ARG(reading->message->encrypted->detail));
}

static void
test_plaintext_rules(void **state)
{
    struct reading reading;

    (void)state;
    start(&reading);
    expect_plaintext(&reading, PLAIN, DECRYPT_OK);
    expect_plaintext(&reading, "<?xml version=\"1.0\"?>\n" PLAIN, DECRYPT_OK);
    expect_plaintext(&reading, "\xEF\xBB\xBF" PLAIN, DECRYPT_OK);
    expect_plaintext(&reading, " <!-- -->" PLAIN "\n", DECRYPT_OK);
    expect_plaintext(&reading, "<saml:NameID>a</saml:NameID>", DECRYPT_PLAINTEXT);
    expect_plaintext(&reading, PLAIN PLAIN, DECRYPT_PLAINTEXT);
    expect_plaintext(&reading, "text", DECRYPT_PLAINTEXT);
    expect_plaintext(&reading, "<saml:Assertion>", DECRYPT_PLAINTEXT);
    expect_plaintext(&reading, "</wrapper><wrapper>", DECRYPT_PLAINTEXT);
    expect_plaintext(&reading, PLAIN "</wrapper>", DECRYPT_PLAINTEXT);
    expect_plaintext(&reading, "<undeclared:a/>", DECRYPT_PLAINTEXT);
    expect_plaintext(&reading, "<!DOCTYPE a>" PLAIN, DECRYPT_PLAINTEXT);
    expect_plaintext(&reading, "<saml:Assertion>&lol;</saml:Assertion>", DECRYPT_PLAINTEXT);
    reading_release(&reading);
}

/* Many elements that cannot be opened cost no more than a few key operations. */
static void
test_many_encrypted(void **state)
{
    struct reading reading;
    struct buf many;
    struct str one;
    size_t start_at, end_at;

    (void)state;
    start(&reading);
    seal(&reading, &plain_sealing, PLAIN, 0);
    start_at = str_find_c(buf_str(&reading.xml), "<saml:EncryptedAssertion>");
    end_at = str_find_c(buf_str(&reading.xml), "</samlp:Response>");
    one = arena_copy(reading.arena, str_slice(buf_str(&reading.xml), start_at, end_at - start_at));
    buf_init(&many, 2 << 20);
    buf_add_str(&many, str_slice(buf_str(&reading.xml), 0, start_at));
    for (int i = 0; i < 200; i++)
        buf_add_str(&many, one);
    buf_add_c(&many, "</samlp:Response>");
    reading_set(&reading, buf_str(&many));
    buf_release(&many);
    read_edited(&reading);
    assert_true(reading.message->assertion_count >= 1 && reading.message->assertion_count <= 32);
    assert_int_equal(reading.message->encrypted_assertion_count, 200);
    reading_release(&reading);
}

static int
set_up(void **state)
{
    const char *why;

    (void)state;
    return saml_library_init(&why) ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    saml_maker_release();
    saml_library_cleanup();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_algorithms),          cmocka_unit_test(test_facts_without_key),
        cmocka_unit_test(test_wrong_key),           cmocka_unit_test(test_damaged_ciphertext),
        cmocka_unit_test(test_malformed),           cmocka_unit_test(test_outer_signature_stays_valid),
        cmocka_unit_test(test_duplicate_id_inside), cmocka_unit_test(test_encrypted_parts),
        cmocka_unit_test(test_oaep_variants),       cmocka_unit_test(test_plaintext_rules),
        cmocka_unit_test(test_many_encrypted),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
