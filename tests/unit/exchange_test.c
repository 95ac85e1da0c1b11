/* SPDX-License-Identifier: MIT */
#include "exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message.h"

static struct header request_items[] = { { STR_INIT("Host"), STR_INIT("sp.test") },
                                         { STR_INIT("X"), STR_INIT("1") },
                                         { STR_INIT("x"), STR_INIT("") } };
static struct header response_items[] = { { STR_INIT("Location"), STR_INIT("/a\0b") } };

static const struct exchange sample = {
    .connection = 7,
    .number = UINT64_C(1) << 40,
    .started_ms = -1,
    .finished_ms = 1700000000123,
    .client = STR_INIT("127.0.0.1"),
    .scheme = STR_INIT("https"),
    .host = STR_INIT("sp.test"),
    .port = 443,
    .method = STR_INIT("POST"),
    .target = STR_INIT("/acs?x=%2f"),
    .version = STR_INIT("HTTP/1.1"),
    .request_headers = { request_items, 3 },
    .request_body = { .bytes = STR_INIT("SAMLResponse=x"), .size = 14 },
    .status = 302,
    .reason = STR_INIT(""),
    .response_headers = { response_items, 1 },
    .response_body = { .size = 99, .cut = true },
    .problem = EXCHANGE_CUT_SHORT,
    .problem_text = STR_INIT("the server closed"),
};

static void
written_is_read_back(void **state)
{
    struct arena *arena = arena_new(1 << 16);
    struct exchange got;
    struct buf out, again;

    (void)state;
    buf_init(&out, 1 << 16);
    buf_init(&again, 1 << 16);
    exchange_write(&out, &sample);
    assert_false(buf_failed(&out));
    assert_true(exchange_read(arena, buf_str(&out), &got));
    assert_int_equal(got.number, sample.number);
    assert_int_equal(got.started_ms, -1);
    assert_true(str_eq(got.target, sample.target));
    assert_true(str_present(got.reason));
    assert_false(str_present(got.response_body.bytes));
    assert_true(got.response_body.cut);
    assert_int_equal(got.response_headers.items[0].value.len, 4);
    assert_int_equal(got.problem, EXCHANGE_CUT_SHORT);
    exchange_write(&again, &got);
    assert_true(str_eq(buf_str(&out), buf_str(&again)));
    buf_release(&out);
    buf_release(&again);
    arena_free(arena);
}

/* Each attempt works on a copy of exactly that size, so that a sanitizer sees a read past the end. */
static bool
read_exact(struct str bytes)
{
    char *copy = malloc(bytes.len ? bytes.len : 1);
    struct arena *arena = arena_new(1 << 20);
    struct exchange got;
    bool ok;

    assert_non_null(copy);
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    ok = exchange_read(arena, (struct str){ copy, bytes.len }, &got);
    arena_free(arena);
    free(copy);
    return ok;
}

static void
damaged_bytes_are_refused(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 16);
    exchange_write(&out, &sample);
    for (size_t len = 0; len < out.len; len++)
        assert_false(read_exact(str_slice(buf_str(&out), 0, len)));
    for (size_t i = 0; i < out.len; i++) {
        char kept = out.bytes[i];

        out.bytes[i] = (char)0xff; /* whatever comes of it: no crash */
        (void)read_exact(buf_str(&out));
        out.bytes[i] = kept;
    }
    out.bytes[0] = 2;
    assert_false(read_exact(buf_str(&out)));
    out.bytes[0] = 1;
    buf_add_byte(&out, 0);
    assert_false(read_exact(buf_str(&out)));
    buf_release(&out);
}

static void
headers_are_found_by_any_case(void **state)
{
    (void)state;
    assert_true(str_eq_c(headers_get(&sample.request_headers, "HOST"), "sp.test"));
    assert_int_equal(headers_count(&sample.request_headers, "x"), 2);
    assert_true(str_eq_c(headers_get(&sample.request_headers, "x"), "1"));
    assert_false(str_present(headers_get(&sample.request_headers, "Hos")));
    assert_int_equal(headers_count(&sample.request_headers, ""), 0);
}

static void
urls_leave_out_default_ports(void **state)
{
    static const struct {
        const char *scheme, *host, *target, *url, *bare;
        unsigned port;
    } table[] = {
        { "https", "a.test", "/p?q=1?2", "https://a.test/p?q=1?2", "https://a.test/p", 443 },
        { "https", "a.test", "/p", "https://a.test:80/p", "https://a.test:80/p", 80 },
        { "http", "a.test", "/", "http://a.test/", "http://a.test/", 80 },
        { "http", "::1", "/", "http://[::1]:8080/", "http://[::1]:8080/", 8080 },
        { "http", "a.test", "/?", "http://a.test/?", "http://a.test/", 0 },
    };
    struct arena *arena = arena_new(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct exchange exchange = { .scheme = str_from(table[i].scheme),
                                     .host = str_from(table[i].host),
                                     .target = str_from(table[i].target),
                                     .port = table[i].port };

        assert_string_equal(exchange_url(arena, &exchange).ptr, table[i].url);
        assert_string_equal(exchange_url_without_query(arena, &exchange).ptr, table[i].bare);
    }
    arena_free(arena);
}

static void
every_value_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < EXCHANGE_PROBLEM_COUNT; i++)
        assert_string_not_equal(exchange_problem_name(i), "unknown");
    for (int i = 0; i < BINDING_COUNT; i++)
        assert_string_not_equal(binding_name(i), "unknown");
    for (int i = 0; i < STEP_COUNT; i++)
        assert_string_not_equal(decode_step_name(i), "unknown");
    for (int i = 0; i < ANOMALY_COUNT; i++)
        assert_string_not_equal(anomaly_name(i), "unknown");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_is_read_back),          cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(headers_are_found_by_any_case), cmocka_unit_test(urls_leave_out_default_ports),
        cmocka_unit_test(every_value_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
