/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "faults.h"
#include "find.h"
#include "issue.h"
#include "keys.h"
#include "pack.h"
#include "saml.h"

/* 2026-01-01T12:00:00Z */
enum { NOW_S = 1767268800 };
static const int64_t now_ms = (int64_t)NOW_S * 1000;

struct fixture {
    struct lab_keys keys;
    struct key_set *trusted;
    struct arena *arena; /* of one test */
};

static int
make_keys(void **state)
{
    static struct fixture fixture;
    const char *why;

    if (!saml_library_init(&why) || !lab_keys_init(&fixture.keys, NOW_S))
        return -1;
    fixture.trusted = key_set_new();
    if (key_set_add_trusted(fixture.trusted, lab_key_certificate(fixture.keys.ours), STR("idp"), (struct str){ 0 },
                            &why) != 1)
        return -1;
    *state = &fixture;
    return 0;
}

static int
free_keys(void **state)
{
    struct fixture *fixture = *state;

    key_set_free(fixture->trusted);
    lab_keys_release(&fixture->keys);
    saml_library_cleanup();
    return 0;
}

static int
begin(void **state)
{
    struct fixture *fixture = *state;

    fixture->arena = arena_new(64 << 20);
    return fixture->arena == NULL ? -1 : 0;
}

static int
end(void **state)
{
    struct fixture *fixture = *state;

    arena_free(fixture->arena);
    return 0;
}

static struct lab_order
order_for(struct fixture *fixture, enum lab_target target, const char *fault)
{
    struct lab_order order;

    lab_order_init(&order, fixture->arena, target, STR(LAB_USER),
                   target == LAB_IDC ? STR("_request1") : (struct str){ 0 }, now_ms);
    lab_fault_apply(fault, &order, fixture->arena);
    return order;
}

static const struct saml_message *
read_back(struct fixture *fixture, struct str xml)
{
    struct saml_options options = { .keys = fixture->trusted, .second_opinion = true };
    struct xml_status status = { 0 };

    return saml_read(fixture->arena, xml, &options, &status);
}

static const struct saml_message *
message_with(struct fixture *fixture, enum lab_target target, const char *fault)
{
    struct lab_order order = order_for(fixture, target, fault);
    struct str xml = lab_issue(fixture->arena, &order, &fixture->keys);
    const struct saml_message *message;

    assert_true(str_present(xml));
    message = read_back(fixture, xml);
    assert_non_null(message);
    assert_int_equal(message->kind, MESSAGE_RESPONSE);
    return message;
}

static void
check_well_signed(const struct saml_message *message, size_t signatures)
{
    assert_int_equal(message->signature_count, signatures);
    for (size_t i = 0; i < signatures; i++) {
        assert_int_equal(message->signatures[i].problems, 0);
        assert_int_equal(message->signatures[i].digest, DSIG_OK);
        assert_int_equal(message->signatures[i].value, DSIG_OK);
        assert_int_equal(message->signatures[i].second_opinion, DSIG_OK);
        assert_true(message->signatures[i].valid);
        assert_true(message->signatures[i].trusted);
    }
}

static void
good_messages_verify(void **state)
{
    for (int target = LAB_IAM; target <= LAB_IDC; target++) {
        const struct saml_message *message = message_with(*state, target, NULL);

        check_well_signed(message, 2);
        assert_int_equal(message->assertion_count, 1);
        assert_int_equal(message->schema_problem_count, 0);
        assert_int_equal(message->duplicate_id_count, 0);
        assert_int_equal(saml_coverage(message, message->assertions[0].where), COVERAGE_SIGNED);
        assert_true(str_eq_c(message->assertions[0].name_id.value.text, LAB_USER));
        assert_int_equal(message->assertions[0].not_before.time.ms, now_ms - 60000);
        assert_int_equal(message->assertions[0].attribute_count, target == LAB_IAM ? 3 : 0);
        assert_true(str_present(message->in_response_to.text) == (target == LAB_IDC));
    }
}

/* Characters that canonical XML escapes, in text and attributes: the signature must still hold. */
static void
awkward_values_survive(void **state)
{
    struct fixture *fixture = *state;
    struct str awkward = STR("<a & \"b\">\t'\r\n\xc3\xa4]]>");
    struct lab_order order;
    const struct saml_message *message;

    lab_order_init(&order, fixture->arena, LAB_IAM, awkward, (struct str){ 0 }, now_ms);
    order.audience = awkward;
    order.recipient = awkward;
    order.name_id_format = awkward;
    message = read_back(fixture, lab_issue(fixture->arena, &order, &fixture->keys));
    assert_non_null(message);
    check_well_signed(message, 2);
    assert_true(str_eq(message->assertions[0].name_id.value.text, awkward));
    assert_true(str_eq(message->assertions[0].name_id.format.text, awkward));
    assert_true(str_eq(message->assertions[0].confirmations[0].recipient.text, awkward));
    assert_true(str_eq(message->assertions[0].restrictions[0].audiences[0].text, awkward));
}

static void
identifiers_are_fresh(void **state)
{
    const struct saml_message *one = message_with(*state, LAB_IAM, NULL), *two = message_with(*state, LAB_IAM, NULL);

    assert_false(str_eq(one->id.text, two->id.text));
    assert_false(str_eq(one->assertions[0].id.text, two->assertions[0].id.text));
    assert_false(str_eq(one->id.text, one->assertions[0].id.text));
}

/* --- faults --- */

static void
fault_rows_are_sound(void **state)
{
    (void)state;
    assert_true(lab_fault_count() >= 40);
    for (size_t i = 0; i < lab_fault_count(); i++) {
        const struct lab_fault *fault = lab_fault_at(i);

        assert_ptr_equal(lab_fault_find(fault->name), fault);
        assert_int_equal(strspn(fault->name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(fault->name));
        assert_true(strcmp(fault->target, "both") == 0 || strcmp(fault->target, "iam") == 0 ||
                    strcmp(fault->target, "idc") == 0);
        assert_true(strlen(fault->title) > 0 && strlen(fault->finding) > 0);
    }
    assert_null(lab_fault_at(lab_fault_count()));
    assert_null(lab_fault_find("no-such-fault"));
    assert_null(lab_fault_find(NULL));
}

/* A fault of the other target leaves the message as it is. */
static void
faults_keep_to_their_target(void **state)
{
    struct lab_order order = order_for(*state, LAB_IDC, "no-role");

    assert_int_equal(order.attribute_count, 0);
    order = order_for(*state, LAB_IAM, "nameid-format");
    assert_true(str_eq_c(order.name_id_format, LAB_FORMAT_PERSISTENT));
    order = order_for(*state, LAB_IAM, "no-such-fault");
    assert_int_equal(order.attribute_count, 3);
    assert_string_equal(lab_fault_finding(lab_fault_find("wrong-audience"), "iam"), "aud-mismatch-iam");
    assert_string_equal(lab_fault_finding(lab_fault_find("wrong-audience"), "idc"), "aud-mismatch-idc");
}

static void
signature_faults(void **state)
{
    const struct saml_message *message = message_with(*state, LAB_IAM, "wrong-key");

    assert_int_equal(message->signature_count, 2);
    assert_int_equal(message->signatures[0].digest, DSIG_OK);
    assert_true(message->signatures[0].verified_by_keyinfo);
    assert_false(message->signatures[0].trusted);

    message = message_with(*state, LAB_IAM, "altered-after-signing");
    assert_int_equal(message->signature_count, 2);
    assert_int_equal(message->signatures[0].digest, DSIG_BAD);
    assert_int_equal(message->signatures[1].digest, DSIG_BAD);
    assert_int_equal(message->signatures[0].value, DSIG_OK);
    assert_true(str_find_c(message->assertions[0].authn_statements[0].class_ref.text, "TimeSyncToken") != SIZE_MAX);

    assert_int_equal(message_with(*state, LAB_IAM, "unsigned")->signature_count, 0);

    message = message_with(*state, LAB_IAM, "sha1");
    assert_int_equal(message->signature_count, 2);
    assert_true(str_find_c(message->signatures[0].signature_method, "#rsa-sha1") != SIZE_MAX);
    assert_int_equal(message->signatures[0].digest, DSIG_OK);
    assert_int_equal(message->signatures[0].value, DSIG_OK);
}

/* Faults in what is said are signed properly: only the one thing is wrong. */
static void
other_faults_are_well_signed(void **state)
{
    static const char *const badly_signed[] = { "wrong-key",
                                                "altered-after-signing",
                                                "unsigned",

                                                "cut-short",
                                                "doctype",
                                                "encrypted",
                                                "status-denied",
                                                "status-authn-failed",
                                                "no-assertion",
                                                "multiple-assertions" };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < lab_fault_count(); i++) {
        const struct lab_fault *fault = lab_fault_at(i);
        bool skip = false;

        for (size_t k = 0; k < COUNT_OF(badly_signed); k++)
            skip = skip || strcmp(badly_signed[k], fault->name) == 0;
        if (!skip)
            check_well_signed(message_with(fixture, lab_fault_shows(fault, "iam") ? LAB_IAM : LAB_IDC, fault->name), 2);
    }
}

static void
shape_faults(void **state)
{
    const struct saml_message *message = message_with(*state, LAB_IDC, "multiple-assertions");

    assert_int_equal(message->assertion_count, 2);
    check_well_signed(message, 3);
    message = message_with(*state, LAB_IDC, "no-assertion");
    assert_int_equal(message->assertion_count, 0);
    check_well_signed(message, 1);
    message = message_with(*state, LAB_IAM, "status-denied");
    assert_int_equal(message->assertion_count, 0);
    assert_int_equal(message->status.code_count, 2);
    assert_true(str_ends_c(message->status.codes[1].text, ":RequestDenied"));
    assert_true(message->status.message.text.len > 0);
    message = message_with(*state, LAB_IDC, "encrypted");
    assert_int_equal(message->assertion_count, 0);
    assert_int_equal(message->encrypted_assertion_count, 1);
    assert_true(str_ends_c(message->encrypted[0].data_algorithm, "#aes256-gcm"));
    assert_true(str_eq_c(message_with(*state, LAB_IAM, "wrong-version")->version.text, "1.1"));
}

static void
broken_xml_faults(void **state)
{
    struct fixture *fixture = *state;
    struct saml_options options = { .keys = fixture->trusted };
    struct lab_order order = order_for(fixture, LAB_IAM, "cut-short");
    struct xml_status status = { 0 };

    assert_null(saml_read(fixture->arena, lab_issue(fixture->arena, &order, &fixture->keys), &options, &status));
    assert_int_equal(status.result, XML_MALFORMED);
    order = order_for(fixture, LAB_IAM, "doctype");
    assert_null(saml_read(fixture->arena, lab_issue(fixture->arena, &order, &fixture->keys), &options, &status));
    assert_int_equal(status.result, XML_DTD);
}

static void
party_faults(void **state)
{
    const struct saml_message *message = message_with(*state, LAB_IDC, "wrong-audience");

    assert_true(str_eq_c(message->assertions[0].restrictions[0].audiences[0].text, LAB_IAM_ENTITY));
    assert_int_equal(message_with(*state, LAB_IAM, "missing-audience")->assertions[0].restriction_count, 0);
    message = message_with(*state, LAB_IAM, "wrong-recipient");
    assert_true(str_eq_c(message->assertions[0].confirmations[0].recipient.text, LAB_IAM_ACS "/"));
    assert_true(str_eq_c(message->destination.text, LAB_IAM_ACS));
    message = message_with(*state, LAB_IAM, "missing-recipient");
    assert_false(str_present(message->assertions[0].confirmations[0].recipient.text));
    message = message_with(*state, LAB_IDC, "wrong-destination");
    assert_false(str_eq_c(message->destination.text, LAB_IDC_ACS));
    assert_true(str_eq_c(message->assertions[0].confirmations[0].recipient.text, LAB_IDC_ACS));
    message = message_with(*state, LAB_IDC, "wrong-inresponseto");
    assert_false(str_eq_c(message->in_response_to.text, "_request1"));
    assert_true(str_eq(message->in_response_to.text, message->assertions[0].confirmations[0].in_response_to.text));
    message = message_with(*state, LAB_IAM, "issuer-slash");
    assert_true(str_eq_c(message->assertions[0].issuer.value.text, LAB_IDP_ENTITY "/"));
}

static void
time_faults(void **state)
{
    const struct saml_assertion *assertion = message_with(*state, LAB_IAM, "expired")->assertions;

    assert_true(assertion->not_on_or_after.time.ms <= now_ms);
    assertion = message_with(*state, LAB_IAM, "clock-ahead")->assertions;
    assert_true(assertion->not_before.time.ms > now_ms);
    assertion = message_with(*state, LAB_IAM, "stale")->assertions;
    assert_true(now_ms - assertion->issue_instant.time.ms > 300000);
    assert_true(assertion->not_on_or_after.time.ms > now_ms);
    assertion = message_with(*state, LAB_IAM, "confirmation-expired")->assertions;
    assert_true(assertion->confirmations[0].not_on_or_after.time.ms <= now_ms);
    assert_true(assertion->not_on_or_after.time.ms > now_ms);
    assertion = message_with(*state, LAB_IAM, "confirmation-endless")->assertions;
    assert_false(str_present(assertion->confirmations[0].not_on_or_after.raw.text));
    assertion = message_with(*state, LAB_IAM, "bad-time-format")->assertions;
    assert_true(str_eq_c(assertion->issue_instant.raw.text, "2026-01-01T12:00:00 UTC"));
    assert_false(assertion->issue_instant.valid);
}

static struct str
attribute_value(const struct saml_message *message, const char *name)
{
    for (size_t i = 0; i < message->assertions[0].attribute_count; i++)
        if (str_eq_c(message->assertions[0].attributes[i].name.text, name))
            return message->assertions[0].attributes[i].values[0].value.text;
    return (struct str){ 0 };
}

static void
attribute_faults(void **state)
{
    const struct saml_message *message = message_with(*state, LAB_IAM, "wrong-attribute-case");

    assert_false(str_present(attribute_value(message, LAB_ATTRIBUTE_ROLE)));
    assert_true(str_present(attribute_value(message, "https://aws.amazon.com/SAML/attributes/Role")));
    message = message_with(*state, LAB_IAM, "missing-rolesessionname");
    assert_false(str_present(attribute_value(message, LAB_ATTRIBUTE_SESSION_NAME)));
    assert_true(str_present(attribute_value(message, LAB_ATTRIBUTE_ROLE)));
    message = message_with(*state, LAB_IAM, "role-not-pair");
    assert_int_equal(str_find_byte(attribute_value(message, LAB_ATTRIBUTE_ROLE), ','), SIZE_MAX);
    message = message_with(*state, LAB_IAM, "nameid-missing");
    assert_false(str_present(message->assertions[0].name_id.value.text));
}

/* --- how it travels --- */

static const struct message *
found(struct fixture *fixture, const char *fault, struct str *value)
{
    struct lab_order order = order_for(fixture, LAB_IAM, fault);
    struct str xml = lab_issue(fixture->arena, &order, &fixture->keys);
    struct message *message = arena_alloc(fixture->arena, sizeof(*message));
    struct saml_options options = { .keys = fixture->trusted };

    assert_non_null(message);
    *value = lab_pack(fixture->arena, order.packing, xml);
    assert_true(str_present(*value));
    message->binding = BINDING_HTTP_POST;
    message->parameter = STR("SAMLResponse");
    find_decode(fixture->arena, *value, &options, message);
    return message;
}

static bool
has_anomaly(const struct message *message, enum anomaly_id id)
{
    for (size_t i = 0; i < message->anomaly_count; i++)
        if (message->anomalies[i].id == id)
            return true;
    return false;
}

static void
packing_faults(void **state)
{
    struct str value;
    const struct message *message = found(*state, NULL, &value);

    assert_int_equal(message->anomaly_count, 0);
    assert_non_null(message->saml);
    message = found(*state, "plus-lost", &value);
    assert_true(str_find_byte(value, ' ') != SIZE_MAX && str_find_byte(value, '+') == SIZE_MAX);
    assert_true(has_anomaly(message, ANOMALY_PLUS_AS_SPACE));
    assert_non_null(message->saml);
    message = found(*state, "deflated-post", &value);
    assert_true(has_anomaly(message, ANOMALY_DEFLATED_POST));
    assert_non_null(message->saml);
    message = found(*state, "base64-urlsafe", &value);
    assert_true(str_find_byte(value, '-') != SIZE_MAX || str_find_byte(value, '_') != SIZE_MAX);
    assert_true(has_anomaly(message, ANOMALY_BASE64_URLSAFE));
}

static void
metadata_is_read(void **state)
{
    struct fixture *fixture = *state;
    const struct saml_message *message =
        read_back(fixture, lab_idp_metadata(fixture->arena, lab_key_certificate(fixture->keys.ours)));

    assert_non_null(message);
    assert_int_equal(message->kind, MESSAGE_METADATA);
    assert_true(message->metadata->entities[0].idp.present && message->metadata->entities[0].idp.supports_saml2);
    assert_int_equal(message->metadata->entities[0].idp.key_count, 1);
    assert_true(str_eq_c(message->metadata->entities[0].idp.sso[0].location, LAB_IDP_SSO));
    message = read_back(fixture, lab_sp_metadata(fixture->arena, LAB_IDC));
    assert_non_null(message);
    assert_true(message->metadata->entities[0].sp.want_signed);
    assert_true(str_eq_c(message->metadata->entities[0].sp.sso[0].location, LAB_IDC_ACS));
    message = read_back(fixture, lab_authn_request(fixture->arena, STR("_r1"), now_ms));
    assert_non_null(message);
    assert_int_equal(message->kind, MESSAGE_AUTHN_REQUEST);
    assert_int_equal(message->schema_problem_count, 0);
}

/* No ceiling of memory may yield half a message. */
static void
memory_runs_out(void **state)
{
    struct fixture *fixture = *state;

    for (size_t limit = 0; limit < 40000; limit += 997) {
        struct arena *arena = arena_new(limit);
        struct lab_order order;
        struct str xml;

        assert_non_null(arena);
        lab_order_init(&order, arena, LAB_IAM, STR(LAB_USER), (struct str){ 0 }, now_ms);
        xml = lab_issue(arena, &order, &fixture->keys);
        assert_true(!str_present(xml) || !arena_failed(arena));
        arena_free(arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_messages_verify, begin, end),
        cmocka_unit_test_setup_teardown(awkward_values_survive, begin, end),
        cmocka_unit_test_setup_teardown(identifiers_are_fresh, begin, end),
        cmocka_unit_test_setup_teardown(fault_rows_are_sound, begin, end),
        cmocka_unit_test_setup_teardown(faults_keep_to_their_target, begin, end),
        cmocka_unit_test_setup_teardown(signature_faults, begin, end),
        cmocka_unit_test_setup_teardown(other_faults_are_well_signed, begin, end),
        cmocka_unit_test_setup_teardown(shape_faults, begin, end),
        cmocka_unit_test_setup_teardown(broken_xml_faults, begin, end),
        cmocka_unit_test_setup_teardown(party_faults, begin, end),
        cmocka_unit_test_setup_teardown(time_faults, begin, end),
        cmocka_unit_test_setup_teardown(attribute_faults, begin, end),
        cmocka_unit_test_setup_teardown(packing_faults, begin, end),
        cmocka_unit_test_setup_teardown(metadata_is_read, begin, end),
        cmocka_unit_test_setup_teardown(memory_runs_out, begin, end),
    };

    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
