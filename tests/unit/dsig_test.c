/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "saml_maker.h"
#include "saml_reading.h"

/* Shape, digest, value and keys of signatures: saml-verification 4.1 to 4.6, 5.1. */

#define NAMESPACES                                                                                                     \
    " xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\""
#define HEAD "Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\""
#define STATUS "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"
#define BODY                                                                                                           \
    "\n<saml:Subject><saml:NameID Format=\"urn:f\" "                                                                   \
    "NameQualifier=\"q\">jdoe@example.com</saml:NameID></saml:Subject>\n"                                              \
    "<saml:Conditions><saml:OneTimeUse/></saml:Conditions>\n"
#define ASSERTION(sign)                                                                                                \
    "<saml:Assertion ID=\"_a\" " HEAD "><saml:Issuer>https://idp.example.com</saml:Issuer>" sign BODY                  \
    "</saml:Assertion>"
#define RESPONSE(sign, rest)                                                                                           \
    "<samlp:Response" NAMESPACES " ID=\"_r\" " HEAD                                                                    \
    "><saml:Issuer>https://idp.example.com</saml:Issuer>" sign STATUS rest "</samlp:Response>"
#define SIGN "<?sign key=\"idp\"?>"
#define SIGNED_ASSERTION RESPONSE("", ASSERTION(SIGN))

static const struct dsig_signature *
signature(const struct reading *reading)
{
    assert_true(reading->message->signature_count > 0);
    return &reading->message->signatures[0];
}

static void
show(const struct dsig_signature *s)
{
    print_message("digest %s, value %s, valid %d, trusted %d, second %s %.*s, problem %.*s\n",
                  dsig_state_name(s->digest), dsig_state_name(s->value), s->valid, s->trusted,
                  dsig_state_name(s->second_opinion), STR_ARG(s->second_opinion_why), STR_ARG(s->problem_detail));
    for (int i = 0; i < DSIG_PROBLEM_COUNT; i++)
        if (dsig_has_problem(s, (enum dsig_problem)i))
            print_message("  %s\n", dsig_problem_name((enum dsig_problem)i));
}

static void
expect(const struct dsig_signature *s, enum dsig_state digest, enum dsig_state value, bool trusted)
{
    if (s->digest == digest && s->value == value && s->valid == trusted && s->trusted == trusted)
        return;
    show(s);
    fail_msg("expected digest %s, value %s, trusted %d", dsig_state_name(digest), dsig_state_name(value), trusted);
}

static void
read_edited(struct reading *reading)
{
    if (reading_read(reading) == NULL)
        fail_msg("not read: %.*s", STR_ARG(reading->status.text));
}

/* --- algorithms --------------------------------------------------------------------------------------- */

static void
test_algorithms(void **state)
{
    static const struct {
        const char *key;
        const char *words;
        bool second; /* xmlsec1 knows it too */
    } rows[] = {
        { "idp", "method=\"rsa-sha1\" digest=\"sha1\"", true },
        { "idp", "method=\"rsa-sha256\" digest=\"sha256\"", true },
        { "idp", "method=\"rsa-sha384\" digest=\"sha384\"", true },
        { "idp", "method=\"rsa-sha512\" digest=\"sha512\"", true },
        { "idp", "method=\"rsa-pss-sha256\"", false },
        { "ec", "method=\"ecdsa-sha256\"", true },
        { "ed25519", "method=\"ed25519\"", false },
        { "idp", "c14n=\"exc-comments\"", true },
        { "idp", "c14n=\"inc\"", true },
        { "idp", "c14n=\"inc11\"", false },
        { "tiny", "method=\"rsa-sha1\"", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reading reading;
        char template[4096];

        reading_init(&reading);
        reading.options.second_opinion = rows[i].second;
        reading_trust(&reading, rows[i].key);
        snprintf(template, sizeof(template), RESPONSE("", ASSERTION("<?sign key=\"%s\" %s?>")), rows[i].key,
                 rows[i].words);
        reading_of(&reading, template);
        if (!signature(&reading)->trusted || (rows[i].second && signature(&reading)->second_opinion != DSIG_OK)) {
            show(signature(&reading));
            fail_msg("%s %s", rows[i].key, rows[i].words);
        }
        assert_int_equal(dsig_has_problem(signature(&reading), DSIG_PROBLEM_C14N_INCLUSIVE),
                         strstr(rows[i].words, "inc") != NULL);
        reading_edit(&reading, "jdoe@", "root@");
        read_edited(&reading);
        expect(signature(&reading), DSIG_BAD, DSIG_OK, false);
        reading_release(&reading);
    }
}

static void
test_refused_algorithms(void **state)
{
    static const struct {
        const char *words;
        enum dsig_problem problem;
    } rows[] = {
        { "method-uri=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"", DSIG_PROBLEM_SIGNATURE_METHOD_REFUSED },
        { "method-uri=\"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256\"", DSIG_PROBLEM_SIGNATURE_METHOD_REFUSED },
        { "method-uri=\"http://www.w3.org/2001/04/xmldsig-more#rsa-md5\"", DSIG_PROBLEM_SIGNATURE_METHOD_REFUSED },
        { "method-uri=\"urn:mine\"", DSIG_PROBLEM_SIGNATURE_METHOD_UNKNOWN },
        { "digest-uri=\"http://www.w3.org/2001/04/xmldsig-more#md5\"", DSIG_PROBLEM_DIGEST_METHOD_REFUSED },
        { "digest-uri=\"http://www.w3.org/2001/04/xmldsig-more#sha256\"", DSIG_PROBLEM_DIGEST_METHOD_UNKNOWN },
        { "c14n-uri=\"urn:mine\"", DSIG_PROBLEM_C14N_UNKNOWN },
        { "transforms=\"enveloped http://www.w3.org/TR/1999/REC-xpath-19991116\"", DSIG_PROBLEM_TRANSFORM },
        { "transforms=\"enveloped http://www.w3.org/TR/1999/REC-xslt-19991116 exc\"", DSIG_PROBLEM_TRANSFORM },
        { "transforms=\"enveloped exc exc\"", DSIG_PROBLEM_TRANSFORM },
        { "transforms=\"exc enveloped\"", DSIG_PROBLEM_TRANSFORM },
        { "transforms=\"enveloped enveloped exc\"", DSIG_PROBLEM_TRANSFORM },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reading reading;
        char template[4096];

        reading_init(&reading);
        reading.options.second_opinion = true;
        reading_trust(&reading, "idp");
        snprintf(template, sizeof(template), RESPONSE("", ASSERTION("<?sign key=\"idp\" %s?>")), rows[i].words);
        reading_of(&reading, template);
        if (signature(&reading)->valid || !dsig_has_problem(signature(&reading), rows[i].problem)) {
            show(signature(&reading));
            fail_msg("%s", rows[i].words);
        }
        assert_int_equal(signature(&reading)->second_opinion, DSIG_NOT_CHECKED);
        reading_release(&reading);
    }
}

/* --- shape (4.1) --------------------------------------------------------------------------------------- */

/* A signed assertion, one edit of its text, one problem; never valid. */
static void
expect_problem(const char *template, const char *from, const char *to, enum dsig_problem problem)
{
    struct reading reading;

    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, template);
    if (from != NULL)
        reading_edit(&reading, from, to);
    read_edited(&reading);
    for (size_t i = 0; i < reading.message->signature_count; i++)
        assert_false(reading.message->signatures[i].valid);
    if (!dsig_has_problem(signature(&reading), problem)) {
        show(signature(&reading));
        fail_msg("no problem %s", dsig_problem_name(problem));
    }
    assert_true(signature(&reading)->problem_detail.len > 0);
    reading_release(&reading);
}

static void
test_shape(void **state)
{
    (void)state;
    expect_problem(RESPONSE("", "<saml:Assertion ID=\"_a\" " HEAD "><saml:Issuer>i</saml:Issuer>"
                                "<saml:Subject ID=\"_s\">" SIGN "</saml:Subject></saml:Assertion>"),
                   NULL, NULL, DSIG_PROBLEM_PLACEMENT);
    expect_problem(RESPONSE("", "<samlp:Extensions>" ASSERTION(SIGN) "</samlp:Extensions>"), NULL, NULL,
                   DSIG_PROBLEM_PLACEMENT);
    expect_problem(RESPONSE("", "<saml:Assertion ID=\"_a\" " HEAD ">" SIGN "<saml:Issuer>i</saml:Issuer>"
                                "</saml:Assertion>"),
                   NULL, NULL, DSIG_PROBLEM_POSITION);
    expect_problem(RESPONSE("", ASSERTION("") "<saml:Assertion ID=\"_b\" " HEAD "><saml:Issuer>i</saml:Issuer>"
                                              "<saml:Subject/>" SIGN "</saml:Assertion>"),
                   NULL, NULL, DSIG_PROBLEM_POSITION);
    expect_problem(SIGNED_ASSERTION, "</ds:SignedInfo>", "</ds:SignedInfo><ds:SignedInfo/>",
                   DSIG_PROBLEM_SIGNED_INFO_COUNT);
    expect_problem(SIGNED_ASSERTION, "<ds:SignedInfo>", "<ds:KeyInfo/><ds:SignedInfo>", DSIG_PROBLEM_SIGNED_INFO_COUNT);
    expect_problem(SIGNED_ASSERTION, "</ds:SignedInfo>", "<x/></ds:SignedInfo>", DSIG_PROBLEM_SIGNED_INFO_COUNT);
    expect_problem(SIGNED_ASSERTION, "</ds:Reference>", "</ds:Reference><ds:Reference URI=\"#_r\"/>",
                   DSIG_PROBLEM_REFERENCE_COUNT);
    expect_problem(SIGNED_ASSERTION, "</ds:DigestValue>", "</ds:DigestValue><ds:DigestValue>AAAA</ds:DigestValue>",
                   DSIG_PROBLEM_REFERENCE_COUNT);
    expect_problem(SIGNED_ASSERTION, " URI=\"#_a\"", "", DSIG_PROBLEM_URI_MISSING);
    expect_problem(SIGNED_ASSERTION, "URI=\"#_a\"", "URI=\"\"", DSIG_PROBLEM_URI_MISMATCH);
    expect_problem(SIGNED_ASSERTION, "URI=\"#_a\"", "URI=\"#_r\"", DSIG_PROBLEM_URI_MISMATCH);
    expect_problem(SIGNED_ASSERTION, "URI=\"#_a\"", "URI=\"#_zz')|id('_a\"", DSIG_PROBLEM_URI_MISMATCH);
    expect_problem(SIGNED_ASSERTION, "URI=\"#_a\"", "URI=\"#xpointer(id('_a'))\"", DSIG_PROBLEM_URI_MISMATCH);
    expect_problem(SIGNED_ASSERTION, "URI=\"#_a\"", "URI=\"file:///etc/passwd\"", DSIG_PROBLEM_URI_MISMATCH);
    expect_problem(SIGNED_ASSERTION, "<samlp:Status>", "<samlp:Status Id=\"_a\">", DSIG_PROBLEM_DUPLICATE_ID);
    expect_problem(SIGNED_ASSERTION, " ID=\"_a\"", "", DSIG_PROBLEM_PARENT_WITHOUT_ID);
    expect_problem(SIGNED_ASSERTION, "</ds:Signature>", "<ds:Object/></ds:Signature>", DSIG_PROBLEM_OBJECT);
    expect_problem(SIGNED_ASSERTION, "</ds:DigestValue>", "<!-- --></ds:DigestValue>", DSIG_PROBLEM_VALUE_NOT_TEXT);
    expect_problem(SIGNED_ASSERTION, "</ds:DigestValue>", "<?x?></ds:DigestValue>", DSIG_PROBLEM_VALUE_NOT_TEXT);
    expect_problem(SIGNED_ASSERTION, "</ds:SignatureValue>", "<![CDATA[]]></ds:SignatureValue>",
                   DSIG_PROBLEM_VALUE_NOT_TEXT);
    expect_problem(SIGNED_ASSERTION, "<ds:SignatureValue>", "<ds:SignatureValue>!", DSIG_PROBLEM_VALUE_BASE64);
    expect_problem(SIGNED_ASSERTION, "<ds:DigestValue>", "<ds:DigestValue>====", DSIG_PROBLEM_VALUE_BASE64);
}

static void
test_second_signature(void **state)
{
    (void)state;
    expect_problem(RESPONSE("", ASSERTION(SIGN "<?sign key=\"other\"?>")), NULL, NULL, DSIG_PROBLEM_SECOND_SIGNATURE);
}

static void
test_missing_value(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, SIGNED_ASSERTION);
    reading_edit_all(&reading, "ds:SignatureValue", "ds:Other");
    read_edited(&reading);
    assert_true(dsig_has_problem(signature(&reading), DSIG_PROBLEM_VALUE_EMPTY));
    expect(signature(&reading), DSIG_OK, DSIG_NOT_CHECKED, false);
    reading_release(&reading);
}

static void
test_prefix_list(void **state)
{
    static const char *const plain = "Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>";
    char list[1024] = "Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"><ec:InclusiveNamespaces "
                      "xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"";

    (void)state;
    for (int i = 0; i < 33; i++)
        snprintf(list + strlen(list), sizeof(list) - strlen(list), " p%d", i);
    strcat(list, "\"/></ds:Transform></ds:Transforms>");
    expect_problem(SIGNED_ASSERTION, plain, list, DSIG_PROBLEM_PREFIX_LIST);
}

static void
test_empty_uri(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_of(&reading, RESPONSE("<?sign key=\"idp\" reference=\"\"?>", ASSERTION("")));
    assert_true(dsig_has_problem(signature(&reading), DSIG_PROBLEM_URI_EMPTY));
    expect(signature(&reading), DSIG_OK, DSIG_OK, true);
    /* Not on an inner element, whatever it digests. */
    reading_of(&reading, RESPONSE("", ASSERTION("<?sign key=\"idp\" reference=\"\"?>")));
    assert_true(dsig_has_problem(signature(&reading), DSIG_PROBLEM_URI_MISMATCH));
    assert_false(signature(&reading)->valid);
    reading_release(&reading);
}

/* --- what canonicalisation forgives (4.6) ------------------------------------------------------------- */

/* Edits the signed assertion and says which of digest and value must hold. */
static void
expect_after_edit(const char *template, const char *from, const char *to, enum dsig_state digest, enum dsig_state value)
{
    struct reading reading;

    reading_init(&reading);
    reading.options.second_opinion = true;
    reading_trust(&reading, "idp");
    reading_make(&reading, template);
    reading_edit_all(&reading, from, to);
    read_edited(&reading);
    expect(signature(&reading), digest, value, digest == DSIG_OK && value == DSIG_OK);
    /* The second engine must say the same where it is asked. */
    if (signature(&reading)->second_opinion != DSIG_NOT_CHECKED)
        assert_int_equal(signature(&reading)->second_opinion, signature(&reading)->valid ? DSIG_OK : DSIG_BAD);
    reading_release(&reading);
}

static void
test_canonicalisation(void **state)
{
    (void)state;
    expect_after_edit(SIGNED_ASSERTION, "Format=\"urn:f\" NameQualifier=\"q\"",
                      "NameQualifier='q'\n  Format = \"urn:f\" ", DSIG_OK, DSIG_OK);
    expect_after_edit(SIGNED_ASSERTION, "<saml:OneTimeUse/>", "<saml:OneTimeUse></saml:OneTimeUse>", DSIG_OK, DSIG_OK);
    expect_after_edit(SIGNED_ASSERTION, "\n", "\r\n", DSIG_OK, DSIG_OK);
    expect_after_edit(SIGNED_ASSERTION, "\n", "&#13;\n", DSIG_BAD, DSIG_OK);
    expect_after_edit(SIGNED_ASSERTION, "<saml:Conditions>", "\n  <saml:Conditions>", DSIG_BAD, DSIG_OK);
    expect_after_edit(SIGNED_ASSERTION, "<saml:Assertion ", "\n  <saml:Assertion ", DSIG_OK, DSIG_OK);
    expect_after_edit(SIGNED_ASSERTION, "jdoe@", "jdoe<!-- -->@", DSIG_OK, DSIG_OK);
    expect_after_edit(SIGNED_ASSERTION, "jdoe@example.com", "<![CDATA[jdoe@example.com]]>", DSIG_OK, DSIG_OK);
    expect_after_edit(SIGNED_ASSERTION, "<saml:Conditions>", "<saml:Conditions><?p i?>", DSIG_BAD, DSIG_OK);
    expect_after_edit(SIGNED_ASSERTION, "<samlp:Response ", "<samlp:Response xmlns:unused=\"urn:unused\" ", DSIG_OK,
                      DSIG_OK);
    expect_after_edit(RESPONSE("", ASSERTION("<?sign key=\"idp\" c14n=\"inc\"?>")), "<samlp:Response ",
                      "<samlp:Response xmlns:unused=\"urn:unused\" ", DSIG_BAD, DSIG_BAD);
}

static void
test_renamed_prefix(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, SIGNED_ASSERTION);
    reading_edit_all(&reading, "<saml:", "<s:");
    reading_edit_all(&reading, "</saml:", "</s:");
    reading_edit(&reading, "xmlns:saml=", "xmlns:s=");
    read_edited(&reading);
    expect(signature(&reading), DSIG_BAD, DSIG_OK, false);
    reading_release(&reading);
}

static void
test_values_with_blanks(void **state)
{
    (void)state;
    expect_after_edit(SIGNED_ASSERTION, "<ds:DigestValue>", "<ds:DigestValue>\n", DSIG_OK, DSIG_BAD);
    expect_after_edit(SIGNED_ASSERTION, "<ds:SignatureValue>", "<ds:SignatureValue>\n  ", DSIG_OK, DSIG_OK);
}

static void
test_relative_namespace_is_an_error(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, SIGNED_ASSERTION);
    reading_edit(&reading, "<samlp:Response ", "<samlp:Response xmlns:x=\"1\" ");
    read_edited(&reading);
    assert_true(reading.message->relative_namespace);
    assert_int_equal(signature(&reading)->digest, DSIG_ERROR);
    assert_false(str_present(signature(&reading)->digest_computed));
    assert_false(signature(&reading)->valid);
    reading_release(&reading);
}

static void
test_utf16(void **state)
{
    struct reading reading;
    struct buf wide;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, SIGNED_ASSERTION);
    buf_init(&wide, 1 << 20);
    buf_add(&wide, "\xFE\xFF", 2);
    for (size_t i = 0; i < reading.xml.len; i++) {
        buf_add_byte(&wide, 0);
        buf_add_byte(&wide, reading.xml.bytes[i]);
    }
    reading_set(&reading, buf_str(&wide));
    buf_release(&wide);
    read_edited(&reading);
    expect(signature(&reading), DSIG_OK, DSIG_OK, true);
    assert_int_equal(reading.message->assertions[0].where.length, 0);
    reading_release(&reading);
}

/* --- digest and value are two questions (5.1) ---------------------------------------------------------- */

static void
test_digest_and_value(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading.options.keep_canonical = true;
    reading_trust(&reading, "idp");
    reading_of(&reading, SIGNED_ASSERTION);
    expect(signature(&reading), DSIG_OK, DSIG_OK, true);
    assert_true(str_eq(signature(&reading)->digest_stated, signature(&reading)->digest_computed));
    assert_true(str_find_c(signature(&reading)->canonical, "jdoe@example.com") != SIZE_MAX);
    assert_true(str_find_c(signature(&reading)->canonical, "SignatureValue") == SIZE_MAX);
    assert_int_equal(reading.message->signature, -1);
    assert_int_equal(reading.message->assertions[0].signature, 0);

    reading_edit(&reading, "jdoe@", "root@");
    read_edited(&reading);
    expect(signature(&reading), DSIG_BAD, DSIG_OK, false);
    reading_edit(&reading, "root@", "jdoe@");

    reading_edit(&reading, "#rsa-sha256", "#rsa-sha512");
    read_edited(&reading);
    expect(signature(&reading), DSIG_OK, DSIG_BAD, false);
    reading_edit(&reading, "jdoe@", "root@");
    read_edited(&reading);
    expect(signature(&reading), DSIG_BAD, DSIG_BAD, false);
    reading_release(&reading);
}

/* --- keys (4.4) -------------------------------------------------------------------------------------------- */

static void
test_no_key_given(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_of(&reading, SIGNED_ASSERTION);
    assert_true(signature(&reading)->valid);
    assert_false(signature(&reading)->trusted);
    assert_int_equal(signature(&reading)->trusted_key, -1);
    assert_true(signature(&reading)->verified_by_keyinfo);
    assert_string_equal(signature(&reading)->key->sha256, saml_maker_certificate_sha256("idp"));
    assert_true(str_eq_c(signature(&reading)->key->source, "KeyInfo"));
    reading_of(&reading, RESPONSE("", ASSERTION("<?sign key=\"idp\" cert=\"no\"?>")));
    assert_int_equal(signature(&reading)->digest, DSIG_OK);
    assert_int_equal(signature(&reading)->value, DSIG_NOT_CHECKED);
    assert_false(signature(&reading)->valid);
    /* A certificate that did not sign. */
    reading_of(&reading, RESPONSE("", ASSERTION("<?sign key=\"idp\" cert=\"other\"?>")));
    expect(signature(&reading), DSIG_OK, DSIG_BAD, false);
    reading_release(&reading);
}

static void
test_wrong_key(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "other");
    reading_of(&reading, SIGNED_ASSERTION);
    expect(signature(&reading), DSIG_OK, DSIG_BAD, false);
    assert_true(signature(&reading)->verified_by_keyinfo);
    assert_null(signature(&reading)->key);
    assert_int_equal(signature(&reading)->value_cause, DSIG_CAUSE_NO_KNOWN_KEY);
    assert_int_equal(signature(&reading)->keyinfo_count, 1);
    assert_string_equal(signature(&reading)->keyinfo[0].sha256, saml_maker_certificate_sha256("idp"));
    /* One right key among others is enough, and is named. */
    reading_trust(&reading, "ec");
    reading_trust(&reading, "idp-next");
    reading_trust(&reading, "idp");
    reading_of(&reading, SIGNED_ASSERTION);
    expect(signature(&reading), DSIG_OK, DSIG_OK, true);
    assert_int_equal(signature(&reading)->trusted_key, 3);
    assert_false(signature(&reading)->same_key_other_certificate);
    reading_release(&reading);
}

static void
test_renewed_certificate(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp-renewed");
    reading_of(&reading, SIGNED_ASSERTION);
    expect(signature(&reading), DSIG_OK, DSIG_OK, true);
    assert_true(signature(&reading)->same_key_other_certificate);
    assert_true(signature(&reading)->verified_by_keyinfo);
    reading_release(&reading);
}

static void
test_keys_of_the_issuer_come_first(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust_for(&reading, "idp", "https://other.example.com");
    reading_trust_for(&reading, "idp", "https://idp.example.com");
    reading_of(&reading, SIGNED_ASSERTION);
    expect(signature(&reading), DSIG_OK, DSIG_OK, true);
    assert_int_equal(signature(&reading)->trusted_key, 1);
    reading_release(&reading);
}

static void
test_key_value(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_make(&reading, SIGNED_ASSERTION);
    reading_edit(&reading, "<ds:KeyInfo>",
                 "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus>"
                 "<ds:Exponent>AQ==</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>");
    read_edited(&reading);
    assert_true(signature(&reading)->keyinfo_key_value);
    assert_true(signature(&reading)->valid);
    /* Exponent 1 lets anybody sign: such a key is never used. */
    reading_edit(&reading, "<ds:X509Data>", "<x><y>");
    reading_edit(&reading, "</ds:X509Data>", "</y></x>");
    read_edited(&reading);
    assert_false(signature(&reading)->valid);
    assert_false(signature(&reading)->verified_by_keyinfo);
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
        cmocka_unit_test(test_algorithms),
        cmocka_unit_test(test_refused_algorithms),
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_second_signature),
        cmocka_unit_test(test_missing_value),
        cmocka_unit_test(test_prefix_list),
        cmocka_unit_test(test_empty_uri),
        cmocka_unit_test(test_canonicalisation),
        cmocka_unit_test(test_renamed_prefix),
        cmocka_unit_test(test_values_with_blanks),
        cmocka_unit_test(test_relative_namespace_is_an_error),
        cmocka_unit_test(test_utf16),
        cmocka_unit_test(test_digest_and_value),
        cmocka_unit_test(test_no_key_given),
        cmocka_unit_test(test_wrong_key),
        cmocka_unit_test(test_renewed_certificate),
        cmocka_unit_test(test_keys_of_the_issuer_come_first),
        cmocka_unit_test(test_key_value),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
