/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "buf.h"
#include "capture.h"
#include "find.h"

/* Most rows need one entry only. */
#define HAR(entries) "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"x\"},\"entries\":[" entries "]}}"
#define ENTRY(request, response)                                                                                       \
    "{\"startedDateTime\":\"2026-01-01T00:00:00.250+01:00\",\"time\":12.7,\"connection\":\"443\",\"request\":{"        \
    "\"method\":\"POST\",\"url\":\"https://Sp.test:8443/acs?x=%2f#f\",\"httpVersion\":\"h2\"" request                  \
    "},\"response\":{\"status\":302,\"statusText\":\"Found\"" response "}}"

static struct exchange
read_har(struct arena *arena, const char *text)
{
    struct exchange *exchanges;
    struct str problem;
    size_t count;

    assert_int_equal(capture_read(arena, str_from(text), &exchanges, &count, &problem, NULL), CAPTURE_OK);
    assert_false(str_present(problem));
    assert_int_equal(count, 1);
    return exchanges[0];
}

static void
har_entry_becomes_exchange(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct exchange got = read_har(
        arena,
        "\xef\xbb\xbf" HAR(ENTRY(
            ",\"headers\":[{\"name\":\"Cookie\",\"value\":\"a\"},{\"value\":\"no name\"},7],\"postData\":{\"mimeType\":"
            "\"application/x-www-form-urlencoded\",\"text\":\"a=1\",\"params\":[{\"name\":\"b\",\"value\":\"2\"}]}",
            ",\"headers\":[{\"name\":\"Content-Encoding\",\"value\":\"gzip\"},{\"name\":\"Set-Cookie\",\"value\":\"b\"}"
            "],"
            "\"redirectURL\":\"/next\",\"content\":{\"size\":5,\"mimeType\":\"text/html\",\"text\":\"hello\"}")));

    (void)state;
    assert_true(str_eq_c(exchange_url(arena, &got), "https://sp.test:8443/acs?x=%2f"));
    assert_int_equal(got.started_ms, INT64_C(1767222000250));
    assert_int_equal(got.finished_ms, got.started_ms + 12);
    assert_int_equal(got.connection, 443);
    assert_int_equal(got.number, 1);
    assert_true(str_eq_c(got.method, "POST"));
    assert_true(str_eq_c(got.request_body.bytes, "a=1"));
    assert_int_equal(got.request_headers.count, 2);
    assert_true(str_eq_c(headers_get(&got.request_headers, "content-type"), "application/x-www-form-urlencoded"));
    assert_int_equal(got.status, 302);
    assert_true(str_eq_c(headers_get(&got.response_headers, "Location"), "/next"));
    assert_false(str_present(headers_get(&got.response_headers, "Content-Encoding")));
    assert_true(str_eq_c(headers_get(&got.response_headers, "Content-Type"), "text/html"));
    assert_true(str_eq_c(got.response_body.bytes, "hello"));
    arena_free(arena);
}

static void
har_params_in_both_forms(void **state)
{
    static const struct {
        const char *params, *body;
    } rows[] = {
        { "{\"name\":\"S\",\"value\":\"a%2Bb%3D\"},{\"name\":\"R\",\"value\":\"https%3A%2F%2Fa\"}",
          "S=a%2Bb%3D&R=https%3A%2F%2Fa" }, /* as on the wire */
        { "{\"name\":\"S\",\"value\":\"a+b/=\"},{\"name\":\"R\",\"value\":\"https://a?b=%2F\"}",
          "S=a%2Bb%2F%3D&R=https%3A%2F%2Fa%3Fb%3D%252F" }, /* decoded */
        { "{\"name\":\"p w\",\"value\":\"100%\"},{\"value\":\"x\"},{\"name\":\"n\"}", "p+w=100%25&n=" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct buf text;
        struct exchange got;

        buf_init(&text, 1 << 16);
        buf_add_c(&text, "{\"log\":{\"entries\":[{\"request\":{\"method\":\"POST\",\"url\":\"http://a/"
                         "\",\"postData\":{\"params\":[");
        buf_add_c(&text, rows[i].params);
        buf_add_c(&text, "]}}}]}}");
        got = read_har(arena, buf_str(&text).ptr);
        assert_string_equal(got.request_body.bytes.ptr, rows[i].body);
        buf_release(&text);
        arena_free(arena);
    }
}

static void
har_bodies_in_base64(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct exchange got =
        read_har(arena, HAR(ENTRY("", ",\"content\":{\"size\":9,\"encoding\":\"base64\",\"text\":\"aGVsbG8=\"}")));

    (void)state;
    assert_true(str_eq_c(got.response_body.bytes, "hello"));
    assert_int_equal(got.response_body.size, 9);
    assert_false(str_present(got.request_body.bytes));
    arena_free(arena);
}

/* JSON.stringify writes lone surrogates; one of them must not cost the capture. */
static void
har_with_odd_strings(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct exchange got = read_har(
        arena, HAR(ENTRY("", ",\"content\":{\"text\":\"a\\ud83d b\\udc00\\ud83d\\ude00 \\\\ud83d \xff\\u0000\"}")));

    (void)state;
    assert_true(str_eq(got.response_body.bytes, STR("a\xef\xbf\xbd b\xef\xbf\xbd\xf0\x9f\x98\x80 \\ud83d ?\0")));
    arena_free(arena);
}

static void
har_errors_of_the_network(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct exchange got;

    (void)state;
    got = read_har(arena, "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a/\"},\"response\":{\"status\":0,"
                          "\"_error\":\"net::ERR_CERT_AUTHORITY_INVALID\"}}]}}");
    assert_int_equal(got.problem, EXCHANGE_UPSTREAM_UNTRUSTED);
    assert_true(str_eq_c(got.problem_text, "net::ERR_CERT_AUTHORITY_INVALID"));
    got =
        read_har(arena, "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a/\"},\"response\":{\"status\":0}}]}}");
    assert_int_equal(got.problem, EXCHANGE_OK);
    arena_free(arena);
}

static void
what_is_no_har(void **state)
{
    static const struct {
        const char *text;
        enum capture_result result;
        size_t count;
        const char *problem;
    } rows[] = {
        { "{}", CAPTURE_OTHER, 0, "" },
        { "[1]", CAPTURE_OTHER, 0, "" },
        { "{\"log\":1}", CAPTURE_OTHER, 0, "" },
        { "{\"log\":{}}", CAPTURE_BROKEN, 0, "HAR without log.entries" },
        { "", CAPTURE_BROKEN, 0, "empty" },
        { "{\"log\":\n{]", CAPTURE_BROKEN, 0, "no JSON, line 2, column 2" },
        { HAR("1,{},{\"request\":{\"url\":\"data:x\"}},{\"request\":{\"url\":4}}"), CAPTURE_OK, 2,
          "2 of 4 entries were left out, the first is entry 1: no JSON" },
        { HAR(""), CAPTURE_OK, 0, "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct exchange *exchanges;
        struct str problem;
        size_t count;

        assert_int_equal(capture_read(arena, str_from(rows[i].text), &exchanges, &count, &problem, NULL),
                         rows[i].result);
        assert_int_equal(count, rows[i].count);
        assert_true(str_starts_c(problem, rows[i].problem));
        assert_int_equal(problem.len > 0, rows[i].problem[0] != '\0');
        arena_free(arena);
    }
}

#define TRACE_BODY                                                                                                     \
    "\"method\":\"POST\",\"url\":\"https://sp.test/acs\",\"responseStatus\":302,\"responseStatusText\":"               \
    "\"HTTP/1.1 302 Found\",\"post\":[[\"SAMLResponse\",\"PHgvPg==\"],[\"RelayState\",\"x y\"],[1]],\"saml\":\"<x/>\""

static void
both_layouts_of_saml_tracer(void **state)
{
    static const char *const texts[] = {
        "{\"requests\":[{\"requestId\":\"1\"," TRACE_BODY
        ",\"requestHeaders\":[{\"name\":\"Host\",\"value\":\"sp.test\"}],"
        "\"responseHeaders\":[{\"name\":\"Location\",\"value\":\"/\"}]}],\"timestamp\":\"x\"}",
        "{\"requests\":[{\"id\":\"1\"," TRACE_BODY ",\"requestHeaders\":[[\"Host\",\"sp.test\"]],\"responseHeaders\":"
        "[[\"Location\",\"/\"]]}]}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct exchange *got;
        struct str problem;
        size_t count;

        assert_int_equal(capture_read(arena, str_from(texts[i]), &got, &count, &problem, NULL), CAPTURE_OK);
        assert_int_equal(count, 1);
        assert_true(str_eq_c(got->request_body.bytes, "SAMLResponse=PHgvPg%3D%3D&RelayState=x+y"));
        assert_true(str_eq_c(headers_get(&got->request_headers, "Host"), "sp.test"));
        assert_true(str_eq_c(headers_get(&got->request_headers, "Content-Type"), "application/x-www-form-urlencoded"));
        assert_true(str_eq_c(headers_get(&got->response_headers, "Location"), "/"));
        assert_int_equal(got->status, 302);
        assert_true(str_eq_c(got->reason, "Found"));
        assert_true(str_eq_c(exchange_url(arena, got), "https://sp.test/acs"));
        assert_int_equal(capture_read(arena, STR("{\"requests\":1}"), &got, &count, &problem, NULL), CAPTURE_OTHER);
        assert_int_equal(capture_read(arena, STR("{\"requests\":[{},1]}"), &got, &count, &problem, NULL),
                         CAPTURE_OTHER);
        assert_int_equal(count, 0);
        arena_free(arena);
    }
}

static void
captures_are_recognised(void **state)
{
    static const struct saml_options options;
    struct arena *arena = arena_new(1 << 20);
    struct input input;
    unsigned char packed[4096];
    z_stream stream = { 0 };
    const char *text = HAR(ENTRY("", ""));

    (void)state;
    assert_true(find_input(arena, str_from(text), &options, &input));
    assert_int_equal(input.kind, INPUT_HAR);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = packed;
    stream.avail_out = sizeof(packed);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    assert_true(find_input(arena, (struct str){ (char *)packed, stream.total_out }, &options, &input));
    assert_int_equal(input.kind, INPUT_HAR);
    assert_int_equal(input.exchange_count, 1);
    assert_true(find_input(arena, STR("\xef\xbb\xbf \n{\"requests\":[]}"), &options, &input));
    assert_int_equal(input.kind, INPUT_SAML_TRACER);
    arena_free(arena);
}

static void
files_that_are_compressed(void **state)
{
    static const struct {
        int window;
        size_t drop; /* bytes off the end */
        const char *problem;
    } rows[] = {
        { 31, 0, "" },
        { 15, 0, "" },
        { 31, 10, "the gzip data is damaged or cut off; what came out before is read; the file is cut off" },
    };
    const char *text = HAR(ENTRY("", "") "," ENTRY("", "") "," ENTRY("", ""));
    static const struct saml_options options;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 20);
        unsigned char packed[4096];
        z_stream stream = { 0 };
        struct input input;

        assert_int_equal(deflateInit2(&stream, 0, Z_DEFLATED, rows[i].window, 8, Z_DEFAULT_STRATEGY), Z_OK);
        stream.next_in = (unsigned char *)(uintptr_t)text;
        stream.avail_in = (uInt)strlen(text);
        stream.next_out = packed;
        stream.avail_out = sizeof(packed);
        assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
        deflateEnd(&stream);
        assert_true(
            find_input(arena, (struct str){ (char *)packed, stream.total_out - rows[i].drop }, &options, &input));
        assert_int_equal(input.kind, INPUT_HAR);
        assert_int_equal(input.exchange_count, 3);
        if (!str_starts_c(input.problem, rows[i].problem) || str_present(input.problem) != (rows[i].drop > 0))
            fail_msg("row %zu: %.*s", i, STR_ARG(input.problem));
        arena_free(arena);
    }
}

static void
a_full_arena_is_an_answer(void **state)
{
    struct exchange *exchanges;
    struct str problem;
    size_t count;

    (void)state;
    for (size_t size = 0; size < 768; size += 64) {
        struct arena *arena = arena_new(size);

        assert_int_equal(capture_read(arena, STR(HAR(ENTRY("", ""))), &exchanges, &count, &problem, NULL),
                         CAPTURE_NO_MEMORY);
        arena_free(arena);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(har_entry_becomes_exchange),  cmocka_unit_test(har_params_in_both_forms),
        cmocka_unit_test(har_bodies_in_base64),        cmocka_unit_test(har_with_odd_strings),
        cmocka_unit_test(har_errors_of_the_network),   cmocka_unit_test(what_is_no_har),
        cmocka_unit_test(both_layouts_of_saml_tracer), cmocka_unit_test(captures_are_recognised),
        cmocka_unit_test(a_full_arena_is_an_answer),   cmocka_unit_test(files_that_are_compressed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
