/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "buf.h"
#include "saml.h"
#include "xml.h"

enum { ARENA_BYTES = 64 << 20 };

struct parsed {
    struct arena *arena;
    struct xml_document document;
    struct xml_status status;
    bool ok;
};

static void
parse(struct parsed *parsed, struct str bytes)
{
    *parsed = (struct parsed){ .arena = arena_new(ARENA_BYTES) };
    assert_non_null(parsed->arena);
    parsed->ok = xml_parse(parsed->arena, bytes, &xml_message_limits, &parsed->document, &parsed->status);
    assert_int_equal(parsed->ok, parsed->status.result == XML_OK);
}

static void
release(struct parsed *parsed)
{
    xml_release(&parsed->document);
    arena_free(parsed->arena);
}

static void
expect_result(struct str bytes, enum xml_result result)
{
    struct parsed parsed;

    parse(&parsed, bytes);
    if (parsed.status.result != result)
        fail_msg("%.*s: %s, expected %s", STR_ARG(str_slice(bytes, 0, 60)), xml_result_name(parsed.status.result),
                 xml_result_name(result));
    if (result != XML_OK)
        assert_true(parsed.status.text.len > 0);
    release(&parsed);
}

static const xmlNode *
element(const struct parsed *parsed, uint32_t number)
{
    assert_true(number >= 1 && number <= parsed->document.element_count);
    return parsed->document.elements[number - 1].node;
}

static void
assert_str(struct str actual, const char *expected)
{
    if (!str_eq_c(actual, expected))
        fail_msg("\"%.*s\", expected \"%s\"", STR_ARG(actual), expected);
}

/* --- what is refused -------------------------------------------------------------------------------- */

static void
test_refusals(void **state)
{
    (void)state;
    expect_result(STR("<r/>"), XML_OK);
    expect_result(STR(""), XML_MALFORMED);
    expect_result(STR("text"), XML_MALFORMED);
    expect_result(STR("<r>"), XML_MALFORMED);
    expect_result(STR("<r/><r/>"), XML_MALFORMED);
    expect_result(STR("<r/>text"), XML_MALFORMED);
    expect_result(STR("<r a='1' a='2'/>"), XML_MALFORMED);
    expect_result(STR("<p:r/>"), XML_MALFORMED);
    expect_result(STR("<r>&undeclared;</r>"), XML_MALFORMED);
    expect_result(STR("<r>&#0;</r>"), XML_MALFORMED);
    expect_result(STR("<r>]]></r>"), XML_MALFORMED);
}

static void
test_dtd_is_refused(void **state)
{
    (void)state;
    expect_result(STR("<!DOCTYPE r><r/>"), XML_DTD);
    expect_result(STR("<!DOCTYPE r [<!ENTITY e 'x'>]><r>&e;</r>"), XML_DTD);
    expect_result(STR("<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>"), XML_DTD);
    expect_result(STR("<!DOCTYPE r [<!ATTLIST r ID ID #IMPLIED>]><r ID='a'/>"), XML_DTD);
    expect_result(STR("<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]><r>&c;</r>"),
                  XML_DTD);
    /* A comment that only speaks of one is none. */
    expect_result(STR("<!-- <!DOCTYPE r> --><r/>"), XML_OK);
    expect_result(STR("<r><![CDATA[<!DOCTYPE r>]]></r>"), XML_OK);
}

static void
test_dtd_in_utf16_is_refused(void **state)
{
    static const char text[] = "<!DOCTYPE r><r/>";
    char wide[2 * sizeof(text) + 2];
    size_t n = 0;

    (void)state;
    wide[n++] = '\xFF';
    wide[n++] = '\xFE';
    for (size_t i = 0; i + 1 < sizeof(text); i++) {
        wide[n++] = text[i];
        wide[n++] = 0;
    }
    expect_result((struct str){ wide, n }, XML_DTD);
}

static void
test_nul_is_refused(void **state)
{
    (void)state;
    expect_result(STR("<r>a</r>\0<x/>"), XML_NUL_BYTE);
    expect_result(STR("<r>a\0b</r>"), XML_NUL_BYTE);
    expect_result(STR("<r>a</r>\0"), XML_NUL_BYTE);
}

static void
test_place_of_an_error(void **state)
{
    struct parsed parsed;

    (void)state;
    parse(&parsed, STR("<r>\n  <a>\n  </b>\n</r>"));
    assert_int_equal(parsed.status.result, XML_MALFORMED);
    assert_int_equal(parsed.status.line, 3);
    assert_true(parsed.status.column > 0);
    assert_true(str_find_c(parsed.status.text, "mismatch") != SIZE_MAX);
    assert_true(str_find_c(parsed.status.excerpt, "</b>") != SIZE_MAX);
    assert_true(str_find_byte(parsed.status.text, '\n') == SIZE_MAX);
    release(&parsed);

    parse(&parsed, STR("<r>\n\xFF</r>"));
    assert_int_equal(parsed.status.result, XML_BAD_ENCODING);
    assert_int_equal(parsed.status.line, 2);
    assert_int_equal(parsed.status.column, 1);
    release(&parsed);
}

/* --- encodings ----------------------------------------------------------------------------------------- */

static void
expect_text(struct str bytes, const char *text)
{
    struct parsed parsed;

    parse(&parsed, bytes);
    if (!parsed.ok)
        fail_msg("not read: %.*s", STR_ARG(parsed.status.text));
    assert_str(xml_text(&parsed.document, parsed.document.root), text);
    release(&parsed);
}

static void
test_encodings(void **state)
{
    (void)state;
    expect_text(STR("<r>\xC3\xA9</r>"), "\xC3\xA9");
    expect_text(STR("\xEF\xBB\xBF<r>\xC3\xA9</r>"), "\xC3\xA9");
    expect_text(STR("<?xml version='1.0' encoding='ISO-8859-1'?><r>\xE9</r>"), "\xC3\xA9");
    expect_text(STR("<?xml version='1.0' encoding='windows-1252'?><r>\x80</r>"), "\xE2\x82\xAC");
    expect_text(STR("<?xml version='1.0' encoding='us-ascii'?><r>a</r>"), "a");
    expect_text(STR("\xFF\xFE<\0r\0>\0\xE9\0<\0/\0r\0>\0"), "\xC3\xA9");
    expect_text(STR("\0<\0r\0>\xD8\x3D\xDE\x00\0<\0/\0r\0>"), "\xF0\x9F\x98\x80");
    expect_result(STR("<?xml version='1.0' encoding='UTF-7'?><r/>"), XML_BAD_ENCODING);
    expect_result(STR("<?xml version='1.0' encoding='IBM037'?><r/>"), XML_BAD_ENCODING);
    expect_result(STR("<r>\xC0\x80</r>"), XML_BAD_ENCODING);
    expect_result(STR("<r>\xED\xA0\x80</r>"), XML_BAD_ENCODING);
    expect_result(STR("<r>\xC3</r>"), XML_BAD_ENCODING);
    expect_result(STR("\xFF\xFE<\0r\0/\0>"), XML_BAD_ENCODING);
    expect_result(STR("\xFF\xFE<\0r\0>\0\x00\xDC<\0/\0r\0>\0"), XML_BAD_ENCODING);
    /* Each byte of the eight-at-a-time test, at each offset. */
    for (size_t at = 3; at < 30; at++) {
        char text[] = "<r>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</r>";

        text[at] = '\x00';
        expect_result((struct str){ text, sizeof(text) - 1 }, XML_NUL_BYTE);
        text[at] = '\x80';
        expect_result((struct str){ text, sizeof(text) - 1 }, XML_BAD_ENCODING);
        text[at] = '\x01';
        expect_result((struct str){ text, sizeof(text) - 1 }, XML_MALFORMED);
    }
}

/* --- limits ------------------------------------------------------------------------------------------------ */

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
expect_result_soon(struct buf *buf, enum xml_result result)
{
    double before = seconds();

    assert_false(buf_failed(buf));
    expect_result(buf_str(buf), result);
    /* The sanitizers make everything slower; without them this takes milliseconds. */
    assert_true(seconds() - before < 1.0);
    buf_release(buf);
}

static void
repeat(struct buf *buf, const char *text, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        buf_add_c(buf, text);
}

static void
test_depth(void **state)
{
    struct buf buf;

    (void)state;
    for (unsigned depth = 100; depth <= 101; depth++) {
        buf_init(&buf, 1 << 20);
        repeat(&buf, "<a>", depth);
        repeat(&buf, "</a>", depth);
        expect_result_soon(&buf, depth == 100 ? XML_OK : XML_TOO_DEEP);
    }
}

static void
test_many_attributes(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 4 << 20);
    buf_add_c(&buf, "<r ");
    for (unsigned i = 0; i < 40000; i++)
        buf_printf(&buf, "a%u='' ", i);
    buf_add_c(&buf, "/>");
    expect_result_soon(&buf, XML_TOO_MANY_ATTRIBUTES);

    /* The same without an end, and with equals signs inside values, which count for nothing. */
    buf_init(&buf, 4 << 20);
    buf_add_c(&buf, "<r ");
    for (unsigned i = 0; i < 40000; i++)
        buf_printf(&buf, "a%u='' ", i);
    expect_result_soon(&buf, XML_TOO_MANY_ATTRIBUTES);
    buf_init(&buf, 4 << 20);
    buf_add_c(&buf, "<r a='");
    repeat(&buf, " a=", 2000);
    buf_add_c(&buf, "'/>");
    expect_result_soon(&buf, XML_OK);

    /* Under the hard limit on each element, over what all of them may cost. */
    buf_init(&buf, 4 << 20);
    buf_add_c(&buf, "<r>");
    for (unsigned k = 0; k < 60; k++) {
        buf_add_c(&buf, "<e ");
        for (unsigned i = 0; i < 900; i++)
            buf_printf(&buf, "a%u='' ", i);
        buf_add_c(&buf, "/>");
    }
    buf_add_c(&buf, "</r>");
    expect_result_soon(&buf, XML_TOO_MANY_ATTRIBUTES);
}

static void
test_many_namespaces(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 4 << 20);
    buf_add_c(&buf, "<r ");
    for (unsigned i = 0; i < 65; i++)
        buf_printf(&buf, "xmlns:n%u='urn:n' ", i);
    buf_add_c(&buf, "/>");
    expect_result_soon(&buf, XML_TOO_MANY_ATTRIBUTES);
}

static void
test_size_and_elements(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 8 << 20);
    buf_add_c(&buf, "<r>");
    repeat(&buf, "0123456789abcdef", 262144);
    buf_add_c(&buf, "</r>");
    expect_result_soon(&buf, XML_TOO_BIG);

    buf_init(&buf, 1 << 20);
    buf_add_c(&buf, "<r>");
    repeat(&buf, "<a/>", 50000);
    buf_add_c(&buf, "</r>");
    expect_result_soon(&buf, XML_TOO_MANY_NODES);
}

static void
test_truncated_everywhere(void **state)
{
    static const char text[] = "<?xml version='1.0'?><s:r xmlns:s='urn:s' a=\"1>2\"><!-- c --><![CDATA[x]]><?p q?>"
                               "<s:b c='&amp;'>t&lt;</s:b></s:r>";

    (void)state;
    expect_result(STR(text), XML_OK);
    for (size_t len = 0; len + 1 < sizeof(text); len++)
        expect_result((struct str){ text, len }, XML_MALFORMED);
}

/* --- places -------------------------------------------------------------------------------------------------- */

#define ALL_NAMESPACES " xmlns:x='" NS_SAMLP "' xmlns:y='" NS_SAML "' xmlns:d='" NS_DS "'"

static void
test_paths(void **state)
{
    struct parsed parsed;

    (void)state;
    parse(&parsed, STR("<x:Response" ALL_NAMESPACES "><y:Assertion><y:Subject/></y:Assertion><y:Assertion>"
                       "<y:Subject/><x:Subject/></y:Assertion><d:Signature/><plain/></x:Response>"));
    assert_true(parsed.ok);
    assert_int_equal(parsed.document.element_count, 8);
    assert_str(xml_path(&parsed.document, element(&parsed, 1)), "/samlp:Response");
    assert_str(xml_path(&parsed.document, element(&parsed, 3)), "/samlp:Response/saml:Assertion[1]/saml:Subject");
    assert_str(xml_path(&parsed.document, element(&parsed, 5)), "/samlp:Response/saml:Assertion[2]/saml:Subject");
    assert_str(xml_path(&parsed.document, element(&parsed, 6)), "/samlp:Response/saml:Assertion[2]/samlp:Subject");
    assert_str(xml_path(&parsed.document, element(&parsed, 7)), "/samlp:Response/ds:Signature");
    assert_str(xml_path(&parsed.document, element(&parsed, 8)), "/samlp:Response/plain");
    assert_int_equal(parsed.document.elements[0].last, 8);
    assert_int_equal(parsed.document.elements[3].last, 6);
    assert_int_equal(parsed.document.elements[7].last, 8);
    release(&parsed);
}

static void
expect_range(struct where where, struct str text, const char *expected)
{
    assert_true(where.length > 0);
    assert_str(str_slice(text, where.offset, where.length), expected);
}

static void
test_ranges(void **state)
{
    struct str text = STR("\xEF\xBB\xBF<?xml version='1.0'?>\n<r x = 'a>b' id=\"1\"><!-- <a> --><a xid='0' id='2'/>"
                          "<a>t</a ></r>\n<!-- end -->");
    struct parsed parsed;

    (void)state;
    parse(&parsed, text);
    assert_true(parsed.ok);
    expect_range(xml_where(&parsed.document, element(&parsed, 2)), text, "<a xid='0' id='2'/>");
    expect_range(xml_where(&parsed.document, element(&parsed, 3)), text, "<a>t</a >");
    expect_range(xml_where_attribute(&parsed.document, element(&parsed, 1), "id"), text, "id=\"1\"");
    expect_range(xml_where_attribute(&parsed.document, element(&parsed, 1), "x"), text, "x = 'a>b'");
    expect_range(xml_where_attribute(&parsed.document, element(&parsed, 2), "id"), text, "id='2'");
    assert_str(xml_where_attribute(&parsed.document, element(&parsed, 2), "id").xpath, "/r/a[1]/@id");
    release(&parsed);

    parse(&parsed, STR("<?xml version='1.0' encoding='ISO-8859-1'?><r>\xE9<a/></r>"));
    assert_true(parsed.ok);
    assert_int_equal(xml_where(&parsed.document, element(&parsed, 2)).length, 0);
    release(&parsed);
}

static void
test_text(void **state)
{
    struct parsed parsed;

    (void)state;
    parse(&parsed,
          STR("<r><a>one</a><b>admin<!-- x -->.evil</b><c><![CDATA[<x>]]></c><d>a&amp;b<e>c</e>d</d><f/></r>"));
    assert_true(parsed.ok);
    assert_str(xml_text(&parsed.document, element(&parsed, 2)), "one");
    assert_false(xml_text_is_split(element(&parsed, 2)));
    assert_str(xml_text(&parsed.document, element(&parsed, 3)), "admin.evil");
    assert_str(xml_first_text(&parsed.document, element(&parsed, 3)), "admin");
    assert_true(xml_text_is_split(element(&parsed, 3)));
    assert_str(xml_text(&parsed.document, element(&parsed, 4)), "<x>");
    assert_true(xml_text_is_split(element(&parsed, 4)));
    assert_str(xml_text(&parsed.document, element(&parsed, 5)), "a&bcd");
    assert_true(xml_has_element_child(element(&parsed, 5)));
    assert_str(xml_text(&parsed.document, element(&parsed, 7)), "");
    release(&parsed);
}

static void
test_attribute_values(void **state)
{
    struct parsed parsed;

    (void)state;
    parse(&parsed, STR("<r a='x&amp;y&lt;&#65;&quot;' b='' p:c='ns' xmlns:p='urn:p' c='plain'/>"));
    assert_true(parsed.ok);
    assert_str(xml_attribute(&parsed.document, parsed.document.root, "a"), "x&y<A\"");
    assert_true(str_present(xml_attribute(&parsed.document, parsed.document.root, "b")));
    assert_int_equal(xml_attribute(&parsed.document, parsed.document.root, "b").len, 0);
    assert_str(xml_attribute(&parsed.document, parsed.document.root, "c"), "plain");
    assert_str(xml_attribute_ns(&parsed.document, parsed.document.root, "urn:p", "c"), "ns");
    assert_false(str_present(xml_attribute(&parsed.document, parsed.document.root, "d")));
    release(&parsed);
}

static void
test_exhausted_arena(void **state)
{
    struct xml_document document;
    struct xml_status status;

    (void)state;
    for (size_t room = 0; room < 12000; room += 64) {
        struct arena *arena = arena_new(room);

        if (xml_parse(arena, STR("<r a='1'><b>text</b><b/></r>"), &xml_message_limits, &document, &status))
            xml_release(&document);
        else
            assert_int_equal(status.result, XML_NO_MEMORY);
        arena_free(arena);
    }
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
    saml_library_cleanup();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_dtd_is_refused),
        cmocka_unit_test(test_dtd_in_utf16_is_refused),
        cmocka_unit_test(test_nul_is_refused),
        cmocka_unit_test(test_place_of_an_error),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_many_attributes),
        cmocka_unit_test(test_many_namespaces),
        cmocka_unit_test(test_size_and_elements),
        cmocka_unit_test(test_truncated_everywhere),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_attribute_values),
        cmocka_unit_test(test_exhausted_arena),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
