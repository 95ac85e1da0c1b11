/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "examine.h"
#include "json_facts.h"
#include "json_places.h"
#include "report.h"
#include "reporter.h"
#include "saml_maker.h"
#include "where_value.h"

#define XML                                                                                                            \
    "<samlp:Response xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol'\n xmlns:saml='urn:oasis:names:tc:SAML:2.0:"    \
    "assertion' ID='_r' Version='2.0' IssueInstant = '2026-01-01T00:00:00Z' Destination=\"https://sp.test/acs\" "      \
    "InResponseTo='_q'>\n<saml:Issuer>https://idp.test</saml:Issuer><samlp:Status><samlp:StatusCode "                  \
    "Value='urn:oasis:names:tc:SAML:2.0:status:Success'/></samlp:Status>\n  <saml:Assertion ID='_a' Version='2.0' "    \
    "IssueInstant='2026-01-01T00:00:00Z'><saml:Issuer>https://idp.test</saml:Issuer><saml:Subject><saml:NameID "       \
    "Format='f>g'>jdoe</saml:NameID><saml:SubjectConfirmation Method='m'><saml:SubjectConfirmationData "               \
    "NotOnOrAfter='2026-01-01T00:05:00Z' Recipient='https://sp.test/acs' "                                             \
    "InResponseTo='_q'/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore='2026-01-01T00:00:00Z' "  \
    "NotOnOrAfter='2026-01-01T00:05:00Z'><saml:AudienceRestriction><saml:Audience>one</saml:Audience><saml:Audience>"  \
    "two</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement SessionIndex='s' "           \
    "AuthnInstant='2026-01-01T00:00:00Z'/><saml:AttributeStatement><saml:Attribute Name='n'><saml:AttributeValue>1"    \
    "</saml:AttributeValue><saml:AttributeValue>\xc3\xa4 2</saml:AttributeValue></saml:Attribute>"                     \
    "</saml:AttributeStatement></saml:Assertion></samlp:Response>"

enum { FACTS = 25 };

static const struct settings settings = { .clock_skew_s = 180 };

/* facts["assertions"][0]["name_id"] for "assertions[0].name_id". */
static const char *
fact_at(const json_t *facts, const char *path)
{
    char name[64], *end;

    while (facts != NULL && *path != '\0') {
        size_t len = strcspn(path, ".[");

        assert_true(len < sizeof(name));
        memcpy(name, path, len);
        name[len] = '\0';
        if (len > 0)
            facts = json_object_get(facts, name);
        path += len;
        if (*path == '[') {
            facts = json_array_get(facts, strtoul(path + 1, &end, 10));
            path = end + 1;
        }
        path += *path == '.';
    }
    return json_is_object(facts) ? json_string_value(json_object_get(facts, "value")) : json_string_value(facts);
}

static size_t
size_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_integer(value))
        fail_msg("%s is missing", key);
    return (size_t)json_integer_value(value);
}

/* The octets at the offset are the value, for every fact that has a place. */
static void
octets_are_the_values(void **state)
{
    struct arena *arena = arena_new(4 << 20);
    struct message message = { 0 };
    json_t *facts, *places, *place;
    size_t i;

    (void)state;
    find_decode(arena, STR(XML), NULL, &message);
    facts = json_message_facts(message.saml);
    places = json_places(arena, &message);
    assert_int_equal(json_array_size(places), FACTS);
    json_array_foreach(places, i, place)
    {
        const char *path = json_string_value(json_object_get(place, "fact")), *fact = fact_at(facts, path);
        struct str octets = str_slice(message.xml, size_of(place, "value_offset"), size_of(place, "value_length"));
        struct str whole = str_slice(message.xml, size_of(place, "offset"), size_of(place, "length"));

        if (fact == NULL || !str_eq_c(octets, fact))
            fail_msg("%s is %s, the octets are %.*s", path, fact != NULL ? fact : "nothing", STR_ARG(octets));
        assert_true(octets.ptr >= whole.ptr && octets.ptr + octets.len <= whole.ptr + whole.len);
    }
    json_decref(facts);
    json_decref(places);
    arena_free(arena);
}

static void
values_of_places(void **state)
{
    static const struct {
        const char *range, *xpath;
        const char *value; /* NULL: none */
    } rows[] = {
        { "a='x'", "/e/@a", "x" },
        { "a = \"x&amp;'\"", "/e/@a", "x&amp;'" },
        { "a=''", "/e/@a", "" },
        { "<e a='>'>t</e>", "/e", "t" },
        { "<e/>", "/e", "" },
        { "<e></e>", "/e", "" },
        { "<e a='/'>t</e >", "/e", "t" },
        { "<e><f>x</f></e>", "/e", "<f>x</f>" },
        { "<e a='x'>", "/e/@b", NULL },
        { "a='x'", "/e", NULL },
        { "a='x", "/e/@a", NULL },
        { "a", "/e/@a", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct where where = { .xpath = str_from(rows[i].xpath), .element = 1, .length = strlen(rows[i].range) };
        struct str value;
        bool known = where_value(str_from(rows[i].range), where, &value);

        if (known != (rows[i].value != NULL) || (known && !str_eq_c(value, rows[i].value)))
            fail_msg("row %zu: %.*s", i, STR_ARG(value));
        /* Outside, and of another document. */
        where.offset = 1;
        assert_false(where_value(str_from(rows[i].range), where, &value));
        where = (struct where){ where.xpath, 1, 1, 0, where.length };
        assert_false(where_value(str_from(rows[i].range), where, &value));
    }
}

static void
lines_and_columns(void **state)
{
    size_t line, column;

    (void)state;
    where_line(STR("ab\nc\n"), 1, &line, &column);
    assert_true(line == 1 && column == 2);
    where_line(STR("ab\nc\n"), 3, &line, &column);
    assert_true(line == 2 && column == 1);
    where_line(STR("ab\nc\n"), 99, &line, &column);
    assert_true(line == 3 && column == 1);
}

/* A finding points at octets of the message that it is about. */
static void
findings_point_at_octets(void **state)
{
    struct arena *arena = arena_new(4 << 20);
    struct exchange *exchange =
        saml_maker_post(arena, "https://sp.test/other", "SAMLResponse", STR(XML), (struct str){ 0 });
    struct report *report = examine_exchange(&settings, NULL, exchange, STR("test"));
    const json_t *finding, *found = NULL;
    struct buf out;
    json_t *value;
    size_t i;

    (void)state;
    buf_init(&out, 4 << 20);
    reporter_json.report(&out, report, NULL);
    value = json_loadb(out.bytes, out.len, 0, NULL);
    json_array_foreach(json_object_get(value, "findings"), i,
                       finding) if (strcmp(json_string_value(json_object_get(finding, "id")), "destination-mismatch") ==
                                    0) found = json_object_get(finding, "at");
    assert_true(json_is_object(found));
    assert_int_equal(size_of(found, "line"), 2);
    assert_true(str_eq_c(str_slice(STR(XML), size_of(found, "offset"), size_of(found, "length")),
                         "Destination=\"https://sp.test/acs\""));
    assert_true(str_eq_c(str_slice(STR(XML), size_of(found, "value_offset"), size_of(found, "value_length")),
                         "https://sp.test/acs"));
    json_decref(value);
    buf_release(&out);
    report_release(report);
    arena_free(arena);
}

/* The value as it stood in its part of the exchange. */
static void
values_are_found_in_their_input(void **state)
{
    struct arena *arena = arena_new(8 << 20);
    struct buf query, page;
    struct str url;

    (void)state;
    buf_init(&query, 1 << 20);
    buf_init(&page, 1 << 20);
    saml_maker_query("SAMLRequest", STR(XML), STR("s"), NULL, NULL, &query);
    saml_maker_page("https://sp.test/acs", "SAMLResponse", STR(XML), (struct str){ 0 }, &page);
    url = arena_printf(arena, "https://x.test/p?%.*s", STR_ARG(buf_str(&query)));
    for (int way = 0; way < 4; way++) {
        static const char *const parts[] = { "request-target", "request-body", "location", "response-body" };
        struct exchange *exchange =
            way == 1 ? saml_maker_post(arena, "https://x.test/", "SAMLResponse", STR(XML), STR("s"))
                     : saml_maker_exchange(arena, "GET", way == 0 ? url.ptr : "https://x.test/", (struct str){ 0 });
        struct messages messages = { 0 };
        struct decoded decoded = { .exchange = exchange };
        struct str outer;
        json_t *found;

        if (way > 1)
            saml_maker_answer(arena, exchange, way == 2 ? 302 : 200, "text/html", way == 3 ? buf_str(&page) : STR(""));
        if (way == 2)
            saml_maker_answer_header(arena, exchange, "Location", url.ptr);
        assert_true(find_messages(arena, exchange, NULL, &messages));
        assert_int_equal(messages.count, 1);
        decoded.message = &messages.items[0];
        found = json_found_at(&decoded);
        assert_non_null(found);
        assert_string_equal(json_string_value(json_object_get(found, "part")), parts[way]);
        outer = way == 0   ? exchange->target
                : way == 1 ? exchange->request_body.bytes
                : way == 2 ? url
                           : exchange->response_body.bytes;
        assert_true(
            str_eq(str_slice(outer, size_of(found, "offset"), size_of(found, "length")), decoded.message->original));
        json_decref(found);
    }
    buf_release(&query);
    buf_release(&page);
    arena_free(arena);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(octets_are_the_values),
        cmocka_unit_test(values_of_places),
        cmocka_unit_test(lines_and_columns),
        cmocka_unit_test(findings_point_at_octets),
        cmocka_unit_test(values_are_found_in_their_input),
    };
    const char *why;

    if (!saml_library_init(&why)) {
        print_error("%s\n", why);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
