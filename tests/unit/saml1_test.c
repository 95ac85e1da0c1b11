/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "json_facts.h"
#include "saml.h"

#define SAML1 "urn:oasis:names:tc:SAML:1.0:assertion"
#define SAMLP1 "urn:oasis:names:tc:SAML:1.0:protocol"
#define WST "http://schemas.xmlsoap.org/ws/2005/02/trust"
#define WST13 "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
#define SUBJECT(name)                                                                                                  \
    "<Subject><NameIdentifier Format='f' NameQualifier='q'>" name                                                      \
    "</NameIdentifier><SubjectConfirmation><ConfirmationMethod>m1</ConfirmationMethod>"                                \
    "<ConfirmationMethod>m2</ConfirmationMethod></SubjectConfirmation></Subject>"
#define ASSERTION                                                                                                      \
    "<Assertion xmlns='" SAML1 "' MajorVersion='1' MinorVersion='1' AssertionID='_a' Issuer='https://idp.test' "       \
    "IssueInstant='2026-01-01T00:00:00Z'><Conditions NotBefore='2026-01-01T00:00:00Z' "                                \
    "NotOnOrAfter='2026-01-01T01:00:00Z'><AudienceRestrictionCondition><Audience>a</Audience><Audience>b</Audience>"   \
    "</AudienceRestrictionCondition><DoNotCacheCondition/><Odd/></Conditions><AttributeStatement>" SUBJECT(            \
        "jdoe") "<Attribute AttributeName='n' "                                                                        \
                "AttributeNamespace='s'><AttributeValue>1</AttributeValue><AttributeValue>2"                           \
                "</AttributeValue></Attribute></AttributeStatement><AuthenticationStatement "                          \
                "AuthenticationMethod='pw' "                                                                           \
                "AuthenticationInstant='2026-01-01T00:00:00Z'>" SUBJECT(                                               \
                    "root") "</AuthenticationStatement></Assertion>"
#define RST(space, name, inside)                                                                                       \
    "<t:" name " xmlns:t='" space "' Context='c'>" inside "<t:TokenType>tt</t:TokenType><t:RequestType>rt"             \
    "</t:RequestType><t:KeyType>kt</t:KeyType><t:Lifetime><Created xmlns='http://docs.oasis-open.org/wss/2004/01/"     \
    "oasis-200401-wss-wssecurity-utility-1.0.xsd'>2026-01-01T00:00:00Z</Created><Expires xmlns='http://docs."          \
    "oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd'> 2026-01-01T01:00:00Z </Expires>"         \
    "</t:Lifetime><p:AppliesTo xmlns:p='http://schemas.xmlsoap.org/ws/2004/09/policy'><w:EndpointReference "           \
    "xmlns:w='http://www.w3.org/2005/08/addressing'><w:Address>urn:rp</w:Address></w:EndpointReference>"               \
    "</p:AppliesTo></t:" name ">"
#define TOKEN(inside) "<t:RequestedSecurityToken>" inside "</t:RequestedSecurityToken>"

static struct saml_message *
read_text(struct arena *arena, const char *text)
{
    struct xml_status status;
    struct saml_message *message = saml_read(arena, str_from(text), NULL, &status);

    if (message == NULL)
        fail_msg("%.*s", STR_ARG(status.text));
    return message;
}

static void
an_assertion_is_read(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct saml_message *message = read_text(arena, ASSERTION);
    const struct saml_assertion *assertion;

    (void)state;
    assert_int_equal(message->kind, MESSAGE_SAML1_ASSERTION);
    assert_true(str_eq_c(message->id.text, "_a"));
    assert_int_equal(message->assertion_count, 1);
    assert_int_equal(message->stray_assertion_count, 0);
    assertion = message->assertions;
    assert_true(assertion->saml1 && assertion->direct);
    assert_true(str_eq_c(assertion->version.text, "1.1"));
    assert_true(str_eq_c(assertion->issuer.value.text, "https://idp.test"));
    assert_true(assertion->issue_instant.valid);
    assert_true(str_eq_c(assertion->name_id.value.text, "jdoe"));
    assert_true(str_eq_c(assertion->name_id.format.text, "f"));
    assert_true(str_eq_c(assertion->name_id.name_qualifier.text, "q"));
    assert_true(str_eq_c(assertion->other_name_id.text, "root"));
    assert_int_equal(assertion->confirmation_count, 2);
    assert_true(str_eq_c(assertion->confirmations[1].method.text, "m2"));
    assert_int_equal(assertion->restriction_count, 1);
    assert_int_equal(assertion->restrictions[0].audience_count, 2);
    assert_int_equal(assertion->one_time_use_count, 1);
    assert_int_equal(assertion->unknown_condition_count, 1);
    assert_true(assertion->not_before.valid && assertion->not_on_or_after.valid);
    assert_int_equal(assertion->attribute_count, 1);
    assert_true(str_eq_c(assertion->attributes[0].name.text, "n"));
    assert_true(str_eq_c(assertion->attributes[0].name_space.text, "s"));
    assert_int_equal(assertion->attributes[0].value_count, 2);
    assert_int_equal(assertion->authn_statement_count, 1);
    assert_true(str_eq_c(assertion->authn_statements[0].class_ref.text, "pw"));
    arena_free(arena);
}

static void
a_response_is_read(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct saml_message *message =
        read_text(arena, "<p:Response xmlns:p='" SAMLP1 "' ResponseID='_r' MajorVersion='1' MinorVersion='1' "
                         "InResponseTo='_q' Recipient='https://rp.test/' IssueInstant='2026-01-01T00:00:00Z'><p:Status>"
                         "<p:StatusCode Value='p:Responder'><p:StatusCode Value='x:Busy'/></p:StatusCode>"
                         "<p:StatusMessage>no</p:StatusMessage></p:Status>" ASSERTION "</p:Response>");

    (void)state;
    assert_int_equal(message->kind, MESSAGE_SAML1_RESPONSE);
    assert_true(str_eq_c(message->id.text, "_r"));
    assert_true(str_eq_c(message->version.text, "1.1"));
    assert_true(str_eq_c(message->in_response_to.text, "_q"));
    assert_true(str_eq_c(message->destination.text, "https://rp.test/"));
    assert_int_equal(message->status.code_count, 2);
    assert_true(str_eq_c(message->status.codes[1].text, "x:Busy"));
    assert_true(str_eq_c(message->status.message.text, "no"));
    assert_int_equal(message->assertion_count, 1);
    assert_int_equal(read_text(arena, "<p:Request xmlns:p='" SAMLP1 "' RequestID='_q'/>")->kind, MESSAGE_SAML1_REQUEST);
    arena_free(arena);
}

/* Each version of WS-Trust, alone, in a collection, in an envelope. */
static void
trust_messages_are_read(void **state)
{
    static const struct {
        const char *xml;
        enum message_kind kind;
        bool version13, collection;
        size_t assertions, tokens;
    } rows[] = {
        { RST(WST, "RequestSecurityToken", ""), MESSAGE_WSTRUST_RST, false, false, 0, 0 },
        { RST(WST13, "RequestSecurityToken", ""), MESSAGE_WSTRUST_RST, true, false, 0, 0 },
        { RST(WST, "RequestSecurityTokenResponse", TOKEN(ASSERTION)), MESSAGE_WSTRUST_RSTR, false, false, 1, 1 },
        { RST(WST13, "RequestSecurityTokenResponse", TOKEN("<o xmlns='urn:other'/>")), MESSAGE_WSTRUST_RSTR, true,
          false, 0, 1 },
        { RST(WST13, "RequestSecurityTokenResponse", ""), MESSAGE_WSTRUST_RSTR, true, false, 0, 0 },
        { "<c:RequestSecurityTokenResponseCollection xmlns:c='" WST13 "'>" RST(
              WST13, "RequestSecurityTokenResponse", TOKEN(ASSERTION)) "</c:RequestSecurityTokenResponseCollection>",
          MESSAGE_WSTRUST_RSTR, true, true, 1, 1 },
        { "<S:Envelope xmlns:S='http://www.w3.org/2003/05/soap-envelope'><S:Body>" RST(
              WST, "RequestSecurityTokenResponse", TOKEN(ASSERTION)) "</S:Body></S:Envelope>",
          MESSAGE_WSTRUST_RSTR, false, false, 1, 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 20);
        const struct saml_message *message = read_text(arena, rows[i].xml);
        const struct wstrust *trust = &message->wstrust;
        json_t *facts = json_message_facts(message);

        if (message->kind != rows[i].kind || trust->version13 != rows[i].version13 ||
            trust->collection != rows[i].collection || message->assertion_count != rows[i].assertions ||
            trust->token_count != rows[i].tokens)
            fail_msg("row %zu: %s, %zu assertions, %zu tokens", i, message_kind_name(message->kind),
                     message->assertion_count, trust->token_count);
        assert_true(str_eq_c(trust->context.text, "c"));
        assert_true(str_eq_c(trust->applies_to.text, "urn:rp"));
        assert_true(str_eq_c(trust->token_type.text, "tt"));
        assert_true(str_eq_c(trust->request_type.text, "rt"));
        assert_true(str_eq_c(trust->key_type.text, "kt"));
        assert_true(trust->created.valid && trust->expires.valid);
        assert_string_equal(json_string_value(json_object_get(json_object_get(facts, "wstrust"), "applies_to")),
                            "urn:rp");
        assert_int_equal(json_array_size(json_object_get(facts, "assertions")), rows[i].assertions);
        json_decref(facts);
        arena_free(arena);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_assertion_is_read),
        cmocka_unit_test(a_response_is_read),
        cmocka_unit_test(trust_messages_are_read),
    };
    const char *why;

    if (!saml_library_init(&why)) {
        print_error("%s\n", why);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
