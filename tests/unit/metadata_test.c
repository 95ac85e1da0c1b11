/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "metadata.h"
#include "saml_maker.h"
#include "saml_reading.h"

#define MD "xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\""
#define SAML2 "protocolSupportEnumeration=\"urn:other urn:oasis:names:tc:SAML:2.0:protocol\""
#define KEY(use, name)                                                                                                 \
    "<KeyDescriptor" use "><ds:KeyInfo><ds:X509Data><ds:X509Certificate><?certificate key=\"" name "\"?>"              \
    "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"
#define IDP(id, rest)                                                                                                  \
    "<EntityDescriptor " MD " entityID=\"" id "\" validUntil=\"2026-06-01T00:00:00Z\" cacheDuration=\"PT1H\">"         \
    "<IDPSSODescriptor WantAuthnRequestsSigned=\"1\" " SAML2 ">" rest                                                  \
    "<SingleLogoutService Binding=\"urn:redirect\" Location=\"https://idp/slo\" "                                      \
    "ResponseLocation=\"https://idp/slr\"/>"                                                                           \
    "<NameIDFormat> urn:f1 </NameIDFormat><NameIDFormat>urn:f2</NameIDFormat>"                                         \
    "<SingleSignOnService Binding=\"urn:post\" Location=\"https://idp/sso\"/></IDPSSODescriptor></EntityDescriptor>"

struct fixture {
    struct arena *arena;
    struct buf xml;
    struct metadata metadata;
    struct str why;
    bool read;
};

static void
read_text(struct fixture *fixture, struct str text)
{
    fixture->read = metadata_read(fixture->arena, text, STR("idp.xml"), &fixture->metadata, &fixture->why);
}

static void
read_template(struct fixture *fixture, const char *template)
{
    char why[200];

    buf_reset(&fixture->xml);
    if (!saml_maker_fill(str_from(template), &fixture->xml, why, sizeof(why)))
        fail_msg("template: %s", why);
    read_text(fixture, buf_str(&fixture->xml));
    if (!fixture->read)
        fail_msg("not read: %.*s", STR_ARG(fixture->why));
}

static void
start(struct fixture *fixture)
{
    *fixture = (struct fixture){ .arena = arena_new(64 << 20) };
    assert_non_null(fixture->arena);
    buf_init(&fixture->xml, 4 << 20);
}

static void
finish(struct fixture *fixture)
{
    buf_release(&fixture->xml);
    arena_free(fixture->arena);
}

static void
assert_str(struct str actual, const char *expected)
{
    if (!str_eq_c(actual, expected))
        fail_msg("\"%.*s\", expected \"%s\"", STR_ARG(actual), expected);
}

static void
test_identity_provider(void **state)
{
    struct fixture fixture;
    const struct metadata_entity *entity;

    (void)state;
    start(&fixture);
    read_template(&fixture, IDP("https://idp.example.com", KEY("", "idp") KEY(" use=\"signing\"", "idp-next")
                                                               KEY(" use=\"encryption\"", "other")));
    assert_int_equal(fixture.metadata.entity_count, 1);
    assert_false(fixture.metadata.aggregate);
    assert_false(fixture.metadata.has_bom);
    assert_int_equal(fixture.metadata.characters, fixture.xml.len);
    assert_str(fixture.metadata.source, "idp.xml");
    entity = fixture.metadata.entities;
    assert_str(entity->entity_id, "https://idp.example.com");
    assert_true(entity->has_valid_until);
    assert_int_equal(entity->valid_until.ms, 1780272000000);
    assert_str(entity->cache_duration, "PT1H");
    assert_true(entity->idp.present);
    assert_false(entity->sp.present);
    assert_true(entity->idp.supports_saml2);
    assert_true(entity->idp.want_signed);
    assert_int_equal(entity->idp.key_count, 3);
    assert_int_equal(entity->idp.keys[0].use, KEY_USE_BOTH);
    assert_int_equal(entity->idp.keys[1].use, KEY_USE_SIGNING);
    assert_int_equal(entity->idp.keys[2].use, KEY_USE_ENCRYPTION);
    assert_string_equal(entity->idp.keys[0].certificate.sha256, saml_maker_certificate_sha256("idp"));
    assert_int_equal(entity->idp.sso_count, 1);
    assert_str(entity->idp.sso[0].location, "https://idp/sso");
    assert_str(entity->idp.sso[0].binding, "urn:post");
    assert_int_equal(entity->idp.slo_count, 1);
    assert_str(entity->idp.slo[0].response_location, "https://idp/slr");
    assert_int_equal(entity->idp.name_id_format_count, 2);
    assert_str(entity->idp.name_id_formats[0], "urn:f1");
    finish(&fixture);
}

static void
test_service_provider(void **state)
{
    struct fixture fixture;
    const struct metadata_role *sp;

    (void)state;
    start(&fixture);
    read_template(&fixture,
                  "<EntityDescriptor " MD " entityID=\"urn:sp\"><SPSSODescriptor WantAssertionsSigned=\"true\" "
                  "AuthnRequestsSigned=\"1\" " SAML2 "><AssertionConsumerService index=\"3\" isDefault=\"true\" "
                  "Binding=\"urn:post\" Location=\"https://sp/acs\"/><AttributeConsumingService index=\"0\">"
                  "<RequestedAttribute Name=\"mail\" isRequired=\"true\"/><RequestedAttribute Name=\"phone\"/>"
                  "</AttributeConsumingService></SPSSODescriptor></EntityDescriptor>");
    sp = &fixture.metadata.entities[0].sp;
    assert_true(sp->present);
    assert_true(sp->want_signed);
    assert_true(sp->signs);
    assert_int_equal(sp->sso_count, 1);
    assert_str(sp->sso[0].index, "3");
    assert_true(sp->sso[0].is_default);
    assert_int_equal(sp->required_attribute_count, 1);
    assert_str(sp->required_attributes[0], "mail");
    assert_false(fixture.metadata.entities[0].has_valid_until);
    finish(&fixture);
}

static void
test_aggregate(void **state)
{
    struct fixture fixture;

    (void)state;
    start(&fixture);
    read_template(&fixture, "<EntitiesDescriptor " MD " validUntil=\"2026-02-01T00:00:00Z\"><EntitiesDescriptor>"
                            "<EntityDescriptor entityID=\"urn:a\"/></EntitiesDescriptor>"
                            "<EntityDescriptor entityID=\"urn:b\" validUntil=\"never\"/></EntitiesDescriptor>");
    assert_true(fixture.metadata.aggregate);
    assert_int_equal(fixture.metadata.entity_count, 2);
    assert_str(fixture.metadata.entities[0].entity_id, "urn:a");
    assert_str(fixture.metadata.entities[0].valid_until_text, "2026-02-01T00:00:00Z");
    assert_str(fixture.metadata.entities[1].valid_until_text, "never");
    assert_false(fixture.metadata.entities[1].has_valid_until);
    finish(&fixture);
}

static void
test_what_is_no_metadata(void **state)
{
    struct fixture fixture;

    (void)state;
    start(&fixture);
    read_text(&fixture, STR("<html/>"));
    assert_false(fixture.read);
    assert_str(fixture.why, "the document element is html, not EntityDescriptor or EntitiesDescriptor");
    read_text(&fixture, STR("<EntityDescriptor\n entityID='x'>"));
    assert_false(fixture.read);
    assert_true(str_starts_c(fixture.why, "line 2, column "));
    read_text(&fixture, STR("<EntitiesDescriptor " MD "/>"));
    assert_false(fixture.read);
    read_text(&fixture, STR("<!DOCTYPE x><EntityDescriptor " MD "/>"));
    assert_false(fixture.read);
    read_text(&fixture, STR(""));
    assert_false(fixture.read);
    assert_true(fixture.why.len > 0);
    finish(&fixture);
}

static void
test_byte_order_mark_and_characters(void **state)
{
    struct fixture fixture;
    static const char text[] = "\xEF\xBB\xBF<EntityDescriptor " MD " entityID=\"urn:\xC3\xA9\"/>";

    (void)state;
    start(&fixture);
    read_text(&fixture, STR(text));
    assert_true(fixture.read);
    assert_true(fixture.metadata.has_bom);
    /* The mark is one character of three bytes, é one of two. */
    assert_int_equal(fixture.metadata.characters, sizeof(text) - 1 - 3);
    finish(&fixture);
}

static void
test_damaged_certificate(void **state)
{
    struct fixture fixture;
    const struct metadata_role *role;

    (void)state;
    start(&fixture);
    read_template(&fixture,
                  "<EntityDescriptor " MD " entityID=\"urn:a\"><IDPSSODescriptor " SAML2 "><KeyDescriptor>"
                  "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate><ds:X509Certificate>!"
                  "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor></IDPSSODescriptor>"
                  "</EntityDescriptor>");
    role = &fixture.metadata.entities[0].idp;
    assert_int_equal(role->key_count, 2);
    assert_false(role->keys[0].certificate.parsed);
    assert_int_equal(role->keys[0].certificate.der.len, 3);
    assert_false(role->keys[1].certificate.parsed);
    finish(&fixture);
}

static void
test_keys_become_trusted(void **state)
{
    struct fixture fixture;
    struct reading reading;

    (void)state;
    start(&fixture);
    reading_init(&reading);
    read_template(&fixture, IDP("https://idp.example.com",
                                KEY("", "other") KEY(" use=\"signing\"", "idp") KEY(" use=\"encryption\"", "sp")));
    assert_int_equal(metadata_add_keys(&fixture.metadata, reading.keys), 2);
    assert_int_equal(key_set_trusted_count(reading.keys), 2);
    assert_str(key_set_trusted_entity(reading.keys, 1), "https://idp.example.com");
    assert_str(key_set_trusted(reading.keys, 1)->source, "idp.xml");
    reading_of(&reading, "<Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a\"><Issuer>"
                         "https://idp.example.com</Issuer><?sign key=\"idp\"?></Assertion>");
    assert_true(reading.message->signatures[0].trusted);
    assert_int_equal(reading.message->signatures[0].trusted_key, 1);
    reading_release(&reading);
    finish(&fixture);
}

static void
test_metadata_as_a_message(void **state)
{
    struct reading reading;

    (void)state;
    reading_init(&reading);
    reading_trust(&reading, "idp");
    reading_of(&reading,
               "<EntityDescriptor " MD " entityID=\"urn:a\" ID=\"_m\"><?sign key=\"idp\"?><SPSSODescriptor " SAML2
               "><AssertionConsumerService index=\"0\" Binding=\"b\" Location=\"l\"/></SPSSODescriptor>"
               "</EntityDescriptor>");
    assert_int_equal(reading.message->kind, MESSAGE_METADATA);
    assert_non_null(reading.message->metadata);
    assert_str(reading.message->metadata->entities[0].entity_id, "urn:a");
    assert_int_equal(reading.message->signature, 0);
    assert_true(reading.message->signatures[0].trusted);
    assert_int_equal(reading.message->schema_problem_count, 0);
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
        cmocka_unit_test(test_identity_provider),
        cmocka_unit_test(test_service_provider),
        cmocka_unit_test(test_aggregate),
        cmocka_unit_test(test_what_is_no_metadata),
        cmocka_unit_test(test_byte_order_mark_and_characters),
        cmocka_unit_test(test_damaged_certificate),
        cmocka_unit_test(test_keys_become_trusted),
        cmocka_unit_test(test_metadata_as_a_message),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
