/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "htmlform.h"
#include "json_field.h"
#include "multipart.h"
#include "urlform.h"

/* --- application/x-www-form-urlencoded --- */

static void
url_fields(void **state)
{
    static const struct str text = STR_INIT("a=1&&b=x+y%2b%2F&c&=d&a=%zz&e%3d=\xff&f=");
    struct arena *arena = arena_new(1 << 16);
    struct urlform form;

    (void)state;
    assert_true(urlform_read(arena, text, &form));
    assert_int_equal(form.count, 7);
    assert_int_equal(urlform_count(&form, "a"), 2);
    assert_true(str_eq_c(urlform_get(&form, "a")->value, "1"));
    assert_true(str_eq_c(form.items[1].value, "x y+/"));
    assert_true(str_eq_c(form.items[1].raw_value, "x+y%2b%2F"));
    assert_int_equal(form.items[1].offset, 7);
    assert_int_equal(form.items[1].bad_at, SIZE_MAX);
    assert_false(str_present(form.items[2].value));
    assert_true(str_eq_c(form.items[3].name, ""));
    assert_true(str_eq_c(form.items[4].value, "%zz"));
    assert_int_equal(form.items[4].bad_at, 0);
    assert_true(str_eq_c(form.items[5].name, "e="));
    assert_int_equal(form.items[5].bad_at, 0);
    assert_true(str_present(form.items[6].value));
    assert_null(urlform_get(&form, "g"));
    assert_false(form.cut);
    arena_free(arena);
}

static void
url_field_limits(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct urlform form;
    struct buf text;
    size_t bad_at;

    (void)state;
    buf_init(&text, 1 << 16);
    for (int i = 0; i <= URLFORM_MAX_FIELDS; i++)
        buf_add_c(&text, "a&");
    assert_true(urlform_read(arena, buf_str(&text), &form));
    assert_int_equal(form.count, URLFORM_MAX_FIELDS);
    assert_true(form.cut);
    assert_true(urlform_read(arena, STR(""), &form));
    assert_int_equal(form.count, 0);
    assert_true(str_eq_c(percent_decode(arena, STR("%"), false, &bad_at), "%"));
    assert_int_equal(bad_at, 0);
    assert_true(str_eq_c(percent_decode(arena, STR("a+%4"), false, &bad_at), "a+%4"));
    assert_int_equal(bad_at, 2);
    buf_release(&text);
    arena_free(arena);
}

/* --- HTML --- */

static const struct html_row {
    const char *page;
    const char *wanted; /* forms as "[action|method name=value …]" */
} html_rows[] = {
    { "<form method=\"post\" action=\"https://sp.test/acs?a&amp;b\"><input type=hidden name=\"S\" "
      "value=\"a&#43;b\"></form>",
      "[https://sp.test/acs?a&b|post S=a+b]" },
    { "<FORM ACTION='/x' METHOD=POST><INPUT VALUE='1' NAME='n'/></FORM>", "[/x|POST n=1]" },
    { "<form action=/x/y><input value=a/b= name=n><input name=m></form>", "[/x/y|- n=a/b= m=]" },
    { "<form><input name=n value=\"&#x2B;&plus;&#x2b&equals;&sol;&nbsp;&NewLine;&Tab;&colon;\"></form>",
      "[-|- n=+++=/\xc2\xa0\n\t:]" },
    { "<form><input name=n value='&lt;&gt;&quot;&apos;&amp;amp;&unknown;&ltx;&#;&#x;&'></form>",
      "[-|- n=<>\"'&amp;&unknown;&ltx;&#;&#x;&]" },
    { "<form><input name=n value='&#0;&#xD800;&#x110000;&#99999999999;'></form>",
      "[-|- n=\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd]" },
    { "<form><input name=n\n value\n=\n\"a\r\nb\"></form>", "[-|- n=a\r\nb]" },
    { "<form><textarea name=t>\n&lt;x>\n</textarea><button name=b value=1>go</button></form>", "[-|- t=<x>\n b=1]" },
    { "<form action=1><input name=a></form><form action=2><input name=b></form>", "[1|- a=][2|- b=]" },
    { "<form action=1><form action=2><input name=a></form>", "[1|- a=]" },
    { "<!-- <form action=0> --><form action=1><!--><input name=a><!-- > --></form>", "[1|- a=]" },
    { "<script>document.write('<form action=0>')</script><form action=1></form>", "[1|-]" },
    { "<script></scripts><form action=0></script><form action=1></form>", "[1|-]" },
    { "<title><form action=0></title><!DOCTYPE x><?pi ?><form action=1></form>", "[1|-]" },
    { "<noscript><form action=1><input name=a></form></noscript>", "[1|- a=]" },
    { "<input name=a value=1>", "" },
    { "<form action=1><input name=a value='open", "[1|-]" },
    { "<form action=1><input name=a value=1", "[1|-]" },
    { "<form action=1><input name=a value=1 name=b value=2>", "[1|- a=1]" },
    { "<form =x action=1><input = name=a>", "[1|- a=]" },
    { "<form action=1>", "[1|-]" },
    { "< form action=1>< /form></", "" },
    { "<", "" },
    { "", "" },
};

static void
html_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(html_rows); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct html_page page;
        struct buf got;

        buf_init(&got, 1 << 16);
        assert_true(html_forms_read(arena, str_from(html_rows[i].page), &page));
        for (size_t j = 0; j < page.form_count; j++) {
            const struct html_form *form = &page.forms[j];

            buf_add_c(&got, "[");
            buf_add_str(&got, str_present(form->action) ? form->action : STR("-"));
            buf_add_c(&got, "|");
            buf_add_str(&got, str_present(form->method) ? form->method : STR("-"));
            for (size_t k = 0; k < form->field_count; k++) {
                buf_add_c(&got, " ");
                buf_add_str(&got, form->fields[k].name);
                buf_add_c(&got, "=");
                buf_add_str(&got, form->fields[k].value);
            }
            buf_add_c(&got, "]");
        }
        assert_string_equal(buf_str(&got).ptr, html_rows[i].wanted);
        buf_release(&got);
        arena_free(arena);
    }
}

static void
html_places(void **state)
{
    static const struct str text = STR_INIT("<form><input name=n value='a&#43;'>");
    struct arena *arena = arena_new(1 << 20);
    struct html_page page;

    (void)state;
    assert_true(html_forms_read(arena, text, &page));
    assert_true(str_eq_c(html_form_get(&page.forms[0], "n")->raw, "a&#43;"));
    assert_int_equal(html_form_get(&page.forms[0], "n")->offset, 27);
    assert_null(html_form_get(&page.forms[0], "m"));
    arena_free(arena);
}

static void
html_limits(void **state)
{
    struct arena *arena = arena_new(64 << 20);
    struct html_page page;
    struct buf text;

    (void)state;
    buf_init(&text, 8 << 20);
    for (int i = 0; i <= HTML_MAX_FORMS; i++)
        buf_add_c(&text, "<form></form>");
    assert_true(html_forms_read(arena, buf_str(&text), &page));
    assert_int_equal(page.form_count, HTML_MAX_FORMS);
    assert_true(page.cut);
    buf_reset(&text);
    buf_add_c(&text, "<form>");
    for (int i = 0; i <= HTML_MAX_FIELDS; i++)
        buf_add_c(&text, "<input name=a>");
    assert_true(html_forms_read(arena, buf_str(&text), &page));
    assert_int_equal(page.forms[0].field_count, HTML_MAX_FIELDS);
    assert_true(page.cut);
    buf_reset(&text);
    while (text.len <= HTML_MAX_PAGE)
        buf_add_c(&text, "<a '");
    assert_true(html_forms_read(arena, buf_str(&text), &page));
    assert_true(page.cut);
    buf_release(&text);
    arena_free(arena);
}

/* --- multipart/form-data --- */

static const struct multipart_row {
    const char *type, *body, *wanted;
    bool cut;
} multipart_rows[] = {
    { "multipart/form-data; boundary=X",
      "--X\r\nContent-Disposition: form-data; name=\"S\"\r\n\r\nval\r\nue\r\n--X\r\ncontent-disposition: form-data; "
      "filename=\"f;name=x\"; name=t\r\nContent-Type: text/plain\r\n\r\n\r\n--X--\r\n",
      "S=val\r\nue;t=;", false },
    { "multipart/form-data; charset=x; boundary=\"a b\"",
      "preamble\r\n--a b\r\nContent-Disposition: form-data; name=n\r\n\r\n--a c\r\n--a b--", "n=--a c;", false },
    { "multipart/form-data", "--Q\nContent-Disposition: form-data; name=n\n\nv\n--Q--\n", "n=v;", false },
    { "multipart/form-data; boundary=X", "--X\r\nContent-Disposition: form-data; name=n\r\n\r\nopen", "n=open;", true },
    { "multipart/form-data; boundary=X", "--X\r\nContent-Type: x\r\n\r\nv\r\n--X--", "", false },
    { "multipart/form-data; boundary=X", "--X", "", true },
    { "multipart/form-data; boundary=", "nothing", "", true },
    { "multipart/form-data; boundary=X", "", "", true },
};

static void
multipart_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(multipart_rows); i++) {
        struct arena *arena = arena_new(1 << 16);
        struct multipart form;
        struct buf got;

        buf_init(&got, 1 << 16);
        assert_true(multipart_read(arena, str_from(multipart_rows[i].body), str_from(multipart_rows[i].type), &form));
        for (size_t j = 0; j < form.count; j++) {
            buf_add_str(&got, form.items[j].name);
            buf_add_c(&got, "=");
            buf_add_str(&got, form.items[j].value);
            buf_add_c(&got, ";");
        }
        assert_string_equal(buf_str(&got).ptr, multipart_rows[i].wanted);
        assert_int_equal(form.cut, multipart_rows[i].cut);
        buf_release(&got);
        arena_free(arena);
    }
}

/* --- JSON --- */

static void
json_strings(void **state)
{
    struct arena *arena = arena_new(1 << 16);
    struct json_fields fields;

    (void)state;
    assert_true(
        json_fields_read(arena, STR("{\"a\":\"1\\u002b\",\"b\":{\"c\":[\"2\",{\"d\":\"3\"},4]},\"e\":null}"), &fields));
    assert_int_equal(fields.count, 3);
    assert_true(str_eq_c(fields.items[0].value, "1+"));
    assert_true(str_eq_c(fields.items[1].name, "c"));
    assert_true(str_eq_c(fields.items[2].value, "3"));
    assert_true(json_fields_read(arena, STR("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":\"x\"}}}}}}}"), &fields));
    assert_int_equal(fields.count, 0);
    assert_true(json_fields_read(arena, STR("{\"a\":"), &fields));
    assert_int_equal(fields.count, 0);
    assert_true(json_fields_read(arena, STR(""), &fields));
    assert_int_equal(fields.count, 0);
    arena_free(arena);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_fields),   cmocka_unit_test(url_field_limits), cmocka_unit_test(html_forms),
        cmocka_unit_test(html_places),  cmocka_unit_test(html_limits),      cmocka_unit_test(multipart_fields),
        cmocka_unit_test(json_strings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
