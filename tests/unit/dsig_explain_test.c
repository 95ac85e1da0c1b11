/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dsig_edit.h"
#include "saml_maker.h"
#include "saml_reading.h"

/* Why a digest or a value fails: what was done to the message is known here, the verifier must find it. */

#define NAMESPACES                                                                                                     \
    " xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\""
#define HEAD "Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\""
#define STATUS "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"
#define BODY                                                                                                           \
    "<saml:Subject><saml:NameID>jdoe@example.com</saml:NameID><saml:SubjectConfirmation Method=\"urn:m\">"             \
    "<saml:SubjectConfirmationData Recipient=\"https://sp.example.com/acs?a=1&amp;b=2\"/></saml:SubjectConfirmation>"  \
    "</saml:Subject><saml:AttributeStatement><saml:Attribute Name=\"blank\"><saml:AttributeValue> "                    \
    "</saml:AttributeValue>"                                                                                           \
    "</saml:Attribute><saml:Attribute Name=\"city\"><saml:AttributeValue>Z\xC3\xBCrich\nCity</saml:AttributeValue>"    \
    "</saml:Attribute></saml:AttributeStatement>"
#define ASSERTION(sign)                                                                                                \
    "<saml:Assertion ID=\"_a\" " HEAD "><saml:Issuer>https://idp.example.com</saml:Issuer>" sign BODY                  \
    "</saml:Assertion>"
#define RESPONSE(sign, rest)                                                                                           \
    "<samlp:Response" NAMESPACES " ID=\"_r\" " HEAD                                                                    \
    "><saml:Issuer>https://idp.example.com</saml:Issuer>" sign STATUS rest "</samlp:Response>"
#define SIGN "<?sign key=\"idp\"?>"
#define SIGNED_ASSERTION RESPONSE("", ASSERTION(SIGN))

static void
expect_digest_cause(const struct reading *reading, enum dsig_cause cause, const char *words)
{
    const struct dsig_signature *signature = &reading->message->signatures[0];

    if (signature->digest != DSIG_BAD || signature->digest_cause != cause ||
        str_find_c(signature->digest_cause_detail, words) == SIZE_MAX)
        fail_msg("digest %s, cause %s, %.*s; expected %s, %s", dsig_state_name(signature->digest),
                 dsig_cause_name(signature->digest_cause), STR_ARG(signature->digest_cause_detail),
                 dsig_cause_name(cause), words);
    assert_false(signature->valid);
}

static void
expect_value_cause(const struct reading *reading, enum dsig_cause cause, const char *words)
{
    const struct dsig_signature *signature = &reading->message->signatures[0];

    if (signature->value != DSIG_BAD || signature->value_cause != cause ||
        str_find_c(signature->value_cause_detail, words) == SIZE_MAX)
        fail_msg("value %s, cause %s, %.*s; expected %s, %s", dsig_state_name(signature->value),
                 dsig_cause_name(signature->value_cause), STR_ARG(signature->value_cause_detail),
                 dsig_cause_name(cause), words);
    assert_false(signature->valid);
}

static void
read_edited(struct reading *reading)
{
    if (reading_read(reading) == NULL)
        fail_msg("not read: %.*s", STR_ARG(reading->status.text));
}

static void
expect_edit_explained(const char *template, const char *from, const char *to, enum dsig_cause cause, const char *words)
{
    struct reading reading;

    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, template);
    reading_edit_all(&reading, from, to);
    read_edited(&reading);
    expect_digest_cause(&reading, cause, words);
    reading_release(&reading);
}

static void
expect_template_explained(const char *template, enum dsig_cause cause, const char *words)
{
    struct reading reading;

    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_of(&reading, template);
    expect_digest_cause(&reading, cause, words);
    reading_release(&reading);
}

static void
test_other_canonicalisation(void **state)
{
    (void)state;
    expect_template_explained(RESPONSE("", ASSERTION("<?sign key=\"idp\" c14n=\"inc\" "
                                                     "c14n-uri=\"http://www.w3.org/2001/10/xml-exc-c14n#\"?>")),
                              DSIG_CAUSE_C14N_OTHER, "the signer used http://www.w3.org/TR/2001/REC-xml-c14n-20010315");
    expect_edit_explained(RESPONSE("", ASSERTION("<?sign key=\"idp\" c14n=\"exc\"?>")),
                          "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
                          "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"><ec:InclusiveNamespaces "
                          "xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"samlp\"/></ds:Transform>",
                          DSIG_CAUSE_C14N_OTHER, "ignored InclusiveNamespaces");
}

/* A second signature that came in after the first one was made. */
static void
test_added_signature(void **state)
{
    expect_edit_explained(RESPONSE(SIGN, "<saml:Assertion ID=\"_a\" " HEAD "><saml:Issuer>i</saml:Issuer>"
                                         "</saml:Assertion>"),
                          "<saml:Issuer>i</saml:Issuer>",
                          "<saml:Issuer>i</saml:Issuer><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>",
                          DSIG_CAUSE_ENVELOPED_NOT_APPLIED, "without any signature inside");
    (void)state;
}

static void
test_reindented(void **state)
{
    struct reading reading;
    struct str pretty;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, SIGNED_ASSERTION);
    pretty = saml_pretty(reading.arena, buf_str(&reading.xml));
    reading_set(&reading, pretty);
    read_edited(&reading);
    /* The value with a blank in it rules out the plain rule; SignedInfo was re-indented too. */
    expect_digest_cause(&reading, DSIG_CAUSE_REINDENTED, "line breaks between elements");
    expect_value_cause(&reading, DSIG_CAUSE_RIGHT_KEY_OTHER_SIGNED_INFO, "re-indented");
    reading_release(&reading);
    expect_edit_explained(SIGNED_ASSERTION, "<saml:Attribute ", " <saml:Attribute ", DSIG_CAUSE_REINDENTED,
                          "where the schema has elements");
}

static void
test_line_endings(void **state)
{
    (void)state;
    expect_edit_explained(SIGNED_ASSERTION, "\nCity", "&#13;\nCity", DSIG_CAUSE_LINE_ENDINGS,
                          "CR characters were inserted");
    expect_edit_explained(RESPONSE("", "<saml:Assertion ID=\"_a\" " HEAD "><saml:Issuer>i</saml:Issuer>" SIGN
                                       "<saml:Subject><saml:NameID>a&#13;\nb</saml:NameID></saml:Subject>"
                                       "</saml:Assertion>"),
                          "&#13;\n", "\n", DSIG_CAUSE_LINE_ENDINGS, "CR characters were lost after signing");
}

static void
test_padded_values(void **state)
{
    (void)state;
    expect_edit_explained(RESPONSE("", "<saml:Assertion ID=\"_a\" " HEAD "><saml:Issuer>i</saml:Issuer>" SIGN
                                       "<saml:Subject><saml:NameID>jdoe</saml:NameID></saml:Subject></saml:Assertion>"),
                          ">jdoe<", ">\n   jdoe\n <", DSIG_CAUSE_TRIMMED, "trimmed");
}

static void
test_recoded(void **state)
{
    (void)state;
    expect_edit_explained(SIGNED_ASSERTION, "\xC3\xBC", "\xC3\x83\xC2\xBC", DSIG_CAUSE_RECODED, "UTF-8 twice");
}

static void
test_digest_algorithm(void **state)
{
    (void)state;
    expect_template_explained(RESPONSE("", ASSERTION("<?sign key=\"idp\" digest=\"sha1\" "
                                                     "digest-uri=\"http://www.w3.org/2001/04/xmlenc#sha256\"?>")),
                              DSIG_CAUSE_DIGEST_ALGORITHM, "says SHA-256, but DigestValue is the SHA-1");
}

static void
replace_digest(struct reading *reading, const char *value)
{
    struct str xml = arena_copy(reading->arena, buf_str(&reading->xml));
    size_t start = str_find_c(xml, "<ds:DigestValue>") + strlen("<ds:DigestValue>");
    size_t end = str_find_c(xml, "</ds:DigestValue>");

    buf_reset(&reading->xml);
    buf_add_str(&reading->xml, str_slice(xml, 0, start));
    buf_add_c(&reading->xml, value);
    buf_add_str(&reading->xml, str_from_offset(xml, end));
}

static void
test_digest_of_nothing(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, SIGNED_ASSERTION);
    replace_digest(&reading, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    read_edited(&reading);
    expect_digest_cause(&reading, DSIG_CAUSE_EMPTY_DIGEST, "nothing");
    expect_value_cause(&reading, DSIG_CAUSE_RIGHT_KEY_OTHER_SIGNED_INFO, "DigestValue was rewritten from");
    reading_release(&reading);
}

static void
test_digest_of_another_element(void **state)
{
    (void)state;
    expect_template_explained(RESPONSE("<?sign key=\"idp\" reference=\"#_a\"?>", ASSERTION("")),
                              DSIG_CAUSE_OTHER_ELEMENT, "that of /samlp:Response/saml:Assertion");
}

static void
test_replaced_value(void **state)
{
    const struct str candidates[] = { STR_INIT("https://idp.example.com"),
                                      STR_INIT("https://sp.example.com/acs?a=1&b=2") };
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading.options.candidates = candidates;
    reading.options.candidate_count = 2;
    reading_make(&reading, SIGNED_ASSERTION);
    reading_edit(&reading, "https://sp.example.com/acs?a=1&amp;b=2", "https://proxy.example.net/acs?x&amp;y");
    read_edited(&reading);
    expect_digest_cause(
        &reading, DSIG_CAUSE_VALUE_REPLACED,
        "Recipient of SubjectConfirmationData was rewritten from \"https://sp.example.com/acs?a=1&b=2\" "
        "to \"https://proxy.example.net/acs?x&y\" after signing");
    reading_edit(&reading, "https://proxy.example.net/acs?x&amp;y", "https://sp.example.com/acs?a=1&amp;b=2");
    reading_edit(&reading, "<saml:Issuer>https://idp.example.com</saml:Issuer><ds", "<saml:Issuer></saml:Issuer><ds");
    read_edited(&reading);
    expect_digest_cause(&reading, DSIG_CAUSE_VALUE_REPLACED, "Issuer was rewritten from \"https://idp.example.com\"");
    reading_release(&reading);
}

static void
test_variants_of_a_value(void **state)
{
    (void)state;
    expect_edit_explained(SIGNED_ASSERTION, "jdoe@example.com", "JDOE@EXAMPLE.COM", DSIG_CAUSE_VALUE_REPLACED,
                          "NameID was rewritten from \"jdoe@example.com\"");
    expect_edit_explained(SIGNED_ASSERTION, "Recipient=\"https:", "Recipient=\"http:", DSIG_CAUSE_VALUE_REPLACED,
                          "Recipient of SubjectConfirmationData was rewritten from \"https://");
    expect_edit_explained(SIGNED_ASSERTION, "\"urn:m\"", "\"urn:m/\"", DSIG_CAUSE_VALUE_REPLACED,
                          "Method of SubjectConfirmation was rewritten from \"urn:m\"");
}

static void
test_added_element(void **state)
{
    (void)state;
    expect_edit_explained(SIGNED_ASSERTION, "</saml:AttributeStatement>",
                          "<saml:Attribute Name=\"admin\"><saml:AttributeValue>1</saml:AttributeValue></saml:Attribute>"
                          "</saml:AttributeStatement>",
                          DSIG_CAUSE_ELEMENT_ADDED, "without one Attribute");
}

static void
test_unexplained(void **state)
{
    (void)state;
    expect_edit_explained(SIGNED_ASSERTION, "jdoe@", "someone-else@", DSIG_CAUSE_NONE, "");
}

/* --- values (5.3) -------------------------------------------------------------------------------------- */

static void
test_wrong_hash_label(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_of(&reading, RESPONSE("", ASSERTION("<?sign key=\"idp\" method=\"rsa-sha1\" method-uri=\""
                                                "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"?>")));
    expect_value_cause(&reading, DSIG_CAUSE_SIGNATURE_HASH_LABEL,
                       "SignatureMethod says SHA-256, the signer used SHA-1");
    reading_of(&reading, RESPONSE("", ASSERTION("<?sign key=\"idp\" method=\"rsa-pss-sha256\" method-uri=\""
                                                "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"?>")));
    expect_value_cause(&reading, DSIG_CAUSE_SIGNATURE_HASH_LABEL, "the signer used RSA-PSS with SHA-256");
    reading_release(&reading);
}

static void
test_changed_signed_info(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, SIGNED_ASSERTION);
    reading_edit(&reading, "<ds:DigestValue>", "<ds:DigestValue>\n");
    read_edited(&reading);
    expect_value_cause(&reading, DSIG_CAUSE_RIGHT_KEY_OTHER_SIGNED_INFO, "line endings in SignedInfo were rewritten");
    reading_make(&reading, SIGNED_ASSERTION);
    reading_edit(&reading, "URI=\"#_a\"", "URI=\"#_r\"");
    read_edited(&reading);
    expect_value_cause(&reading, DSIG_CAUSE_RIGHT_KEY_OTHER_SIGNED_INFO,
                       "URI of Reference was rewritten from \"#_a\" to \"#_r\"");
    reading_release(&reading);
}

static void
test_no_known_key(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "other");
    reading_of(&reading, SIGNED_ASSERTION);
    expect_value_cause(&reading, DSIG_CAUSE_NO_KNOWN_KEY, "signed by the key in the message");
    reading_of(&reading, RESPONSE("", ASSERTION("<?sign key=\"idp\" cert=\"no\"?>")));
    expect_value_cause(&reading, DSIG_CAUSE_NO_KNOWN_KEY, "none of the known keys made this signature");
    reading_release(&reading);
    reading_init(&reading);
    reading_trust(&reading, "small");
    reading_of(&reading, RESPONSE("", ASSERTION("<?sign key=\"idp\" cert=\"no\"?>")));
    expect_value_cause(&reading, DSIG_CAUSE_KEY_SIZE, "256 bytes");
    reading_release(&reading);
}

/* --- edits ------------------------------------------------------------------------------------------------- */

static void
test_slots(void **state)
{
    struct slot_reader reader = { .canonical = STR(
                                      "<a:r xmlns:a=\"u\" b=\"1>2\" c:d=\"\"><e>t</e><f></f>x<g><h></h></g></a:r>") };
    static const struct {
        const char *element, *attribute, *value;
    } rows[] = {
        { "r", "b", "1>2" }, { "r", "d", "" }, { "e", NULL, "t" }, { "f", NULL, "" }, { "h", NULL, "" },
    };
    struct slot slot;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        slot = (struct slot){ 0 };
        assert_true(slot_next(&reader, &slot));
        assert_true(str_eq_c(slot.element, rows[i].element));
        assert_true(str_eq(slot.attribute, str_from(rows[i].attribute)));
        assert_true(str_eq_c(str_slice(reader.canonical, slot.offset, slot.length), rows[i].value));
    }
    assert_false(slot_next(&reader, &slot));
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
        cmocka_unit_test(test_other_canonicalisation),
        cmocka_unit_test(test_added_signature),
        cmocka_unit_test(test_reindented),
        cmocka_unit_test(test_line_endings),
        cmocka_unit_test(test_padded_values),
        cmocka_unit_test(test_recoded),
        cmocka_unit_test(test_digest_algorithm),
        cmocka_unit_test(test_digest_of_nothing),
        cmocka_unit_test(test_digest_of_another_element),
        cmocka_unit_test(test_replaced_value),
        cmocka_unit_test(test_variants_of_a_value),
        cmocka_unit_test(test_added_element),
        cmocka_unit_test(test_unexplained),
        cmocka_unit_test(test_wrong_hash_label),
        cmocka_unit_test(test_changed_signed_info),
        cmocka_unit_test(test_no_known_key),
        cmocka_unit_test(test_slots),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
