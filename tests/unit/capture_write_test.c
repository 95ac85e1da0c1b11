/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <zlib.h>

#include "base64.h"
#include "capture.h"
#include "find.h"
#include "har_write.h"
#include "saml_tracer_write.h"

enum { ARENA_BYTES = 64 << 20 };

#define XML                                                                                                            \
    "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" Version=\"2.0\" "                          \
    "IssueInstant=\"2026-01-01T00:00:00Z\"/>"

/* Each exchange in its binary form: what two readings must agree in. */
static void
binary_of(const struct exchange *exchanges, size_t count, struct buf *out)
{
    buf_reset(out);
    for (size_t i = 0; i < count; i++)
        exchange_write(out, &exchanges[i]);
    assert_false(buf_failed(out));
}

static void
check_round_trip(struct str har)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct exchange *first, *second;
    struct buf written, again, a, b;
    struct str problem;
    size_t count, count_again;

    buf_init(&written, ARENA_BYTES);
    buf_init(&again, ARENA_BYTES);
    buf_init(&a, ARENA_BYTES);
    buf_init(&b, ARENA_BYTES);
    assert_int_equal(capture_read(arena, har, &first, &count, &problem, NULL), CAPTURE_OK);
    assert_true(har_write(arena, first, count, &written));
    assert_int_equal(capture_read(arena, buf_str(&written), &second, &count_again, &problem, NULL), CAPTURE_OK);
    assert_int_equal(count_again, count);
    binary_of(first, count, &a);
    binary_of(second, count, &b);
    assert_true(str_eq(buf_str(&a), buf_str(&b)));
    assert_true(har_write(arena, second, count, &again));
    assert_true(str_eq(buf_str(&written), buf_str(&again)));
    buf_release(&written);
    buf_release(&again);
    buf_release(&a);
    buf_release(&b);
    arena_free(arena);
}

static void
har_survives_a_round_trip(void **state)
{
    (void)state;
    check_round_trip(STR(
        "{\"log\":{\"entries\":["
        "{\"startedDateTime\":\"2026-01-01T00:00:00.250Z\",\"time\":12,\"connection\":\"77\",\"request\":{\"method\":"
        "\"POST\",\"url\":\"https://sp.test:8443/acs?x=%2f&y\",\"httpVersion\":\"h2\",\"headers\":[{\"name\":\"A\","
        "\"value\":\"1\"},{\"name\":\"a\",\"value\":\"\\u00e9\\u0000\"}],\"postData\":{\"mimeType\":\"text/plain\","
        "\"text\":\"x\\u00e9\"}},\"response\":{\"status\":302,\"statusText\":\"Found\",\"redirectURL\":\"/n\","
        "\"headers\":[{\"name\":\"Content-Encoding\",\"value\":\"br\"}],\"content\":{\"size\":99,\"mimeType\":"
        "\"text/html\",\"text\":\"<p>\"}}},"
        "{\"request\":{\"url\":\"data:image/png;base64,AAAA\",\"bodySize\":10},\"response\":{\"status\":0,\"_error\":"
        "\"net::ERR_CERT_DATE_INVALID\",\"content\":{\"encoding\":\"base64\",\"text\":\"/wD+\"}}},"
        "{\"request\":{\"url\":\"http://[::1]:81/\",\"method\":\"GET\",\"postData\":{\"params\":[{\"name\":\"a\","
        "\"value\":\"b c\"}]}}}]}}"));
}

static void
corpus_survives_a_round_trip(void **state)
{
    static const char *const names[] = { "valid_text_only.har", "valid_params_and_text.har", "valid_params_decoded.har",
                                         "invalid_text_only.har", "authn_request_redirect.har" };
    bool seen = false;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[128];
        char *bytes = malloc(1 << 20);
        FILE *file;

        snprintf(path, sizeof(path), "../shared/corpus/envelopes/data/%s", names[i]);
        file = fopen(path, "rb");
        assert_non_null(bytes);
        if (file != NULL) {
            check_round_trip((struct str){ bytes, fread(bytes, 1, 1 << 20, file) });
            fclose(file);
            seen = true;
        }
        free(bytes);
    }
    if (!seen)
        print_message("no corpus here\n");
}

/* What the wire gives and a HAR file cannot say in its own words. */
static void
exchanges_from_the_wire(void **state)
{
    static const unsigned char packed[] = { 0x1f, 0x8b, 8,    0,    0,    0,    0, 0, 0, 3, 0x4b,
                                            4,    0,    0x43, 0xbe, 0xb7, 0xe8, 1, 0, 0, 0 };
    struct header coded[] = { { STR_INIT("Content-Encoding"), STR_INIT("gzip") },
                              { STR_INIT("X"), STR_INIT("caf\xe9") } };
    struct header unknown[] = { { STR_INIT("Content-Encoding"), STR_INIT("sdch") } };
    struct exchange sent[] = {
        { .number = 5,
          .client = STR_INIT("127.0.0.1"),
          .scheme = STR_INIT("https"),
          .host = STR_INIT("sp.test"),
          .port = 443,
          .target = STR_INIT("/"),
          .request_body = { STR_INIT("\xff\0z"), 30, true },
          .response_headers = { coded, 2 },
          .response_body = { { (const char *)packed, sizeof(packed) }, sizeof(packed), false } },
        { .number = 9,
          .scheme = STR_INIT("https"),
          .host = STR_INIT("sp.test"),
          .port = 443,
          .target = STR_INIT("/b"),
          .response_headers = { unknown, 1 },
          .response_body = { STR_INIT("raw"), 3, true },
          .problem = EXCHANGE_CUT_SHORT,
          .problem_text = STR_INIT("the peer closed") },
    };
    struct arena *arena = arena_new(1 << 20);
    struct exchange *got;
    struct str problem;
    struct buf out;
    json_error_t error;
    json_t *root;
    size_t count;

    (void)state;
    buf_init(&out, 1 << 20);
    assert_true(har_write(arena, sent, 2, &out));
    root = json_loadb(out.bytes, out.len, 0, &error);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(json_object_get(root, "log"), "version")), "1.2");
    json_decref(root);
    assert_int_equal(capture_read(arena, buf_str(&out), &got, &count, &problem, NULL), CAPTURE_OK);
    assert_int_equal(count, 2);
    assert_int_equal(got[0].number, 5);
    assert_true(str_eq_c(got[0].client, "127.0.0.1"));
    assert_true(str_eq(got[0].request_body.bytes, STR("\xff\0z")));
    assert_true(got[0].request_body.cut);
    assert_int_equal(got[0].request_body.size, 30);
    assert_true(str_eq_c(got[0].response_body.bytes, "a"));
    assert_false(str_present(headers_get(&got[0].response_headers, "Content-Encoding")));
    assert_true(str_eq_c(headers_get(&got[0].response_headers, "X"), "caf\xc3\xa9"));
    assert_int_equal(got[1].problem, EXCHANGE_CUT_SHORT);
    assert_true(str_eq_c(got[1].problem_text, "the peer closed"));
    assert_true(str_eq_c(headers_get(&got[1].response_headers, "Content-Encoding"), "sdch"));
    assert_true(str_eq_c(got[1].response_body.bytes, "raw"));
    assert_true(got[1].response_body.cut);
    buf_release(&out);
    arena_free(arena);
}

static void
saml_tracer_survives_a_round_trip(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct exchange *first, *second;
    struct str problem, value;
    struct buf text, out, a, b;
    json_error_t error;
    const json_t *request;
    json_t *root;
    size_t count;

    (void)state;
    buf_init(&text, 1 << 16);
    buf_init(&out, 1 << 16);
    buf_init(&a, 1 << 16);
    buf_init(&b, 1 << 16);
    base64_encode(&text, STR(XML));
    value = arena_copy(arena, buf_str(&text));
    buf_reset(&text);
    buf_printf(
        &text,
        "{\"requests\":[{\"requestId\":\"1\",\"method\":\"POST\",\"url\":\"https://sp.test/acs?a=%%20b\",\"post\":"
        "[[\"SAMLResponse\",\"%s\"],[\"RelayState\",\"x y&\"]],\"responseStatus\":302,\"responseStatusText\":"
        "\"HTTP/1.1 302 Found\",\"requestHeaders\":[{\"name\":\"Host\",\"value\":\"sp.test\"}],"
        "\"responseHeaders\":[{\"name\":\"Location\",\"value\":\"/\"}]},{\"requestId\":\"2\",\"method\":\"GET\","
        "\"url\":\"https://sp.test/\"}]}",
        value.ptr);
    assert_int_equal(capture_read(arena, buf_str(&text), &first, &count, &problem, NULL), CAPTURE_OK);
    assert_int_equal(count, 2);
    assert_true(saml_tracer_write(arena, first, count, INT64_C(1767225600000), &out));
    root = json_loadb(out.bytes, out.len, 0, &error);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "timestamp")), "2026-01-01T00:00:00Z");
    request = json_array_get(json_object_get(root, "requests"), 0);
    assert_string_equal(json_string_value(json_object_get(request, "saml")), XML);
    assert_string_equal(json_string_value(json_object_get(request, "protocol")), "SAML-P");
    assert_string_equal(json_string_value(json_array_get(json_array_get(json_object_get(request, "get"), 0), 1)), " b");
    json_decref(root);
    assert_int_equal(capture_read(arena, buf_str(&out), &second, &count, &problem, NULL), CAPTURE_OK);
    assert_int_equal(count, 2);
    binary_of(first, count, &a);
    binary_of(second, count, &b);
    assert_true(str_eq(buf_str(&a), buf_str(&b)));
    buf_release(&text);
    buf_release(&out);
    buf_release(&a);
    buf_release(&b);
    arena_free(arena);
}

/* As the extension exports (None, Mask values, Remove values) or overwrites, and as people do by hand. */
static void
masked_messages_are_put_back(void **state)
{
    static const struct {
        const char *post;
        bool masked;
    } rows[] = {
        { "[[\"SAMLResponse\",\"PHA6UmVzcG9uc2UvPg==\"]]", false },
        { "[[\"SAMLResponse\",\"{hash:9c1185a5c5e9fc54612808977ee8f548b2258d31}\"],[\"RelayState\",\"{hash:00}\"]]",
          true },
        { "[[\"SAMLResponse\",\"{obf:alternative_0}\"],[\"{obf:alternative_1}\",\"\"]]", true },
        { "[[\"SAMLResponse\",\"{overwritten}\"]]", true },
        { "[[\"SAMLResponse\",\"***\"],[\"RelayState\",\"***\"]]", true },
        { "[[\"SAMLResponse\",\"\"]]", true },
        { "[]", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        static const struct saml_options options;
        struct arena *arena = arena_new(1 << 20);
        struct messages messages = { 0 };
        struct exchange *got;
        struct str problem;
        size_t count;
        struct str text =
            arena_printf(arena,
                         "{\"requests\":[{\"method\":\"POST\",\"url\":\"https://sp.test/acs\",\"saml\":"
                         "\"<p:Response xmlns:p='urn:oasis:names:tc:SAML:2.0:protocol'/>\",\"post\":%s}]}",
                         rows[i].post);

        assert_int_equal(capture_read(arena, text, &got, &count, &problem, NULL), CAPTURE_OK);
        assert_int_equal(count, 1);
        assert_int_equal(str_present(problem), rows[i].masked);
        assert_true(find_messages(arena, got, &options, &messages));
        assert_int_equal(messages.count, 1);
        assert_true(str_eq_c(messages.items[0].parameter, "SAMLResponse"));
        assert_int_equal(messages.items[0].saml != NULL && messages.items[0].saml->kind == MESSAGE_RESPONSE,
                         rows[i].masked);
        arena_free(arena);
    }
}

/* Older versions of the extension took each byte of what they had decoded for a character. */
static void
bytes_are_made_of_characters(void **state)
{
    static const struct {
        const char *written, *name;
    } rows[] = {
        { "J\\u00c3\\u00b6rg", "J\xc3\xb6rg" }, /* of an older version */
        { "J\\u00f6rg", "J\xc3\xb6rg" },        /* of today's */
        { "J\\u00c3\\u00b6rg \\u20ac",
          "J\xc3\x83\xc2\xb6rg \xe2\x82\xac" }, /* not bytes: there is a larger character */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct messages messages = { 0 };
        struct exchange *got;
        struct str problem, text, wanted;
        size_t count;

        text =
            arena_printf(arena,
                         "{\"requests\":[{\"method\":\"POST\",\"url\":\"https://sp.test/acs\",\"saml\":\"<x n='%s'/>\","
                         "\"post\":[[\"SAMLResponse\",\"{hash:00}\"]]}]}",
                         rows[i].written);
        wanted = arena_printf(arena, "<x n='%s'/>", rows[i].name);
        assert_int_equal(capture_read(arena, text, &got, &count, &problem, NULL), CAPTURE_OK);
        assert_true(find_messages(arena, got, NULL, &messages));
        assert_int_equal(messages.count, 1);
        if (!str_eq(messages.items[0].xml, wanted))
            fail_msg("row %zu: %.*s", i, STR_ARG(messages.items[0].xml));
        arena_free(arena);
    }
}

static void
memory_may_run_out(void **state)
{
    struct exchange exchange = { .host = STR_INIT("a"), .scheme = STR_INIT("https"), .target = STR_INIT("/?a=b") };
    struct buf out;

    (void)state;
    for (size_t size = 0; size < 128; size += 16) {
        struct arena *arena = arena_new(size);

        buf_init(&out, 1 << 16);
        assert_false(har_write(arena, &exchange, 1, &out));
        assert_false(saml_tracer_write(arena, &exchange, 1, 0, &out));
        buf_release(&out);
        arena_free(arena);
    }
    for (size_t size = 0; size < 220; size += 20) {
        struct arena *arena = arena_new(1 << 16);

        buf_init(&out, size);
        assert_false(har_write(arena, &exchange, 1, &out));
        buf_release(&out);
        buf_init(&out, size);
        assert_false(saml_tracer_write(arena, &exchange, 1, 0, &out));
        buf_release(&out);
        arena_free(arena);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(har_survives_a_round_trip),    cmocka_unit_test(corpus_survives_a_round_trip),
        cmocka_unit_test(exchanges_from_the_wire),      cmocka_unit_test(saml_tracer_survives_a_round_trip),
        cmocka_unit_test(masked_messages_are_put_back), cmocka_unit_test(bytes_are_made_of_characters),
        cmocka_unit_test(memory_may_run_out),
    };
    const char *why;

    if (!saml_library_init(&why))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
