/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"

#define ENTRY(url)                                                                                                     \
    "{\"request\":{\"method\":\"GET\",\"url\":\"https://sp.test/" url "\"},\"response\":{\"status\":200}}"

/* "url url … | result | problem" of a text that is fed in pieces of that size. */
static void
read_in_pieces(struct str text, size_t piece_bytes, size_t max_entry, struct buf *out)
{
    static const char *const results[] = { "ok", "other", "broken", "no memory" };
    struct arena *arena = arena_new(4 << 20);
    struct capture_reader reader;
    struct exchange exchange;
    struct str problem;
    enum capture_result result;

    buf_reset(out);
    capture_reader_init(&reader, max_entry);
    for (size_t at = 0; at < text.len; at += piece_bytes) {
        /* a copy of its own, so that nothing can be borrowed from earlier pieces */
        struct str piece = str_slice(text, at, piece_bytes), rest;
        char *copy = malloc(piece.len);

        assert_non_null(copy);
        memcpy(copy, piece.ptr, piece.len);
        rest = (struct str){ copy, piece.len };
        while (capture_reader_next(&reader, arena, &rest, &exchange) == CAPTURE_EXCHANGE)
            buf_printf(out, "%u:%.*s ", (unsigned)exchange.number, STR_ARG(exchange.target));
        assert_int_equal(rest.len, 0);
        free(copy);
    }
    if (capture_reader_cut(&reader, arena, &exchange))
        buf_printf(out, "%u:%.*s(cut) ", (unsigned)exchange.number, STR_ARG(exchange.target));
    result = capture_reader_end(&reader, arena, &problem);
    buf_printf(out, "| %s | %.*s", results[result], STR_ARG(problem));
    capture_reader_release(&reader);
    arena_free(arena);
}

static const struct {
    const char *text, *wanted;
} rows[] = {
    { "{\"log\":{\"entries\":[" ENTRY("a") "," ENTRY("b") "]}}", "1:/a 2:/b | ok | " },
    { "\xef\xbb\xbf {\"log\":{\"entries\":[\n" ENTRY("a") "\n]}}\n", "1:/a | ok | " },
    { "{\"log\":{\"entries\":[]}}", "| ok | " },
    /* what only looks like entries */
    { "{\"x\":{\"entries\":[1]},\"log\":{\"pages\":[{\"entries\":[{}]}],\"s\":\"\\\"entries\\\":[\",\"entries\":"
      "[" ENTRY("a") "]}}",
      "1:/a | ok | " },
    { "{\"log\":{\"comment\":\"entries\",\"entries\" : [" ENTRY("]}\\\"") "]}}", "1:/]}\" | ok | " },
    /* cut anywhere */
    { "{\"log\":{\"entries\":[" ENTRY("a") ",{\"request\":{\"method\":\"G",
      "1:/a | ok | the file is cut off inside entry 2, at byte 123 (the entry begins at byte 100); 1 before it were "
      "read" },
    { "{\"log\":{\"entries\":[" ENTRY("a") ",", "1:/a | ok | the file is cut off after entry 1, at byte 100" },
    { "{\"log\":{\"entries\":[" ENTRY("a") "]", "1:/a | ok | the file is cut off after entry 1, at byte 100" },
    { "{\"log\":{\"entries\":[{\"request\"", "| broken | the file is cut off inside entry 1, at byte 29 (the entry "
                                             "begins at byte 19); 0 before it were read" },
    /* the cut is behind the request: the entry counts */
    { "{\"log\":{\"entries\":[" ENTRY("a") ",{\"request\":{\"url\":\"https://sp.test/b\"},\"response\":{\"status\":20",
      "1:/a 2:/b(cut) | ok | the file is cut off inside entry 2, at byte 162 (the entry begins at byte 100); 1 before "
      "it "
      "were read, and what there is of it" },
    { "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://sp.test/a\"},\"response\":{\"content\":{\"text\":\"\\",
      "1:/a(cut) | ok | the file is cut off inside entry 1, at byte 90 (the entry begins at byte 19); 0 before it were "
      "read, and what there is of it" },
    { "{\"log\":{\"entries\":[{\"response\":{},\"request\":{\"url\":\"https://sp.test/a\"},",
      "| broken | the file is cut off inside entry 1, at byte 72 (the entry begins at byte 19); 0 before it were "
      "read" },
    { "{\"requests\":[{\"url\":\"https://sp.test/a\",\"responseStatus\":302,\"respo",
      "1:/a(cut) | ok | the file is cut off inside entry 1, at byte 67 (the entry begins at byte 13); 0 before it were "
      "read, and what there is of it" },
    /* several captures in a file */
    { "{\"log\":{\"entries\":[" ENTRY("a") "]}}\r\n\xef\xbb\xbf{\"log\":{\"pages\":[],\"entries\":[" ENTRY(
          "b") "," ENTRY("c") "]}}",
      "1:/a 2:/b 3:/c | ok | " },
    { "[{\"log\":{\"entries\":[" ENTRY("a") "]}},\n {\"log\":{\"entries\":[]}}, {\"log\":{\"entries\":[" ENTRY(
          "b") "]}} ]",
      "1:/a 2:/b | ok | " },
    { "[{\"log\":{\"entries\":[" ENTRY("a") "]}},{\"log\":{\"entries\":[",
      "1:/a | ok | the file is cut off after entry 1, at byte 123" },
    { "{\"log\":{\"entries\":[" ENTRY("a") "]}}{\"requests\":[{\"url\":\"https://sp.test/b\"}]}", "1:/a | ok | " },
    { "{\"log\":{\"entries\":[" ENTRY("a") "]}} and so on {", "1:/a | ok | " },
    /* broken entries among others */
    { "{\"log\":{\"entries\":[" ENTRY("a") ",{\"request\":{\"url\" \"x\"}},3,\"s\",null,[{}]," ENTRY("b") "]}}",
      "1:/a 7:/b | ok | 5 of 7 entries were left out, the first is entry 2: no JSON, line 1, column 21: ':' expected "
      "near '\"x\"'" },
    { "{\"log\":{\"entries\":[{}]}}", "| ok | 1 of 1 entries was left out, the first is entry 1: it has no request" },
    /* no cookie anywhere */
    { "{\"log\":{\"creator\":{\"name\":\"WebInspector\"},\"entries\":[{\"request\":{\"url\":\"https://sp.test/a\","
      "\"headers\":[{\"name\":\"Host\",\"value\":\"sp.test\"}]}}]}}",
      "1:/a | ok | no entry has a Cookie, Set-Cookie or Authorization header: Chrome leaves them out when it exports "
      "without sensitive data" },
    { "{\"log\":{\"creator\":{\"name\":\"WebInspector\"},\"entries\":[{\"request\":{\"url\":\"https://sp.test/a\","
      "\"headers\":[{\"name\":\"cookie\",\"value\":\"a\"}]}}]}}",
      "1:/a | ok | " },
    /* exports of SAML-tracer; "requests" alone makes none */
    { "{\"timestamp\":\"x\",\"requests\":[{\"url\":\"https://sp.test/a\"},{\"url\":\"https://sp.test/b\"}]}",
      "1:/a 2:/b | ok | " },
    { "{\"requests\":[{\"url\":\"https://sp.test/a\"},{\"id\":1},{\"url\":\"https://sp.t",
      "1:/a | ok | the file is cut off inside entry 3, at byte 70 (the entry begins at byte 50); 1 before it were "
      "read; "
      "1 of 3 entries was left out, the first is entry 2: it has no url" },
    { "{\"requests\":[]}", "| ok | " },
    { "{\"requests\":[{\"id\":1},2]}", "| other | " },
    { "{\"a\":{\"requests\":[{\"url\":\"https://sp.test/a\"}]}}", "| other | " },
    /* no archive */
    { "{\"a\":[]}", "| other | " },
    { "[]", "| other | " },
    { "[{\"a\":1},2]", "| other | " },
    { "[{note} SAMLResponse=x", "| other | " },
    { "{\"log\":{}}", "| broken | HAR without log.entries" },
    { "  ", "| broken | empty" },
    { "{\"log\":{\"a\":\n}]", "| broken | no JSON, line 2, column 2 (byte 15): a bracket that does not match" },
    /* the entry behind is found again */
    { "{\"log\":{\"entries\":[" ENTRY("a") ",{\"request\":{]},\n{ \"x\": 1 }, " ENTRY("b") "," ENTRY("c") "]}}",
      "1:/a 3:/b 4:/c | ok | 1 of 4 entries was left out, the first is entry 2: a bracket that does not match at byte "
      "113 "
      "(line 1, column 113)" },
    { "{\"log\":{\"entries\":[" ENTRY("a") "}," ENTRY("b") "]}}",
      "1:/a 3:/b | ok | 1 of 3 entries was left out, the first is entry 2: a bracket that does not match at byte 100 "
      "(line 1, column 100)" },
    { "{\"log\":{\"entries\":[" ENTRY("a") ",{\"request\":]}]}}",
      "1:/a | ok | 1 of 2 entries was left out, the first is entry 2: a bracket that does not match at byte 112 (line "
      "1, "
      "column 112)" },
    { "{\"log\":{\"entries\":[" ENTRY("a") ",\n{\"request\":{\"url\":\"https://x},\n\"response\":{}},\n" ENTRY(
          "b") "]}}",
      "1:/a 3:/b | ok | 1 of 3 entries was left out, the first is entry 2: a string that does not end on its line at "
      "byte "
      "132 (line 3, column 0)" },
    { "[{\"log\":{\"entries\":[{]}, { \"startedDateTime\" "
      ":\"\",\"request\":{\"url\":\"https://sp.test/a\"}}]}},{\"log\":{"
      "\"entries\":[" ENTRY("b") "]}}]",
      "2:/a 3:/b | ok | 1 of 3 entries was left out, the first is entry 1: a bracket that does not match at byte 22 "
      "(line "
      "1, column 22)" },
    { "{\"requests\":[{\"url\":\"https://sp.test/a\"},{]},{\"url\":\"https://sp.test/b\"}]}",
      "1:/a | ok | damaged at byte 43 (line 1, column 43): a bracket that does not match; of 1 entry before it the "
      "exchanges were read, what follows was not" },
};

static void
pieces_make_no_difference(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 16);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t length = strlen(rows[i].text);

        for (size_t piece = 1; piece <= length + 1; piece += piece < 40 ? 1 : length / 3 + 1) {
            read_in_pieces(str_from(rows[i].text), piece, 1 << 20, &out);
            if (!str_eq_c(buf_str(&out), rows[i].wanted))
                fail_msg("%s\nin pieces of %zu: %s\nwanted: %s", rows[i].text, piece, out.bytes, rows[i].wanted);
        }
    }
    buf_release(&out);
}

static void
large_entries_are_left_out(void **state)
{
    const char *text = "{\"log\":{\"entries\":[" ENTRY("a") "," ENTRY("this-one-is-longer") "," ENTRY("b") "]}}";
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 16);
    for (size_t piece = 1; piece < 300; piece += 13) {
        read_in_pieces(str_from(text), piece, sizeof(ENTRY("b")) - 1, &out);
        assert_string_equal(out.bytes, "1:/a 3:/b | ok | 1 of 3 entries was left out, the first is entry 2: it is "
                                       "larger than the ceiling");
    }
    buf_release(&out);
}

/* The reader's memory is that of an entry, however long the file is. */
static void
memory_is_that_of_an_entry(void **state)
{
    struct str entry = STR(ENTRY("a") ",");
    struct capture_reader reader;
    struct str piece = STR("{\"log\":{\"entries\":[");
    struct exchange exchange;
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    capture_reader_init(&reader, 1 << 20);
    assert_int_equal(capture_reader_next(&reader, arena, &piece, &exchange), CAPTURE_MORE);
    for (int i = 0; i < 5000; i++) {
        struct str first = str_slice(entry, 0, 10), second = str_from_offset(entry, 10);

        assert_int_equal(capture_reader_next(&reader, arena, &first, &exchange), CAPTURE_MORE);
        assert_int_equal(capture_reader_next(&reader, arena, &second, &exchange), CAPTURE_EXCHANGE);
        assert_true(reader.split.kept.capacity <= 4 * entry.len);
        if (arena_used(arena) > 1 << 19) {
            arena_free(arena);
            arena = arena_new(1 << 20);
        }
    }
    assert_int_equal(exchange.number, 5000);
    capture_reader_release(&reader);
    arena_free(arena);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(large_entries_are_left_out),
        cmocka_unit_test(memory_is_that_of_an_entry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
