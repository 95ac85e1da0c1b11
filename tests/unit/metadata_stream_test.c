/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "metadata_stream.h"

#define MD "xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\""
#define ROLE                                                                                                           \
    "<md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">"                        \
    "<md:SingleSignOnService Binding=\"urn:redirect\" Location=\"https://idp/sso\"/></md:IDPSSODescriptor>"
#define ENTITY(id) "<md:EntityDescriptor entityID=\"" id "\">" ROLE "</md:EntityDescriptor>"
#define GROUP(content)                                                                                                 \
    "<md:EntitiesDescriptor " MD " validUntil=\"2026-06-01T00:00:00Z\">" content "</md:EntitiesDescriptor>"

struct reading {
    struct arena *arena;
    struct metadata metadata;
    struct str why;
    size_t seen;
    bool read;
};

/* Reads text in pieces of that size, keeping what is wanted ("" keeps all). */
static void
read_pieces(struct reading *reading, const char *text, size_t piece, const char *wanted)
{
    struct str want = str_from(wanted);
    struct metadata_stream *stream;
    size_t len = strlen(text);
    bool going = true;

    *reading = (struct reading){ .arena = arena_new(8 << 20) };
    assert_non_null(reading->arena);
    stream = metadata_stream_new(reading->arena, STR("federation.xml"), &want, want.len > 0);
    assert_non_null(stream);
    for (size_t at = 0; at < len && going; at += piece)
        going = metadata_stream_feed(stream, text + at, at + piece > len ? len - at : piece);
    reading->read = metadata_stream_end(stream, &reading->metadata, &reading->seen, &reading->why);
    metadata_stream_free(stream);
}

static void
expect_refusal(const char *text, const char *says)
{
    for (size_t piece = 1; piece <= 64; piece *= 8) {
        struct reading reading;

        read_pieces(&reading, text, piece, "");
        assert_false(reading.read);
        if (str_find_c(reading.why, says) == SIZE_MAX)
            fail_msg("'%.*s' lacks '%s'", STR_ARG(reading.why), says);
        arena_free(reading.arena);
    }
}

static void
entities_are_cut_out_wherever_the_pieces_end(void **state)
{
    static const char text[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- <md:EntityDescriptor> -->" GROUP("\n" ENTITY(
            "https://one") "<md:EntitiesDescriptor validUntil=\"2026-01-01T00:00:00Z\"><md:Extensions/>"
                           "<md:EntityDescriptor entityID='https://two'><!-- </md:EntityDescriptor> -->" ROLE
                           "<md:Organization><md:OrganizationName xml:lang=\"en\"><![CDATA[</md:EntityDescriptor>"
                           "]]> a &gt; b</md:OrganizationName></md:Organization></md:EntityDescriptor>"
                           "</md:EntitiesDescriptor>" ENTITY("https://three")) "\n";

    (void)state;
    for (size_t piece = 1; piece < sizeof(text) + 1; piece = piece * 2 + 1) {
        struct reading reading;

        read_pieces(&reading, text, piece, "");
        if (!reading.read)
            fail_msg("pieces of %zu: %.*s", piece, STR_ARG(reading.why));
        assert_int_equal(reading.metadata.entity_count, 3);
        assert_int_equal(reading.seen, 3);
        assert_true(reading.metadata.aggregate);
        assert_int_equal(reading.metadata.characters, sizeof(text) - 1);
        assert_true(str_eq_c(reading.metadata.entities[1].entity_id, "https://two"));
        assert_true(str_eq_c(reading.metadata.entities[2].entity_id, "https://three"));
        assert_true(reading.metadata.entities[2].idp.present && reading.metadata.entities[2].idp.supports_saml2);
        /* The nearest group that says until when. */
        assert_true(str_eq_c(reading.metadata.entities[0].valid_until_text, "2026-06-01T00:00:00Z"));
        assert_true(str_eq_c(reading.metadata.entities[1].valid_until_text, "2026-01-01T00:00:00Z"));
        assert_true(str_eq_c(reading.metadata.source, "federation.xml"));
        arena_free(reading.arena);
    }
}

static void
one_entity_is_picked(void **state)
{
    struct reading reading;

    (void)state;
    read_pieces(&reading, GROUP(ENTITY("https://one") ENTITY("https://two")), 7, "https://two");
    assert_true(reading.read);
    assert_int_equal(reading.metadata.entity_count, 1);
    assert_int_equal(reading.seen, 2);
    assert_true(str_eq_c(reading.metadata.entities[0].entity_id, "https://two"));
    arena_free(reading.arena);
    /* Written with a reference it takes a parser to know. */
    read_pieces(&reading, GROUP(ENTITY("https://one?a=1&amp;b=2") ENTITY("https://two")), 7, "https://one?a=1&b=2");
    assert_true(reading.read);
    assert_int_equal(reading.metadata.entity_count, 1);
    arena_free(reading.arena);
    read_pieces(&reading, GROUP(ENTITY("https://one")), 7, "https://none");
    assert_true(reading.read);
    assert_int_equal(reading.metadata.entity_count, 0);
    arena_free(reading.arena);
}

static void
a_single_entity_and_marks_are_read(void **state)
{
    struct reading reading;

    (void)state;
    read_pieces(&reading,
                "\xef\xbb\xbf<md:EntityDescriptor " MD " entityID=\"https://one\">" ROLE "</md:EntityDescriptor>", 5,
                "");
    assert_true(reading.read && reading.metadata.has_bom && !reading.metadata.aggregate);
    assert_int_equal(reading.metadata.entity_count, 1);
    assert_int_equal(reading.metadata.signature, METADATA_UNSIGNED);
    arena_free(reading.arena);
    read_pieces(&reading,
                GROUP("<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>" ENTITY("https://one")), 100,
                "");
    assert_true(reading.read);
    assert_int_equal(reading.metadata.signature, METADATA_SIGNATURE_UNCHECKED);
    arena_free(reading.arena);
}

static void
what_is_no_metadata_is_refused(void **state)
{
    (void)state;
    expect_refusal("", "holds no EntityDescriptor");
    expect_refusal("<html><p>", "the document element is html");
    expect_refusal(GROUP(""), "holds no EntityDescriptor");
    expect_refusal("<!DOCTYPE a [<!ENTITY b 'c'>]>" GROUP(ENTITY("https://one")), "document type declaration");
    expect_refusal("\xff\xfe<?m?", "UTF-16");
    expect_refusal("<md:EntitiesDescriptor " MD ">\n" ENTITY("https://one") "\n<md:EntityDesc", "line 3, column 1");
    expect_refusal("<md:EntitiesDescriptor " MD ">" ENTITY("https://one"), "ends in the middle");
    expect_refusal(GROUP("\n<md:EntityDescriptor entityID=\"https://one\"><md:A></md:EntityDescriptor>"),
                   "the entity that ends in line 2");
    expect_refusal("<a:EntitiesDescriptor xmlns:a=\"urn:other\"><a:EntityDescriptor entityID=\"https://one\"/>"
                   "</a:EntitiesDescriptor>",
                   "not EntityDescriptor");
}

static void
feed(struct metadata_stream *stream, const char *text)
{
    assert_true(metadata_stream_feed(stream, text, strlen(text)));
}

/* 50 MiB with an arena of 1 MiB: what is not wanted leaves nothing behind. */
static void
a_federation_needs_no_memory(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct str wanted = STR("https://idp20000.example.com/saml"), why;
    struct metadata_stream *stream = metadata_stream_new(arena, STR("federation.xml"), &wanted, 1);
    struct metadata metadata;
    char padding[1400], entity[2600];
    size_t seen = 0, fed = 0;

    (void)state;
    assert_non_null(stream);
    memset(padding, 'x', sizeof(padding) - 1);
    padding[sizeof(padding) - 1] = '\0';
    feed(stream, "<md:EntitiesDescriptor " MD ">");
    for (size_t i = 0; fed < (size_t)50 << 20; i++) {
        snprintf(entity, sizeof(entity),
                 "<md:EntityDescriptor entityID=\"https://idp%zu.example.com/saml\">" ROLE
                 "<md:Organization>%s</md:Organization></md:EntityDescriptor>\n",
                 i, padding);
        feed(stream, entity);
        fed += strlen(entity);
    }
    feed(stream, "</md:EntitiesDescriptor>");
    if (!metadata_stream_end(stream, &metadata, &seen, &why))
        fail_msg("%.*s", STR_ARG(why));
    assert_int_equal(metadata.entity_count, 1);
    assert_true(seen > 25000);
    metadata_stream_free(stream);
    arena_free(arena);
}

static void
limits_are_said(void **state)
{
    struct arena *arena = arena_new(64 << 20);
    struct metadata_stream *stream = metadata_stream_new(arena, STR("federation.xml"), NULL, 0);
    struct metadata metadata;
    struct str why;
    bool going = true;

    (void)state;
    feed(stream, "<md:EntitiesDescriptor " MD ">");
    for (size_t i = 0; i <= METADATA_STREAM_MAX_KEPT && going; i++)
        going = metadata_stream_feed(stream, ENTITY("https://one"), sizeof(ENTITY("https://one")) - 1);
    assert_false(going);
    assert_false(metadata_stream_end(stream, &metadata, NULL, &why));
    assert_true(str_find_c(why, "--entity-id") != SIZE_MAX);
    metadata_stream_free(stream);
    arena_free(arena);
    arena = arena_new(64 << 20);
    stream = metadata_stream_new(arena, STR("federation.xml"), NULL, 0);
    going = metadata_stream_feed(stream, "<md:EntityDescriptor " MD " a=\"", 60);
    for (size_t i = 0; i < 100000 && going; i++)
        going = metadata_stream_feed(stream, "0123456789012345678901234567890123456789012345678901234567890123", 64);
    assert_false(going);
    assert_false(metadata_stream_end(stream, &metadata, NULL, &why));
    assert_true(str_find_c(why, "over 4 MiB") != SIZE_MAX);
    metadata_stream_free(stream);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entities_are_cut_out_wherever_the_pieces_end),
        cmocka_unit_test(one_entity_is_picked),
        cmocka_unit_test(a_single_entity_and_marks_are_read),
        cmocka_unit_test(what_is_no_metadata_is_refused),
        cmocka_unit_test(a_federation_needs_no_memory),
        cmocka_unit_test(limits_are_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
