/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "saml_attack.h"
#include "saml_maker.h"
#include "saml_reading.h"

/* Signatures that are right, but not over what a receiver reads (saml-verification 8.1), and limits. */

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
read_edited(struct reading *reading)
{
    if (reading_read(reading) == NULL)
        fail_msg("not read: %.*s", STR_ARG(reading->status.text));
}

/* --- wrapping (8.1) ------------------------------------------------------------------------------------------ */

#define EVIL_BODY                                                                                                      \
    "<saml:Issuer>https://idp.example.com</saml:Issuer><saml:Subject><saml:NameID>root@example.com</saml:NameID>"      \
    "</saml:Subject>"
#define EVIL_OPEN "<saml:Assertion" NAMESPACES " ID=\"_evil\" " HEAD ">"

/* Text of a place in the message as it was read. */
static struct str
text_at(const struct reading *reading, struct where where)
{
    struct str xml = arena_copy(reading->arena, buf_str(&reading->xml));

    assert_true(where.length > 0);
    return str_slice(xml, where.offset, where.length);
}

static struct str
without(const struct reading *reading, struct str whole, struct str part)
{
    size_t at = str_find(whole, part);
    struct buf buf;
    struct str rest;

    assert_true(at != SIZE_MAX);
    buf_init(&buf, 1 << 20);
    buf_add_str(&buf, str_slice(whole, 0, at));
    buf_add_str(&buf, str_from_offset(whole, at + part.len));
    rest = arena_copy(reading->arena, buf_str(&buf));
    buf_release(&buf);
    return rest;
}

/* Values that a receiver may read must not seem signed: no direct assertion with the evil subject is. */
static void
expect_wrapping_seen(struct reading *reading, const char *name)
{
    struct saml_message *message;
    const struct saml_probe *misread;
    enum saml_habit habit;

    message = reading_read(reading);
    if (message == NULL)
        fail_msg("%s: %.*s", name, STR_ARG(reading->status.text));
    if (message->attack == NULL)
        fail_msg("%s is not named", name);
    assert_string_equal(saml_attack_name(message->attack->kind), name);
    misread = saml_attack_misread(message->attack, &habit);
    assert_non_null(misread);
    assert_true(str_eq_c(misread->name_id, "root@example.com"));
    if (str_present(message->attack->signed_name_id))
        assert_true(str_eq_c(message->attack->signed_name_id, "jdoe@example.com"));
    for (size_t i = 0; i < message->assertion_count + message->stray_assertion_count; i++) {
        const struct saml_assertion *assertion = i < message->assertion_count
                                                     ? &message->assertions[i]
                                                     : &message->stray_assertions[i - message->assertion_count];

        if (str_eq_c(assertion->name_id.value.text, "root@example.com") &&
            saml_coverage(message, assertion->name_id.value.where) >= COVERAGE_SELF)
            fail_msg("%s: the evil subject counts as signed", name);
    }
}

struct parts {
    struct reading reading;
    struct str response;
    struct str assertion;
    struct str signature;
    struct str bare_response; /* without the signature */
    struct str bare_assertion;
};

static void
take_apart(struct parts *parts, const char *template)
{
    struct reading *reading = &parts->reading;
    const struct saml_message *message;

    reading_init(reading);
    reading_trust(reading, "idp");
    message = reading_of(reading, template);
    assert_true(message->signatures[0].trusted);
    assert_null(message->attack);
    parts->response = text_at(reading, message->where);
    parts->assertion = text_at(reading, message->assertions[0].where);
    parts->signature = text_at(reading, message->signatures[0].where);
    parts->bare_response = without(reading, parts->response, parts->signature);
    if (message->signature < 0)
        parts->bare_assertion = without(reading, parts->assertion, parts->signature);
}

/* Builds a message: each {} of the frame is the next part. */
static void
put(struct parts *parts, const char *frame, struct str a, struct str b, struct str c, const char *name)
{
    const struct str inserts[] = { a, b, c };
    struct str rest = str_from(frame);
    struct buf xml;

    buf_init(&xml, 1 << 20);
    for (size_t i = 0; i < 3; i++) {
        size_t at = str_find_c(rest, "{}");

        assert_true(at != SIZE_MAX);
        buf_add_str(&xml, str_slice(rest, 0, at));
        buf_add_str(&xml, inserts[i]);
        rest = str_from_offset(rest, at + 2);
    }
    buf_add_str(&xml, rest);
    reading_set(&parts->reading, buf_str(&xml));
    buf_release(&xml);
    expect_wrapping_seen(&parts->reading, name);
}

#define EVIL_RESPONSE "<samlp:Response" NAMESPACES " ID=\"_evilr\" " HEAD "><saml:Issuer>i</saml:Issuer>"
#define EVIL_ASSERTION EVIL_OPEN EVIL_BODY "</saml:Assertion>"

static void
test_wrapping_of_a_signed_response(void **state)
{
    struct str none = STR(""), head, tail;
    struct parts parts;

    (void)state;
    take_apart(&parts, RESPONSE(SIGN, ASSERTION("")));
    /* XSW1: the original inside the signature. */
    head = str_slice(parts.signature, 0, parts.signature.len - strlen("</ds:Signature>"));
    tail = STR("</ds:Signature>");
    put(&parts, EVIL_RESPONSE "{}{}{}" STATUS EVIL_ASSERTION "</samlp:Response>", head, parts.bare_response, tail,
        "XSW1");
    assert_false(parts.reading.message->signatures[0].valid);
    /* XSW2: the original before the signature. */
    put(&parts, EVIL_RESPONSE "{}{}{}" STATUS EVIL_ASSERTION "</samlp:Response>", parts.bare_response, parts.signature,
        none, "XSW2");
    assert_false(parts.reading.message->signatures[0].valid);
    assert_int_equal(parts.reading.message->signatures[0].value, DSIG_OK);
    assert_int_equal(parts.reading.message->signatures[0].digest_cause, DSIG_CAUSE_OTHER_ELEMENT);
    reading_release(&parts.reading);
}

#define PLAIN_RESPONSE "<samlp:Response" NAMESPACES " ID=\"_r\" " HEAD "><saml:Issuer>i</saml:Issuer>" STATUS

/* XSW3 to XSW8 of the signed Assertion of template. */
static void
wrap_assertion(const char *template, bool explain)
{
    struct str none = STR(""), head, tail = STR("</ds:Signature>");
    const struct dsig_signature *own;
    struct parts parts;

    take_apart(&parts, template);
    parts.reading.options.explain = explain;
    own = &parts.reading.message->signatures[parts.reading.message->signature_count - 1];
    parts.signature = text_at(&parts.reading, own->where);
    parts.bare_assertion = without(&parts.reading, parts.assertion, parts.signature);
    head = str_slice(parts.signature, 0, parts.signature.len - tail.len);
    put(&parts, PLAIN_RESPONSE EVIL_ASSERTION "{}{}{}</samlp:Response>", parts.assertion, none, none, "XSW3");
    assert_int_equal(parts.reading.message->assertion_count, 2);
    assert_int_equal(parts.reading.message->assertions[0].signature, -1);
    put(&parts, PLAIN_RESPONSE EVIL_OPEN EVIL_BODY "{}{}{}</saml:Assertion></samlp:Response>", parts.assertion, none,
        none, "XSW4");
    assert_false(parts.reading.message->signatures[0].valid);
    assert_true(dsig_has_problem(&parts.reading.message->signatures[0], DSIG_PROBLEM_PLACEMENT));
    put(&parts, PLAIN_RESPONSE EVIL_OPEN "{}" EVIL_BODY "</saml:Assertion>{}{}</samlp:Response>", parts.signature,
        parts.bare_assertion, none, "XSW5");
    assert_false(parts.reading.message->signatures[0].valid);
    put(&parts, PLAIN_RESPONSE EVIL_OPEN "{}{}{}" EVIL_BODY "</saml:Assertion></samlp:Response>", head,
        parts.bare_assertion, tail, "XSW6");
    assert_false(parts.reading.message->signatures[0].valid);
    put(&parts,
        "<samlp:Response" NAMESPACES " ID=\"_r\" " HEAD "><samlp:Extensions>" EVIL_ASSERTION
        "</samlp:Extensions>" STATUS "{}{}{}</samlp:Response>",
        parts.assertion, none, none, "XSW7");
    assert_int_equal(parts.reading.message->stray_assertion_count, 1);
    put(&parts, PLAIN_RESPONSE EVIL_OPEN "{}<ds:Object>{}</ds:Object>{}" EVIL_BODY "</saml:Assertion></samlp:Response>",
        head, parts.bare_assertion, tail, "XSW8");
    assert_false(parts.reading.message->signatures[0].valid);
    assert_true(dsig_has_problem(&parts.reading.message->signatures[0], DSIG_PROBLEM_OBJECT));
    reading_release(&parts.reading);
}

static void
test_wrapping_of_a_signed_assertion(void **state)
{
    (void)state;
    wrap_assertion(SIGNED_ASSERTION, false);
    wrap_assertion(SIGNED_ASSERTION, true);
}

/* The Response was signed too: its signature is left out, as the tools do. */
static void
test_wrapping_of_both_signed(void **state)
{
    (void)state;
    wrap_assertion(RESPONSE(SIGN, ASSERTION(SIGN)), true);
}

/* Put into a signed Response, whose own signature stays and breaks. */
static void
test_wrapping_inside_a_signed_response(void **state)
{
    static const struct {
        const char *from, *to, *name;
    } edits[] = {
        { "<saml:Assertion ", EVIL_ASSERTION "<saml:Assertion ", "XSW3" },
        { "<samlp:Status>", "<samlp:Extensions>" EVIL_ASSERTION "</samlp:Extensions><samlp:Status>", "XSW7" },
    };
    static const char *const templates[] = { RESPONSE(SIGN, ASSERTION(SIGN)), RESPONSE(SIGN, ASSERTION("")) };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(edits) * COUNT_OF(templates); i++) {
        struct reading reading;

        reading_init(&reading);
        reading_trust(&reading, "idp");
        reading.options.explain = true;
        reading_make(&reading, templates[i % COUNT_OF(templates)]);
        reading_edit(&reading, edits[i / COUNT_OF(templates)].from, edits[i / COUNT_OF(templates)].to);
        expect_wrapping_seen(&reading, edits[i / COUNT_OF(templates)].name);
        reading_release(&reading);
    }
}

/* Two SignedInfo: one for the digest, one for the value. */
static void
test_two_signed_infos(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, SIGNED_ASSERTION);
    reading_edit(&reading, "<ds:SignatureValue>", "<ds:SignedInfo></ds:SignedInfo><ds:SignatureValue>");
    read_edited(&reading);
    assert_non_null(reading.message->attack);
    assert_int_equal(reading.message->attack->kind, SAML_ATTACK_XSW9);
    assert_false(signature(&reading)->valid);
    reading_release(&reading);
}

/* Signed, changed or odd, but no wrapping. */
static void
test_no_attack_is_named_without_one(void **state)
{
    static const char *const templates[] = {
        RESPONSE("", ASSERTION("")),
        RESPONSE(SIGN, ASSERTION("")),
        RESPONSE(SIGN, ASSERTION(SIGN)),
        RESPONSE(SIGN, ASSERTION("") EVIL_ASSERTION),
        RESPONSE("<?sign key=\"idp\" reference=\"#_a\"?>", ASSERTION("")),
        RESPONSE("", "<saml:Assertion ID=\"_a\" " HEAD "><saml:Issuer>i</saml:Issuer>" SIGN
                     "<saml:Advice>" EVIL_ASSERTION "</saml:Advice></saml:Assertion>"),
    };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(templates); i++) {
        struct reading reading;

        reading_init(&reading);
        reading_trust(&reading, i % 2 ? "idp" : "other");
        reading.options.explain = true;
        reading_make(&reading, templates[i / 2]);
        if (i % 2)
            reading_edit(&reading, "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z");
        read_edited(&reading);
        if (reading.message->attack != NULL)
            fail_msg("template %zu: %s", i / 2, saml_attack_name(reading.message->attack->kind));
        reading_release(&reading);
    }
}

/* An evil twin with the same ID, as the tools make it. */
static void
test_wrapping_with_the_same_id(void **state)
{
    struct str none = STR("");
    struct parts parts;

    (void)state;
    take_apart(&parts, SIGNED_ASSERTION);
    put(&parts,
        PLAIN_RESPONSE "<saml:Assertion ID=\"_a\" " HEAD ">" EVIL_BODY "</saml:Assertion>{}{}{}"
                       "</samlp:Response>",
        parts.assertion, none, none, "XSW3");
    assert_false(parts.reading.message->signatures[0].valid);
    assert_true(dsig_has_problem(&parts.reading.message->signatures[0], DSIG_PROBLEM_DUPLICATE_ID));
    reading_release(&parts.reading);
}

/* --- limits --------------------------------------------------------------------------------------------------- */

static void
test_many_signatures(void **state)
{
    struct reading reading;
    struct buf template;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    buf_init(&template, 1 << 20);
    buf_add_c(&template, "<samlp:Response" NAMESPACES " ID=\"_r\" " HEAD ">" STATUS);
    for (int i = 0; i < 20; i++)
        buf_printf(&template,
                   "<saml:Assertion ID=\"_a%d\" " HEAD "><saml:Issuer>i</saml:Issuer>" SIGN "</saml:Assertion>", i);
    buf_add_c(&template, "</samlp:Response>");
    reading_of(&reading, template.bytes);
    buf_release(&template);
    assert_int_equal(reading.message->signature_count, 20);
    assert_true(reading.message->signatures[15].trusted);
    assert_false(reading.message->signatures[16].valid);
    assert_true(dsig_has_problem(&reading.message->signatures[16], DSIG_PROBLEM_LIMIT));
    reading_release(&reading);
}

/* A long namespace that every child repeats in canonical form: 40 KiB × 8000. */
static void
test_canonical_form_that_explodes(void **state)
{
    struct reading reading;
    struct buf xml;
    clock_t start;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, SIGNED_ASSERTION);
    buf_init(&xml, 1 << 20);
    buf_add_c(&xml, "<saml:Conditions>");
    for (int i = 0; i < 8000; i++)
        buf_add_c(&xml, "<long:x/>");
    reading_edit(&reading, "<saml:Conditions>", xml.bytes);
    buf_reset(&xml);
    buf_add_c(&xml, "<samlp:Response xmlns:long=\"urn:");
    for (int i = 0; i < 40000; i++)
        buf_add_byte(&xml, 'l');
    buf_add_c(&xml, "\" ");
    reading_edit(&reading, "<samlp:Response ", xml.bytes);
    buf_release(&xml);
    start = clock();
    read_edited(&reading);
    assert_false(signature(&reading)->valid);
    assert_int_not_equal(signature(&reading)->digest, DSIG_OK);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 2.0);
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
        cmocka_unit_test(test_wrapping_of_a_signed_response),     cmocka_unit_test(test_wrapping_of_a_signed_assertion),
        cmocka_unit_test(test_wrapping_with_the_same_id),         cmocka_unit_test(test_wrapping_of_both_signed),
        cmocka_unit_test(test_wrapping_inside_a_signed_response), cmocka_unit_test(test_two_signed_infos),
        cmocka_unit_test(test_no_attack_is_named_without_one),    cmocka_unit_test(test_many_signatures),
        cmocka_unit_test(test_canonical_form_that_explodes),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
