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

#define NAMESPACES                                                                                                     \
    " xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol' xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion'"
#define HEAD "Version='2.0' IssueInstant='2026-01-01T00:00:00Z'"
#define SUBJECT                                                                                                        \
    "<saml:Subject><saml:NameID Format='urn:f' NameQualifier='nq' "                                                    \
    "SPNameQualifier='spq'>jdoe@example.com</saml:NameID>"                                                             \
    "<saml:SubjectConfirmation Method='urn:oasis:names:tc:SAML:2.0:cm:bearer'><saml:SubjectConfirmationData "          \
    "Recipient='https://sp.example.com/acs' InResponseTo='_q' NotOnOrAfter='2026-01-01T00:05:00Z' "                    \
    "NotBefore='2026-01-01T00:00:00' Address='192.0.2.1'/></saml:SubjectConfirmation></saml:Subject>"
#define CONDITIONS                                                                                                     \
    "<saml:Conditions NotBefore='2025-12-31T23:59:00Z' NotOnOrAfter='soon'><saml:AudienceRestriction>"                 \
    "<saml:Audience>urn:a1</saml:Audience><saml:Audience> urn:a2\n</saml:Audience></saml:AudienceRestriction>"         \
    "<saml:AudienceRestriction><saml:Audience>urn:a3</saml:Audience></saml:AudienceRestriction><saml:OneTimeUse/>"     \
    "<saml:ProxyRestriction/><saml:Moon/></saml:Conditions>"
#define STATEMENTS                                                                                                     \
    "<saml:AuthnStatement AuthnInstant='2026-01-01T00:00:00Z' SessionIndex='_s' "                                      \
    "SessionNotOnOrAfter='2026-01-01T08:00:00Z'><saml:AuthnContext><saml:AuthnContextClassRef>urn:password"            \
    "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>"                  \
    "<saml:Attribute Name='mail' NameFormat='urn:basic' FriendlyName='Mail'><saml:AttributeValue xmlns:xsi="           \
    "'http://www.w3.org/2001/XMLSchema-instance' xsi:type='xs:string'>a@example.com</saml:AttributeValue>"             \
    "<saml:AttributeValue xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='1'/></saml:Attribute>"        \
    "</saml:AttributeStatement><saml:AttributeStatement><saml:Attribute Name='role'><saml:AttributeValue><x>a</x>b"    \
    "</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
#define ASSERTION(id, rest)                                                                                            \
    "<saml:Assertion ID='" id "' " HEAD "><saml:Issuer>https://idp.example.com</saml:Issuer>" rest "</saml:Assertion>"
#define STATUS "<samlp:Status><samlp:StatusCode Value='urn:oasis:names:tc:SAML:2.0:status:Success'/></samlp:Status>"
#define RESPONSE(rest)                                                                                                 \
    "<samlp:Response" NAMESPACES " ID='_r' " HEAD " Destination='https://sp.example.com/acs' InResponseTo='_q' "       \
    "Consent='urn:c'><saml:Issuer Format='urn:entity'>https://idp.example.com</saml:Issuer>" rest "</samlp:Response>"

static void
assert_str(struct str actual, const char *expected)
{
    if (!str_eq_c(actual, expected))
        fail_msg("\"%.*s\", expected \"%s\"", STR_ARG(actual), expected);
}

static void
read_text(struct reading *reading, const char *xml)
{
    reading_set(reading, str_from(xml));
    if (reading_read(reading) == NULL)
        fail_msg("not read: %.*s", STR_ARG(reading->status.text));
}

/* --- facts -------------------------------------------------------------------------------------------- */

static void
test_response_head(void **state)
{
    struct reading reading;
    struct saml_message *message;

    (void)state;
    reading_init(&reading);
    read_text(&reading,
              RESPONSE("<samlp:Status><samlp:StatusCode Value='urn:top'><samlp:StatusCode Value='urn:second'/>"
                       "</samlp:StatusCode><samlp:StatusMessage>no</samlp:StatusMessage><samlp:StatusDetail/>"
                       "</samlp:Status>"));
    message = reading.message;
    assert_int_equal(message->kind, MESSAGE_RESPONSE);
    assert_string_equal(message_kind_name(message->kind), "saml:Response");
    assert_str(message->root_name, "{urn:oasis:names:tc:SAML:2.0:protocol}Response");
    assert_str(message->id.text, "_r");
    assert_str(message->id.where.xpath, "/samlp:Response/@ID");
    assert_str(str_slice(buf_str(&reading.xml), message->id.where.offset, message->id.where.length), "ID='_r'");
    assert_str(message->version.text, "2.0");
    assert_true(message->issue_instant.valid);
    assert_str(message->destination.text, "https://sp.example.com/acs");
    assert_str(message->in_response_to.text, "_q");
    assert_str(message->consent.text, "urn:c");
    assert_str(message->issuer.value.text, "https://idp.example.com");
    assert_str(message->issuer.format.text, "urn:entity");
    assert_true(message->status.present);
    assert_int_equal(message->status.code_count, 2);
    assert_str(message->status.codes[0].text, "urn:top");
    assert_str(message->status.codes[1].text, "urn:second");
    assert_str(message->status.message.text, "no");
    assert_true(message->status.has_detail);
    assert_int_equal(message->assertion_count, 0);
    assert_int_equal(message->signature_count, 0);
    assert_int_equal(message->signature, -1);
    reading_release(&reading);
}

static void
check_subject(const struct saml_assertion *assertion)
{
    const struct saml_confirmation *confirmation = assertion->confirmations;

    assert_true(assertion->has_subject);
    assert_str(assertion->name_id.value.text, "jdoe@example.com");
    assert_str(assertion->name_id.format.text, "urn:f");
    assert_str(assertion->name_id.name_qualifier.text, "nq");
    assert_str(assertion->name_id.sp_name_qualifier.text, "spq");
    assert_false(assertion->name_id.encrypted);
    assert_int_equal(assertion->confirmation_count, 1);
    assert_str(confirmation->method.text, "urn:oasis:names:tc:SAML:2.0:cm:bearer");
    assert_true(confirmation->has_data);
    assert_str(confirmation->recipient.text, "https://sp.example.com/acs");
    assert_str(confirmation->in_response_to.text, "_q");
    assert_str(confirmation->address.text, "192.0.2.1");
    assert_true(confirmation->not_on_or_after.valid);
    assert_int_equal(confirmation->not_before.time.zone, XSTIME_ZONE_NONE);
}

static void
check_conditions(const struct saml_assertion *assertion)
{
    assert_true(assertion->has_conditions);
    assert_true(assertion->not_before.valid);
    assert_false(assertion->not_on_or_after.valid);
    assert_str(assertion->not_on_or_after.raw.text, "soon");
    assert_int_equal(assertion->restriction_count, 2);
    assert_int_equal(assertion->restrictions[0].audience_count, 2);
    assert_str(assertion->restrictions[0].audiences[1].text, " urn:a2\n");
    assert_str(assertion->restrictions[1].audiences[0].text, "urn:a3");
    assert_int_equal(assertion->one_time_use_count, 1);
    assert_int_equal(assertion->proxy_restriction_count, 1);
    assert_int_equal(assertion->unknown_condition_count, 1);
    assert_str(assertion->unknown_conditions[0].text, "Moon");
}

static void
check_statements(const struct saml_assertion *assertion)
{
    assert_int_equal(assertion->authn_statement_count, 1);
    assert_str(assertion->authn_statements[0].session_index.text, "_s");
    assert_str(assertion->authn_statements[0].class_ref.text, "urn:password");
    assert_true(assertion->authn_statements[0].has_context);
    assert_false(assertion->authn_statements[0].has_decl);
    assert_int_equal(assertion->attribute_statement_count, 2);
    assert_int_equal(assertion->attribute_count, 2);
    assert_str(assertion->attributes[0].name.text, "mail");
    assert_str(assertion->attributes[0].name_format.text, "urn:basic");
    assert_str(assertion->attributes[0].friendly_name.text, "Mail");
    assert_int_equal(assertion->attributes[0].value_count, 2);
    assert_str(assertion->attributes[0].values[0].value.text, "a@example.com");
    assert_str(assertion->attributes[0].values[0].type, "xs:string");
    assert_false(assertion->attributes[0].values[0].nil);
    assert_true(assertion->attributes[0].values[1].nil);
    assert_int_equal(assertion->attributes[1].statement, 1);
    assert_true(assertion->attributes[1].values[0].structured);
    assert_str(assertion->attributes[1].values[0].value.text, "ab");
}

static void
test_assertion(void **state)
{
    struct reading reading;
    const struct saml_assertion *assertion;

    (void)state;
    reading_init(&reading);
    read_text(&reading, RESPONSE(STATUS ASSERTION("_a", SUBJECT CONDITIONS STATEMENTS)));
    assert_int_equal(reading.message->assertion_count, 1);
    assert_int_equal(reading.message->stray_assertion_count, 0);
    assertion = reading.message->assertions;
    assert_true(assertion->direct);
    assert_str(assertion->where.xpath, "/samlp:Response/saml:Assertion");
    assert_str(assertion->id.text, "_a");
    assert_str(assertion->issuer.value.text, "https://idp.example.com");
    assert_int_equal(assertion->signature, -1);
    check_subject(assertion);
    check_conditions(assertion);
    check_statements(assertion);
    reading_release(&reading);
}

static void
test_bare_assertion(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    read_text(&reading,
              "<Assertion xmlns='urn:oasis:names:tc:SAML:2.0:assertion' ID='_a'><Issuer>i</Issuer></Assertion>");
    assert_int_equal(reading.message->kind, MESSAGE_ASSERTION);
    assert_int_equal(reading.message->assertion_count, 1);
    assert_true(reading.message->assertions[0].direct);
    assert_str(reading.message->assertions[0].issuer.value.text, "i");
    assert_int_equal(reading.message->stray_assertion_count, 0);
    reading_release(&reading);
}

static void
test_names_are_exact(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    read_text(&reading, "<Response xmlns='urn:oasis:names:tc:SAML:2.0:Protocol' ID='_r'/>");
    assert_int_equal(reading.message->kind, MESSAGE_UNKNOWN);
    assert_int_equal(reading.status.result, XML_OK);
    read_text(&reading, RESPONSE("<x:Assertion xmlns:x='urn:other' ID='_a'/><saml:assertion ID='_b'/>"));
    assert_int_equal(reading.message->assertion_count, 0);
    reading_release(&reading);
}

static void
test_authn_request(void **state)
{
    struct reading reading;
    const struct saml_request *request;

    (void)state;
    reading_init(&reading);
    read_text(&reading,
              "<samlp:AuthnRequest" NAMESPACES " ID='_q' " HEAD
              " AssertionConsumerServiceURL='https://sp.example.com/acs' "
              "ProtocolBinding='urn:post' ForceAuthn='true' IsPassive='0' ProviderName='p'>"
              "<saml:Issuer>sp</saml:Issuer><saml:Subject><saml:NameID>u</saml:NameID></saml:Subject>"
              "<samlp:NameIDPolicy Format='urn:f' AllowCreate='1' SPNameQualifier='q'/><samlp:RequestedAuthnContext "
              "Comparison='minimum'><saml:AuthnContextClassRef>urn:1</saml:AuthnContextClassRef>"
              "<saml:AuthnContextClassRef>urn:2</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"
              "</samlp:AuthnRequest>");
    request = &reading.message->request;
    assert_int_equal(reading.message->kind, MESSAGE_AUTHN_REQUEST);
    assert_str(request->acs_url.text, "https://sp.example.com/acs");
    assert_false(str_present(request->acs_index.text));
    assert_str(request->protocol_binding.text, "urn:post");
    assert_str(request->force_authn.text, "true");
    assert_str(request->is_passive.text, "0");
    assert_true(request->has_name_id_policy);
    assert_str(request->policy_format.text, "urn:f");
    assert_str(request->policy_allow_create.text, "1");
    assert_str(request->policy_sp_name_qualifier.text, "q");
    assert_true(request->has_requested_context);
    assert_str(request->comparison.text, "minimum");
    assert_int_equal(request->class_ref_count, 2);
    assert_str(request->class_refs[1].text, "urn:2");
    assert_true(request->has_subject);
    assert_str(request->subject_name_id.value.text, "u");
    assert_int_equal(reading.message->schema_problem_count, 0);
    reading_release(&reading);
}

static void
test_logout(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    read_text(&reading, "<samlp:LogoutRequest" NAMESPACES " ID='_l' " HEAD " Reason='urn:user' "
                        "NotOnOrAfter='2026-01-01T00:05:00Z'><saml:Issuer>i</saml:Issuer><saml:NameID>u</saml:NameID>"
                        "<samlp:SessionIndex>1</samlp:SessionIndex><samlp:SessionIndex>2</samlp:SessionIndex>"
                        "</samlp:LogoutRequest>");
    assert_int_equal(reading.message->kind, MESSAGE_LOGOUT_REQUEST);
    assert_str(reading.message->logout.name_id.value.text, "u");
    assert_str(reading.message->logout.reason.text, "urn:user");
    assert_true(reading.message->logout.not_on_or_after.valid);
    assert_int_equal(reading.message->logout.session_index_count, 2);
    assert_str(reading.message->logout.session_indexes[1].text, "2");
    assert_int_equal(reading.message->schema_problem_count, 0);
    read_text(&reading, "<samlp:LogoutResponse" NAMESPACES " ID='_l' " HEAD "><saml:Issuer>i</saml:Issuer>" STATUS
                        "</samlp:LogoutResponse>");
    assert_int_equal(reading.message->kind, MESSAGE_LOGOUT_RESPONSE);
    assert_str(reading.message->status.codes[0].text, "urn:oasis:names:tc:SAML:2.0:status:Success");
    reading_release(&reading);
}

static void
test_wrappers(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    read_text(&reading, "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>" RESPONSE(
                            STATUS ASSERTION("_a", SUBJECT)) "</s:Body></s:Envelope>");
    assert_int_equal(reading.message->kind, MESSAGE_RESPONSE);
    assert_str(reading.message->where.xpath, "/soap11:Envelope/soap11:Body/samlp:Response");
    assert_int_equal(reading.message->assertion_count, 1);
    read_text(&reading, "<samlp:ArtifactResponse" NAMESPACES " ID='_x' " HEAD
                        ">" STATUS RESPONSE(STATUS ASSERTION("_a", SUBJECT)) "</samlp:ArtifactResponse>");
    assert_int_equal(reading.message->kind, MESSAGE_ARTIFACT_RESPONSE);
    assert_int_equal(reading.message->assertion_count, 1);
    assert_int_equal(reading.message->stray_assertion_count, 0);
    read_text(&reading, "<t:RequestSecurityTokenResponseCollection xmlns:t='http://docs.oasis-open.org/ws-sx/ws-trust/"
                        "200512'><t:RequestSecurityTokenResponse><t:RequestedSecurityToken" NAMESPACES
                        ">" ASSERTION("_a", SUBJECT) "</t:RequestedSecurityToken></t:RequestSecurityTokenResponse>"
                                                     "</t:RequestSecurityTokenResponseCollection>");
    assert_int_equal(reading.message->kind, MESSAGE_WSTRUST_RSTR);
    assert_int_equal(reading.message->assertion_count, 1);
    read_text(&reading, "<Response xmlns='urn:oasis:names:tc:SAML:1.0:protocol' ResponseID='_1' MajorVersion='1'/>");
    assert_int_equal(reading.message->kind, MESSAGE_SAML1_RESPONSE);
    assert_str(reading.message->id.text, "_1");
    reading_release(&reading);
}

/* --- oddities ------------------------------------------------------------------------------------------- */

static void
test_split_text(void **state)
{
    struct reading reading;
    const struct saml_value *value;

    (void)state;
    reading_init(&reading);
    read_text(&reading, RESPONSE(STATUS ASSERTION("_a", "<saml:Subject><saml:NameID>admin@example.com<!-- -->.evil.test"
                                                        "</saml:NameID></saml:Subject>")));
    value = &reading.message->assertions[0].name_id.value;
    assert_str(value->text, "admin@example.com.evil.test");
    assert_str(value->first, "admin@example.com");
    assert_true(value->split);
    reading_release(&reading);
}

static void
test_duplicate_ids(void **state)
{
    struct reading reading;
    const struct saml_duplicate_id *found;

    (void)state;
    reading_init(&reading);
    read_text(&reading, RESPONSE(STATUS ASSERTION("_r", "") "<x Id='_1'/><y xml:id='_1'/><z ID='_2' id='_2'/>"));
    assert_int_equal(reading.message->duplicate_id_count, 2);
    found = reading.message->duplicate_ids;
    assert_str(found[0].id, "_1");
    assert_str(found[0].first.xpath, "/samlp:Response/x/@Id");
    assert_str(found[1].id, "_r");
    assert_str(found[1].first.xpath, "/samlp:Response/@ID");
    assert_str(found[1].second.xpath, "/samlp:Response/saml:Assertion/@ID");
    read_text(&reading, RESPONSE(STATUS ASSERTION("_a", "")));
    assert_int_equal(reading.message->duplicate_id_count, 0);
    reading_release(&reading);
}

static void
test_strays(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    read_text(&reading, RESPONSE("<samlp:Extensions>" ASSERTION("_e", SUBJECT) "</samlp:Extensions>" STATUS ASSERTION(
                            "_a", "<saml:Advice>" ASSERTION("_v", "") "</saml:Advice>")));
    assert_int_equal(reading.message->assertion_count, 1);
    assert_int_equal(reading.message->stray_assertion_count, 2);
    assert_str(reading.message->stray_assertions[0].id.text, "_e");
    assert_str(reading.message->stray_assertions[0].name_id.value.text, "jdoe@example.com");
    assert_false(reading.message->stray_assertions[0].direct);
    assert_str(reading.message->stray_assertions[1].where.xpath,
               "/samlp:Response/saml:Assertion/saml:Advice/saml:Assertion");
    reading_release(&reading);
}

static void
test_survey(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    read_text(&reading, RESPONSE("<?go now?>" STATUS));
    assert_int_equal(reading.message->processing_instruction_count, 1);
    assert_str(reading.message->processing_instructions[0].text, "go now");
    assert_false(reading.message->relative_namespace);
    assert_false(reading.message->whitespace_only_nodes);
    assert_false(reading.message->has_bom);
    read_text(&reading,
              "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\n" RESPONSE("\n " STATUS "<a xmlns:q='1'/>"));
    assert_true(reading.message->relative_namespace);
    assert_true(reading.message->whitespace_only_nodes);
    assert_true(reading.message->has_bom);
    assert_str(reading.message->declared_encoding, "utf-8");
    read_text(&reading, RESPONSE("<samlp:Extensions><k:A xmlns:k='urn:k'><k:B/></k:A></samlp:Extensions>" STATUS));
    assert_int_equal(reading.message->extension_namespace_count, 1);
    assert_str(reading.message->extension_namespaces[0], "urn:k");
    reading_release(&reading);
}

/* --- schema ------------------------------------------------------------------------------------------------- */

static void
expect_problem(const char *xml, const char *text)
{
    struct reading reading;
    bool found = false;

    reading_init(&reading);
    read_text(&reading, xml);
    for (size_t i = 0; i < reading.message->schema_problem_count; i++)
        found = found || str_eq_c(reading.message->schema_problems[i].text, text);
    if (!found) {
        for (size_t i = 0; i < reading.message->schema_problem_count; i++)
            print_message("%.*s\n", STR_ARG(reading.message->schema_problems[i].text));
        fail_msg("not found: %s", text);
    }
    reading_release(&reading);
}

static void
test_schema_problems(void **state)
{
    (void)state;
    expect_problem(RESPONSE(""), "Response has no Status");
    expect_problem(RESPONSE(ASSERTION("_a", SUBJECT) STATUS), "Status must not come after Assertion in Response");
    expect_problem(RESPONSE(STATUS STATUS), "Response has more than one Status");
    expect_problem(RESPONSE(STATUS "<saml:Subject/>"), "Subject is not allowed in Response");
    expect_problem(RESPONSE(STATUS "<saml:Assertion ID='_a' " HEAD "/>"), "Assertion has no Issuer");
    expect_problem(RESPONSE(STATUS ASSERTION("1a", SUBJECT)), "ID of Assertion is not an identifier (xs:NCName)");
    expect_problem(RESPONSE(STATUS ASSERTION("_a", "<saml:Conditions/><saml:Subject/>")),
                   "Subject must not come after Conditions in Assertion");
    expect_problem(RESPONSE(STATUS ASSERTION("_a", "<saml:Subject/>")), "Subject is empty");
    expect_problem(RESPONSE(STATUS ASSERTION("_a", "<saml:AttributeStatement/>")), "AttributeStatement is empty");
    expect_problem(RESPONSE(STATUS ASSERTION("_a", "<saml:AttributeStatement><saml:Attribute/>"
                                                   "</saml:AttributeStatement>")),
                   "Attribute has no attribute Name");
    expect_problem(RESPONSE(STATUS ASSERTION("_a", CONDITIONS)),
                   "NotOnOrAfter of Conditions is not a date and time (xs:dateTime)");
    expect_problem(RESPONSE(STATUS ASSERTION("_a", "<saml:AuthnStatement AuthnInstant='2026-01-01T00:00:00Z'/>")),
                   "AuthnStatement has no AuthnContext");
    expect_problem(RESPONSE(STATUS ASSERTION("_a", "<saml:Subject Color='red'><saml:NameID>a</saml:NameID>"
                                                   "</saml:Subject>")),
                   "attribute Color is not allowed in Subject");
    expect_problem(RESPONSE(STATUS ASSERTION("_a", "<saml:Subject><saml:NameID><b/></saml:NameID></saml:Subject>")),
                   "b is not allowed in NameID");
}

static void
test_schema_accepts_what_is_right(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_of(&reading,
               RESPONSE(STATUS ASSERTION(
                   "_a", "<?sign key=\"idp\"?>" SUBJECT "<saml:Conditions><saml:OneTimeUse/>"
                         "<saml:AudienceRestriction><saml:Audience>a</saml:Audience></saml:AudienceRestriction>"
                         "</saml:Conditions>" STATEMENTS)));
    for (size_t i = 0; i < reading.message->schema_problem_count; i++)
        print_message("%.*s\n", STR_ARG(reading.message->schema_problems[i].text));
    assert_int_equal(reading.message->schema_problem_count, 0);
    reading_release(&reading);
}

/* --- coverage and layout --------------------------------------------------------------------------------------- */

static void
test_coverage(void **state)
{
    static const char *const template =
        RESPONSE(STATUS ASSERTION("_a", "<?sign key=\"idp\"?>" SUBJECT) ASSERTION("_b", SUBJECT));
    struct reading reading;
    struct saml_message *message;

    (void)state;
    reading_init(&reading);
    message = reading_of(&reading, template);
    assert_int_equal(saml_coverage(message, message->assertions[0].name_id.value.where), COVERAGE_SELF);
    reading_trust(&reading, "idp");
    message = reading_of(&reading, template);
    assert_int_equal(message->assertions[0].signature, 0);
    assert_int_equal(saml_coverage(message, message->assertions[0].name_id.value.where), COVERAGE_SIGNED);
    assert_int_equal(saml_coverage(message, message->assertions[0].id.where), COVERAGE_SIGNED);
    assert_int_equal(saml_coverage(message, message->assertions[1].name_id.value.where), COVERAGE_UNSIGNED);
    assert_int_equal(saml_coverage(message, message->destination.where), COVERAGE_UNSIGNED);
    assert_int_equal(saml_coverage(message, message->signatures[0].where), COVERAGE_UNSIGNED);
    assert_int_equal(saml_coverage(message, (struct where){ 0 }), COVERAGE_UNSIGNED);
    reading_edit(&reading, "jdoe@", "root@");
    message = reading_read(&reading);
    assert_int_equal(saml_coverage(message, message->assertions[0].name_id.value.where), COVERAGE_BROKEN);
    reading_release(&reading);
}

static void
test_pretty(void **state)
{
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    assert_str(saml_pretty(arena, STR("<r><a> x </a><b><c/></b></r>")),
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<r>\n  <a> x </a>\n  <b>\n    <c/>\n  </b>\n</r>\n");
    assert_str(saml_pretty(arena, STR("<r>\n\n<a/>\n</r>")),
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<r>\n  <a/>\n</r>\n");
    assert_str(saml_pretty(arena, STR("<r>")), "<r>");
    arena_free(arena);
}

/* --- robustness --------------------------------------------------------------------------------------------- */

static void
test_truncated_everywhere(void **state)
{
    struct reading reading;
    struct buf whole;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, RESPONSE(STATUS ASSERTION("_a", "<?sign key=\"idp\"?>" SUBJECT)));
    buf_init(&whole, 1 << 20);
    buf_add_str(&whole, buf_str(&reading.xml));
    for (size_t len = 0; len < whole.len; len++) {
        reading_set(&reading, (struct str){ whole.bytes, len });
        assert_null(reading_read(&reading));
        assert_int_equal(reading.status.result, XML_MALFORMED);
    }
    buf_release(&whole);
    reading_release(&reading);
}

/* Whatever the room, saml_read gives a message or says that memory ran out. */
static void
test_exhausted_arena(void **state)
{
    struct reading reading;
    struct xml_status status;
    bool read = false;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_make(&reading, RESPONSE(STATUS ASSERTION("_a", "<?sign key=\"idp\"?>" SUBJECT CONDITIONS STATEMENTS)));
    for (size_t room = 0; room < 120000 && !read; room += 1024) {
        struct arena *arena = arena_new(room);

        read = saml_read(arena, buf_str(&reading.xml), &reading.options, &status) != NULL;
        assert_int_equal(status.result, read ? XML_OK : XML_NO_MEMORY);
        arena_free(arena);
    }
    assert_true(read);
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
        cmocka_unit_test(test_response_head),
        cmocka_unit_test(test_assertion),
        cmocka_unit_test(test_bare_assertion),
        cmocka_unit_test(test_names_are_exact),
        cmocka_unit_test(test_authn_request),
        cmocka_unit_test(test_logout),
        cmocka_unit_test(test_wrappers),
        cmocka_unit_test(test_split_text),
        cmocka_unit_test(test_duplicate_ids),
        cmocka_unit_test(test_strays),
        cmocka_unit_test(test_survey),
        cmocka_unit_test(test_schema_problems),
        cmocka_unit_test(test_schema_accepts_what_is_right),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_pretty),
        cmocka_unit_test(test_truncated_everywhere),
        cmocka_unit_test(test_exhausted_arena),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
