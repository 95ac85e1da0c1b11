/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "report_maker.h"
#include "reporter.h"
#include "saml_maker.h"

static const struct check role_name = {
    .id = "aws-role-name-near-miss",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_PROVEN,
    .rank = RANK_ATTRIBUTE,
    .owner = OWNER_IDP_ADMIN,
    .profiles = PROFILE_AWS_IAM,
    .standing = STANDING_DOCUMENTED,
    .title = "attribute name differs in case",
    .means = "AWS does not see the attribute.",
    .rule = "The name is compared byte by byte.",
    .spec = "aws-rules 3",
    .source = "IAM User Guide",
    .follows = "acs-wrong-product",
    .fixes = { { "okta", "Sign On, Attribute Statements, Name" }, { "any", "Correct the name" } },
};
static const struct check weak = {
    .id = "sig-weak-digest",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_LIKELY,
    .rank = RANK_NOTE,
    .owner = OWNER_IDP_ADMIN,
    .profiles = PROFILE_ANY,
    .fixed = true,
    .title = "weak digest",
    .means = "It still works.",
};

static struct settings settings;
static struct signin signin;

static struct finding *
add(struct report *report, const struct check *check)
{
    struct finding *finding = findings_add(&report->findings);

    finding->check = check;
    finding->severity = check->severity;
    finding->confidence = check->confidence;
    finding->message = 1;
    return finding;
}

static struct report *
example(void)
{
    struct report *report = make_report(&settings);
    struct vendor_view views[2] = { 0 };
    struct message *message;
    struct saml_assertion *assertion;

    make_exchange(report, "POST", "https://signin.aws.amazon.com/saml", 200);
    message = make_message(report, MESSAGE_RESPONSE, "_1", NULL, false);
    message->steps[message->step_count++] = STEP_FORM;
    message->steps[message->step_count++] = STEP_BASE64;
    message->saml->issuer.value.text = STR("https://accounts.google.com/o/saml2?idpid=C1");
    assertion = make_assertion(report, message, "jdoe@example.com\x1b[2J", COVERAGE_SELF);
    assertion->not_on_or_after.raw.text = STR("2026-01-01T00:05:00Z");
    assertion->not_on_or_after.valid = true;
    assertion->not_on_or_after.time.ms = 1767225900000;
    report->principal = 0;
    report->input = STR("trace.har");
    report->context.profile = PROFILE_AWS_IAM;
    report->context.profile_source = "the URL it was posted to";
    report->context.now_ms = 1767225600000;
    report->context.now_source = "arrival time";
    report->context.skew_ms = 180000;
    vendor_view_entity_id(&views[VENDOR_IDP], message->saml->issuer.value.text);
    vendor_view_url(&views[VENDOR_SP], STR("https://signin.aws.amazon.com/saml"));
    vendor_recognise(VENDOR_IDP, &views[VENDOR_IDP], &report->context.idp_vendor);
    vendor_recognise(VENDOR_SP, &views[VENDOR_SP], &report->context.sp_vendor);
    finding_at(finding_mismatch(add(report, &role_name), STR("https://aws.amazon.com/SAML/Attributes/Role"),
                                STR("https://aws.amazon.com/SAML/attributes/Role"), "AWS's documentation"),
               (struct where){ .xpath = STR("/samlp:Response/saml:Assertion/saml:AttributeStatement") });
    add(report, &weak)->text = STR("SHA-1 is used");
    findings_skip(&report->findings, &weak, STR("no user list given"));
    findings_note_run(&report->findings, check_number(check_find(STR("time-expired"))));
    signin = (struct signin){
        .number = 7,
        .key = "00112233445566778899aabbccddeeff",
        .outcome = OUTCOME_REFUSED,
        .state = SIGNIN_DONE,
        .started_ms = 1767225600000 + (14 * 3600 + 2 * 60 + 11) * 1000,
        .idp_name = STR("okta"),
        .sp_name = STR("AWS IAM"),
        .user = STR("jdoe@example.com"),
        .profile = PROFILE_AWS_IAM,
        .acs_status = 200,
        .quote = STR("Your request included an invalid SAML response. To logout, click here."),
        .quote_from = STR("signin.aws.amazon.com"),
        .accounts = -1,
        .response = report,
    };
    report->signin = signin_snapshot(report->arena, &signin);
    verdict_decide(report);
    return report;
}

static void
same_text(const struct buf *out, const char *golden)
{
    assert_false(buf_failed(out));
    if (strcmp(out->bytes, golden) == 0)
        return;
    fprintf(stderr, "got:\n%s\nwant:\n%s", out->bytes, golden); /* longer than a message of cmocka may be */
    fail();
}

static void
live_block_has_its_shape(void **state)
{
    static const char golden[] =
        "\xe2\x9c\x97 14:02:11  okta \xe2\x86\x92 AWS IAM   jdoe@example.com   refused\n"
        "  AWS said   \"Your request included an invalid SAML response. To logout, click here.\"\n"
        "  cause      attribute name differs in case                        aws-role-name-near-miss  proven\n"
        "             expected  https://aws.amazon.com/SAML/Attributes/Role\n"
        "             received  https://aws.amazon.com/SAML/attributes/Role\n"
        "                                                   ^\n"
        "  fix        IdP admin \xc2\xb7 Correct the name\n"
        "  also       warning sig-weak-digest\n";
    struct report *report = example();
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 20);
    reporter_text.signin(&out, &signin, NULL);
    same_text(&out, golden);
    buf_release(&out);
    report_release(report);
}

static void
live_block_names_four_others_and_counts_the_rest(void **state)
{
    struct report *report = example();
    struct buf out;

    (void)state;
    for (int i = 0; i < 5; i++)
        add(report, i % 2 == 0 ? &weak : &role_name);
    buf_init(&out, 1 << 20);
    reporter_text.signin(&out, &signin, NULL);
    assert_non_null(strstr(out.bytes,
                           "  also       warning sig-weak-digest, warning sig-weak-digest, "
                           "error\n             aws-role-name-near-miss, warning sig-weak-digest and 2 more\n"));
    buf_release(&out);
    report_release(report);
}

static void
live_block_names_what_follows_from_the_cause_apart(void **state)
{
    struct report *report = example();
    struct buf out;

    (void)state;
    report->findings.items[1]->follows_from = report->findings.items[0];
    buf_init(&out, 1 << 20);
    reporter_text.signin(&out, &signin, NULL);
    assert_non_null(strstr(out.bytes, "\n  echoes     sig-weak-digest\n"));
    assert_null(strstr(out.bytes, "  also "));
    buf_release(&out);
    report_release(report);
}

static void
text_report_tells_the_whole_story(void **state)
{
    static const char golden[] =
        "\xe2\x9c\x97 trace.har: fail\n"
        "  AWS IAM refused the response (\"Your request included an invalid SAML response.\n"
        "  To logout, click here.\"): attribute name differs in case\n"
        "\n"
        "  cause      attribute name differs in case                        aws-role-name-near-miss  proven\n"
        "             expected  https://aws.amazon.com/SAML/Attributes/Role\n"
        "             received  https://aws.amazon.com/SAML/attributes/Role\n"
        "                                                   ^\n"
        "             received differs only in upper and lower case; expectation from\n"
        "             AWS's documentation\n"
        "  means      AWS does not see the attribute.\n"
        "  fix        IdP admin \xc2\xb7 Correct the name\n"
        "  place      /samlp:Response/saml:Assertion/saml:AttributeStatement\n"
        "  rests on   documented: aws-rules 3\n"
        "\n"
        "  outcome    refused, the ACS answered 200\n"
        "  AWS said   \"Your request included an invalid SAML response. To logout, click here.\"\n"
        "  also       ! weak digest                                         sig-weak-digest\n"
        "               SHA-1 is used\n"
        "  signatures covers         digest  value  algorithm     key, trusted by\n"
        "             Assertion _a1  ok      ok     rsa-sha256    unknown  nobody: no key given\n"
        "  facts      message       saml:Response, http-post to https://signin.aws.amazon.com/saml\n"
        "             issuer        https://accounts.google.com/o/saml2?idpid=C1\n"
        "             IdP           Google Workspace  by its entity ID: https://accounts.google.com/o/saml2?idpid=C1\n"
        "             SP            AWS IAM  by the URL that takes its messages: "
        "https://signin.aws.amazon.com/saml\n"
        "             id            _1  not signed\n"
        "             assertion     _a1  intact, signer not authenticated\n"
        "             NameID        jdoe@example.com\\x1b[2J  intact, signer not authenticated\n"
        "             not after     2026-01-01T00:05:00Z  in 5 min 0 s\n"
        "             clock         2026-01-01T00:00:00Z  arrival time, 180 s skew allowed\n"
        "             receiver      AWS IAM  rules of aws-iam, by the URL it was posted to\n"
        "  unchecked  sig-weak-digest: no user list given\n";
    struct report *report = example();
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 20);
    reporter_text.report(&out, report, NULL);
    same_text(&out, golden);
    buf_release(&out);
    report_release(report);
}

static void
colours_come_only_when_asked_for(void **state)
{
    struct reporter_options options = { .colour = true, .verbose = true };
    struct report *report = example();
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 20);
    reporter_text.report(&out, report, &options);
    assert_non_null(strstr(out.bytes, "\x1b[31m"));
    assert_null(strstr(out.bytes, "\x1b[2J")); /* what the user's name holds stays harmless */
    buf_reset(&out);
    options = (struct reporter_options){ .quiet = true };
    reporter_text.report(&out, report, &options);
    same_text(&out, "\xe2\x9c\x97 trace.har: fail\n");
    buf_release(&out);
    report_release(report);
}

static const char *
text_at(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void
json_keeps_its_schema(void **state)
{
    struct report *report = example();
    json_t *root, *finding, *signature, *facts;
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 20);
    reporter_json.report(&out, report, NULL);
    assert_false(buf_failed(&out));
    assert_ptr_equal(strchr(out.bytes, '\n'), out.bytes + out.len - 1); /* one line */
    root = json_loads(out.bytes, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_string_equal(text_at(root, "schema"), "samltap/1");
    assert_string_equal(text_at(root, "type"), "report");
    assert_string_equal(text_at(root, "input"), "trace.har");
    assert_string_equal(text_at(root, "verdict"), "fail");
    assert_int_equal(json_array_size(json_object_get(root, "findings")), 2);
    finding = json_array_get(json_object_get(root, "findings"), 0);
    assert_string_equal(text_at(finding, "id"), "aws-role-name-near-miss");
    assert_string_equal(text_at(finding, "severity"), "error");
    assert_string_equal(text_at(finding, "confidence"), "proven");
    assert_string_equal(text_at(finding, "near_miss"), "case");
    assert_string_equal(text_at(finding, "owner"), "idp-admin");
    assert_string_equal(text_at(finding, "expected"), "https://aws.amazon.com/SAML/Attributes/Role");
    assert_int_equal(json_integer_value(json_object_get(finding, "rank")), 1);
    assert_int_equal(json_integer_value(json_object_get(finding, "message")), 1);
    assert_int_equal(json_integer_value(json_object_get(finding, "first_difference")), 28);
    assert_true(json_is_null(json_object_get(finding, "follows_from")));
    assert_string_equal(text_at(json_array_get(json_object_get(finding, "fix"), 0), "vendor"), "any");
    assert_int_equal(json_array_size(json_object_get(finding, "fix")), 2);
    signature = json_array_get(json_object_get(root, "signatures"), 0);
    assert_string_equal(text_at(signature, "covers"), "_a1");
    assert_string_equal(text_at(signature, "element"), "Assertion");
    assert_string_equal(text_at(signature, "digest"), "ok");
    assert_string_equal(text_at(signature, "algorithm"), "rsa-sha256");
    assert_true(json_is_false(json_object_get(signature, "trusted")));
    assert_string_equal(text_at(json_array_get(json_object_get(root, "not_checked"), 0), "why"), "no user list given");
    assert_int_equal(json_array_size(json_object_get(root, "passed")), 1);
    assert_string_equal(json_string_value(json_array_get(json_object_get(root, "passed"), 0)), "time-expired");
    assert_string_equal(text_at(json_array_get(json_object_get(root, "signins"), 0), "outcome"), "refused");
    facts = json_object_get(json_array_get(json_object_get(root, "messages"), 0), "facts");
    facts = json_object_get(json_array_get(json_object_get(facts, "assertions"), 0), "name_id");
    assert_string_equal(text_at(facts, "value"), "jdoe@example.com\x1b[2J");
    assert_string_equal(text_at(facts, "coverage"), "self");
    json_decref(root);
    buf_release(&out);
    report_release(report);
}

/* A signed assertion where no service provider looks: every value of it says so. */
static void
what_nobody_reads_is_marked(void **state)
{
    struct report *report = example();
    struct saml_message *saml = report->messages.items[0].saml;
    json_t *root, *facts, *stray;
    struct buf out;

    (void)state;
    saml->stray_assertions = arena_alloc(report->arena, sizeof(*saml->stray_assertions));
    assert_non_null(saml->stray_assertions);
    saml->stray_assertions[0] = saml->assertions[0];
    saml->stray_assertions[0].direct = false;
    saml->stray_assertion_count = 1;
    buf_init(&out, 1 << 20);
    reporter_json.report(&out, report, NULL);
    root = json_loads(out.bytes, JSON_REJECT_DUPLICATES, NULL);
    facts = json_object_get(json_array_get(json_object_get(root, "messages"), 0), "facts");
    assert_string_equal(text_at(facts, "coverage"), "unsigned");
    assert_string_equal(text_at(json_array_get(json_object_get(facts, "assertions"), 0), "coverage"), "self");
    stray = json_array_get(json_object_get(facts, "stray_assertions"), 0);
    assert_string_equal(text_at(stray, "coverage"), "signed-not-read");
    assert_string_equal(text_at(json_object_get(stray, "name_id"), "coverage"), "signed-not-read");
    json_decref(root);
    buf_reset(&out);
    reporter_text.report(&out, report, NULL);
    assert_non_null(strstr(out.bytes, "elsewhere     _a1  intact, but not what a service provider reads"));
    buf_release(&out);
    report_release(report);
}

static void
json_of_a_signin_names_its_type(void **state)
{
    struct report *report = example();
    struct buf out;
    json_t *root;

    (void)state;
    buf_init(&out, 1 << 20);
    reporter_json.signin(&out, &signin, NULL);
    root = json_loads(out.bytes, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_string_equal(text_at(root, "type"), "signin");
    assert_string_equal(text_at(json_object_get(root, "signin"), "key"), "00112233445566778899aabbccddeeff");
    assert_true(json_is_null(json_object_get(json_object_get(root, "signin"), "accounts")));
    json_decref(root);
    buf_release(&out);
    report_release(report);
}

static void
json_takes_any_bytes(void **state)
{
    struct report *report = example();
    struct buf out;
    json_t *root;

    (void)state;
    report->findings.items[0]->received = STR("a\xff"
                                              "b\0c\xe2\x80\xae");
    buf_init(&out, 1 << 20);
    reporter_json.report(&out, report, NULL);
    for (size_t i = 0; i < out.len; i++)
        assert_true((unsigned char)out.bytes[i] < 0x7f);
    root = json_loads(out.bytes, JSON_ALLOW_NUL, NULL);
    assert_non_null(root);
    assert_memory_equal(text_at(json_array_get(json_object_get(root, "findings"), 0), "received"),
                        "a\\xffb\0c\xe2\x80\xae", 11);
    json_decref(root);
    buf_release(&out);
    report_release(report);
}

static void
explain_prints_the_row(void **state)
{
    static const char golden[] = "aws-role-name-near-miss  error, proven\n"
                                 "  attribute name differs in case\n"
                                 "\n"
                                 "  means      AWS does not see the attribute.\n"
                                 "  rule       The name is compared byte by byte.\n"
                                 "  applies to AWS IAM\n"
                                 "  who        IdP admin\n"
                                 "  fix        Correct the name\n"
                                 "             Okta: Sign On, Attribute Statements, Name\n"
                                 "  rests on   documented\n"
                                 "             aws-rules 3\n"
                                 "             IAM User Guide\n"
                                 "  echo of    acs-wrong-product\n";
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 16);
    explain_check(&out, &role_name, NULL);
    same_text(&out, golden);
    buf_reset(&out);
    list_check(&out, &weak);
    same_text(&out, "sig-weak-digest                         warning  weak digest\n");
    buf_release(&out);
}

/* "-" in a row means that there is no clause, not that it is called so. */
static void
a_row_without_clause_names_its_source_alone(void **state)
{
    struct report *report = example();
    struct check bare = role_name;
    struct buf out;

    (void)state;
    bare.spec = "-";
    report->findings.items[0]->check = &bare;
    buf_init(&out, 1 << 20);
    reporter_text.report(&out, report, NULL);
    assert_non_null(strstr(out.bytes, "documented: IAM User Guide\n"));
    buf_reset(&out);
    explain_check(&out, &bare, NULL);
    assert_non_null(strstr(out.bytes, "  rests on   documented\n             IAM User Guide\n"));
    buf_reset(&out);
    reporter_json.report(&out, report, NULL);
    assert_null(strstr(out.bytes, "\"spec\":\"-\""));
    buf_release(&out);
    report_release(report);
}

/* What is not known is not compared; what did not come is. */
static void
an_unknown_expectation_has_no_line(void **state)
{
    struct report *report = example();
    struct buf out;

    (void)state;
    report->findings.items[0]->expected = (struct str){ 0 };
    buf_init(&out, 1 << 20);
    reporter_text.report(&out, report, NULL);
    assert_null(strstr(out.bytes, "expected  (absent)"));
    assert_non_null(strstr(out.bytes, "received  https://aws.amazon.com/SAML/attributes/Role\n"));
    report->findings.items[0]->expected = STR("x");
    report->findings.items[0]->received = (struct str){ 0 };
    buf_reset(&out);
    reporter_text.report(&out, report, NULL);
    assert_non_null(strstr(out.bytes, "expected  x\n"));
    assert_non_null(strstr(out.bytes, "received  (absent)\n"));
    buf_release(&out);
    report_release(report);
}

/* Two keys may sign, one of them did; one of another entity is not spoken of. */
static void
trusted_keys_say_which_was_used(void **state)
{
    static const char first[] = "  keys       sha256:";
    struct settings with_keys = { .keys = key_set_new() };
    struct report *report = make_report(&with_keys);
    const char *why = NULL;
    struct message *message;
    struct buf text, json;
    json_t *value, *keys;

    (void)state;
    key_set_add_trusted(with_keys.keys, str_from(saml_maker_certificate_pem("idp")), STR("old.pem"), STR("idp"), &why);
    key_set_add_trusted(with_keys.keys, str_from(saml_maker_certificate_pem("other")), STR("else.pem"), STR("x"), &why);
    key_set_add_trusted(with_keys.keys, str_from(saml_maker_certificate_pem("idp-next")), STR("new.pem"),
                        (struct str){ 0 }, &why);
    assert_int_equal(key_set_trusted_count(with_keys.keys), 3);
    report->context.idp_entity_id.text = STR("idp");
    report->context.settings = &with_keys;
    message = make_message(report, MESSAGE_RESPONSE, "_1", NULL, false);
    make_assertion(report, message, "jdoe@example.com", COVERAGE_SIGNED);
    report->principal = 0;
    assert_int_equal(message->saml->signature_count, 1);
    message->saml->signatures[0].trusted_key = 2;
    verdict_decide(report);
    buf_init(&text, 1 << 20);
    buf_init(&json, 1 << 20);
    reporter_text.report(&text, report, NULL);
    reporter_json.report(&json, report, NULL);
    assert_non_null(strstr(text.bytes, first));
    assert_non_null(strstr(strstr(text.bytes, first), "not used here  old.pem"));
    assert_non_null(strstr(strstr(text.bytes, first), "  used  new.pem"));
    assert_null(strstr(text.bytes, "else.pem"));
    value = json_loads(json.bytes, 0, NULL);
    keys = json_object_get(value, "trusted_keys");
    assert_int_equal(json_array_size(keys), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(keys, 0), "source")), "old.pem");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(keys, 0), "signatures")), 0);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(keys, 1), "signatures")), 1);
    json_decref(value);
    buf_release(&text);
    buf_release(&json);
    report_release(report);
    key_set_free(with_keys.keys);
    saml_maker_release();
}

/* Whose key made a signature, also when what it covers was changed later: the key is the trusted one all the same. */
static void
signature_names_its_key(void **state)
{
    static struct certificate_facts key = { .parsed = true,
                                            .subject = STR_INIT("CN=idp.example.com"),
                                            .key_type = STR_INIT("RSA"),
                                            .key_bits = 2048,
                                            .not_before_ms = INT64_C(1767225600000),
                                            .not_after_ms = INT64_C(1767225600000) + 86400000,
                                            .spki_sha256 = "0123456789abcdef0123",
                                            .source = STR_INIT("idp.pem") };
    struct reporter_options verbose = { .verbose = true };
    struct report *report = example();
    struct dsig_signature *signature = &report->messages.items[report->principal].saml->signatures[0];
    struct buf out;
    json_t *root, *certificate;

    (void)state;
    signature->key = &key;
    signature->trusted_key = 0;
    signature->valid = signature->trusted = false;
    signature->digest = DSIG_BAD;
    buf_init(&out, 1 << 20);
    reporter_text.report(&out, report, &verbose);
    assert_non_null(strstr(out.bytes, "bad     ok     rsa-sha256    sha256:0123456789abcdef\xe2\x80\xa6  idp.pem\n"
                                      "               key of CN=idp.example.com  RSA 2048, 2026-01-01 to 2026-01-02\n"
                                      "               SPKI sha256:0123456789abcdef0123\n"));
    buf_reset(&out);
    reporter_json.report(&out, report, NULL);
    root = json_loads(out.bytes, 0, NULL);
    certificate = json_object_get(json_array_get(json_object_get(root, "signatures"), 0), "certificate");
    assert_string_equal(text_at(certificate, "subject"), "CN=idp.example.com");
    assert_string_equal(text_at(certificate, "not_after"), "2026-01-02T00:00:00Z");
    assert_string_equal(text_at(certificate, "spki_sha256"), "sha256:0123456789abcdef0123");
    json_decref(root);
    buf_release(&out);
    report_release(report);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_block_has_its_shape),
        cmocka_unit_test(live_block_names_four_others_and_counts_the_rest),
        cmocka_unit_test(live_block_names_what_follows_from_the_cause_apart),
        cmocka_unit_test(text_report_tells_the_whole_story),
        cmocka_unit_test(colours_come_only_when_asked_for),
        cmocka_unit_test(json_keeps_its_schema),
        cmocka_unit_test(signature_names_its_key),
        cmocka_unit_test(what_nobody_reads_is_marked),
        cmocka_unit_test(json_of_a_signin_names_its_type),
        cmocka_unit_test(json_takes_any_bytes),
        cmocka_unit_test(explain_prints_the_row),
        cmocka_unit_test(a_row_without_clause_names_its_source_alone),
        cmocka_unit_test(an_unknown_expectation_has_no_line),
        cmocka_unit_test(trusted_keys_say_which_was_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
