/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#include "escape.h"

struct row {
    struct str in;
    const char *text;
    const char *html;
};

static const struct row rows[] = {
    { STR_INIT("plain text 1"), "plain text 1", "plain text 1" },
    { STR_INIT("DOM\\user"), "DOM\\user", "DOM\\user" },
    { STR_INIT("Z\xc3\xbcrich \xe6\x97\xa5\xe6\x9c\xac"), "Z\xc3\xbcrich \xe6\x97\xa5\xe6\x9c\xac",
      "Z\xc3\xbcrich \xe6\x97\xa5\xe6\x9c\xac" },
    { STR_INIT("a\x1b[31mb"), "a\\x1b[31mb", "a\\x1b[31mb" },
    { STR_INIT("one\ntwo\r\tthree"), "one\\ntwo\\r\\tthree", "one\\ntwo\\r\\tthree" },
    { STR_INIT("nul\0del\x7f"), "nul\\x00del\\x7f", "nul\\x00del\\x7f" },
    { STR_INIT("csi\xc2\x9b!"), "csi\\u{9b}!", "csi\\u{9b}!" },
    { STR_INIT("rtl\xe2\x80\xae!"), "rtl\\u{202e}!", "rtl\\u{202e}!" },
    { STR_INIT("zero\xe2\x80\x8bwidth"), "zero\\u{200b}width", "zero\\u{200b}width" },
    { STR_INIT("line\xe2\x80\xa8sep"), "line\\u{2028}sep", "line\\u{2028}sep" },
    { STR_INIT("hard\xc2\xa0space"), "hard\\u{a0}space", "hard\\u{a0}space" },
    { STR_INIT("\xef\xbb\xbf"
               "bom"),
      "\\u{feff}bom", "\\u{feff}bom" },
    { STR_INIT("pua\xee\x80\x80"), "pua\\u{e000}", "pua\\u{e000}" },
    { STR_INIT("tag\xf3\xa0\x80\xa0"), "tag\\u{e0020}", "tag\\u{e0020}" },
    { STR_INIT("bad\xff\xc3"), "bad\\xff\\xc3", "bad\\xff\\xc3" },
    { STR_INIT("overlong\xc0\xaf"), "overlong\\xc0\\xaf", "overlong\\xc0\\xaf" },
    { STR_INIT("surrogate\xed\xa0\x80"), "surrogate\\xed\\xa0\\x80", "surrogate\\xed\\xa0\\x80" },
    { STR_INIT("<a href='x'>&\"</a>"), "<a href='x'>&\"</a>", "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;" },
};

static void
untrusted_bytes_become_visible(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf text, html;

        buf_init(&text, 4096);
        buf_init(&html, 4096);
        escape_text(&text, rows[i].in);
        escape_html(&html, rows[i].in);
        assert_string_equal(text.bytes, rows[i].text);
        assert_string_equal(html.bytes, rows[i].html);
        buf_release(&text);
        buf_release(&html);
    }
}

static void
width_counts_characters(void **state)
{
    (void)state;
    assert_int_equal(escape_width(STR("")), 0);
    assert_int_equal(escape_width(STR("abc")), 3);
    assert_int_equal(escape_width(STR("Z\xc3\xbcrich")), 6);
    assert_int_equal(escape_width(STR("a\x1b")), 5);
    assert_int_equal(escape_width(STR("\xe2\x80\xae")), 8);
}

/* No byte string whatever gets a control byte through. */
static void
nothing_slips_through(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        char bytes[24];
        struct buf out;

        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * 1103515245u + 12345u;
            bytes[i] = (char)(seed >> 16);
        }
        buf_init(&out, 4096);
        escape_text(&out, (struct str){ bytes, sizeof(bytes) });
        assert_false(buf_failed(&out));
        for (size_t i = 0; i < out.len; i++) {
            unsigned char c = (unsigned char)out.bytes[i];

            assert_true(c >= 0x20 && c != 0x7f);
            /* C1 controls as UTF-8 are 0xc2 0x80 to 0xc2 0x9f. */
            assert_false(c == 0xc2 && (unsigned char)out.bytes[i + 1] < 0xa0);
        }
        buf_release(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(untrusted_bytes_become_visible),
        cmocka_unit_test(width_counts_characters),
        cmocka_unit_test(nothing_slips_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
