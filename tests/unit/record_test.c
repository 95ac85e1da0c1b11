/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record.h"

#define SECRET "correct-horse"
#define MESSAGE "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXM6bmFtZXM6dGM6U0FNTDoyLjA6cHJvdG9jb2wi"

struct reduced {
    struct arena *arena;
    struct exchange exchange;
    struct buf bytes; /* as written to disk */
};

static void
reduce(struct reduced *reduced, const struct exchange *exchange)
{
    reduced->arena = arena_new(1 << 20);
    assert_non_null(reduced->arena);
    assert_true(record_reduce(reduced->arena, exchange, &reduced->exchange));
    buf_init(&reduced->bytes, 1 << 20);
    exchange_write(&reduced->bytes, &reduced->exchange);
    assert_false(buf_failed(&reduced->bytes));
}

static void
release(struct reduced *reduced)
{
    buf_release(&reduced->bytes);
    arena_free(reduced->arena);
}

static bool
holds(const struct reduced *reduced, const char *text)
{
    return str_find_c(buf_str(&reduced->bytes), text) != SIZE_MAX;
}

static void
test_form_fields_keep_only_their_length(void **state)
{
    struct header type = { STR_INIT("Content-Type"), STR_INIT("application/x-www-form-urlencoded; charset=utf-8") };
    struct exchange exchange = { .method = STR("POST"), .request_headers = { &type, 1 } };
    struct reduced reduced;

    (void)state;
    exchange.request_body.bytes = STR("user=jdoe&password=" SECRET "&SAMLResponse=" MESSAGE "&RelayState=a%2Fb&empty=&"
                                      "SamlResp=" MESSAGE "&" SECRET);
    reduce(&reduced, &exchange);
    assert_false(holds(&reduced, SECRET));
    assert_false(holds(&reduced, "jdoe"));
    assert_true(str_eq_c(reduced.exchange.request_body.bytes,
                         "user=%5B4+bytes%5D&password=%5B13+bytes%5D&SAMLResponse=" MESSAGE
                         "&RelayState=a%2Fb&empty=&SamlResp=" MESSAGE "&%5B13+bytes%5D"));
    release(&reduced);
}

static void
test_other_request_bodies_go(void **state)
{
    static const char *const types[] = { "application/json", "text/plain", "application/octet-stream" };
    struct reduced reduced;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct header type = { STR_INIT("content-type"), str_from(types[i]) };
        struct exchange exchange = { .method = STR("POST"), .request_headers = { &type, 1 } };

        exchange.request_body.bytes = STR("{\"username\":\"jdoe\",\"password\":\"" SECRET "\"}");
        exchange.request_body.size = 44;
        reduce(&reduced, &exchange);
        assert_false(holds(&reduced, SECRET));
        assert_true(reduced.exchange.request_body.cut);
        assert_int_equal(reduced.exchange.request_body.size, 44);
        release(&reduced);
    }
}

static void
test_credentials_in_headers_keep_names(void **state)
{
    struct header sent[] = { { STR_INIT("Cookie"), STR_INIT("sid=" SECRET "; lang=en") },
                             { STR_INIT("Authorization"), STR_INIT("Bearer " SECRET) },
                             { STR_INIT("x-amz-sso_bearer_token"), STR_INIT(SECRET) },
                             { STR_INIT("Accept"), STR_INIT("text/html") } };
    struct header received[] = { { STR_INIT("Set-Cookie"), STR_INIT("sid=" SECRET "; Path=/; SameSite=None") } };
    struct exchange exchange = { .request_headers = { sent, COUNT_OF(sent) }, .response_headers = { received, 1 } };
    struct reduced reduced;

    (void)state;
    reduce(&reduced, &exchange);
    assert_false(holds(&reduced, SECRET));
    assert_true(holds(&reduced, "sid=[13 bytes]; lang=[2 bytes]"));
    assert_true(holds(&reduced, "sid=[13 bytes]; Path=/; SameSite=None"));
    assert_true(holds(&reduced, "text/html"));
    release(&reduced);
}

static void
test_what_the_verdict_rests_on_stays(void **state)
{
    struct exchange page = { .status = 200, .target = STR("/home") };
    struct exchange error = { .status = 403, .target = STR("/acs") };
    struct exchange portal = { .status = 200, .target = STR("/instance/appinstances") };
    struct exchange form = { .status = 200, .target = STR("/sso") };
    struct exchange refused = { .status = 200, .target = STR("/adfs/ls/?wa=wsignin1.0&wtrealm=urn%3Arp") };
    struct reduced reduced;

    (void)state;
    page.response_body.bytes = error.response_body.bytes = portal.response_body.bytes = STR("private words");
    refused.response_body.bytes = STR("private words");
    form.response_body.bytes = STR("<input name=\"SAMLResponse\" value=\"" MESSAGE "\">");
    reduce(&reduced, &page);
    assert_false(holds(&reduced, "private words"));
    release(&reduced);
    reduce(&reduced, &error);
    assert_true(holds(&reduced, "private words"));
    release(&reduced);
    reduce(&reduced, &portal);
    assert_true(holds(&reduced, "private words"));
    release(&reduced);
    reduce(&reduced, &refused);
    assert_true(holds(&reduced, "private words"));
    release(&reduced);
    reduce(&reduced, &form);
    assert_true(holds(&reduced, MESSAGE));
    release(&reduced);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form_fields_keep_only_their_length),
        cmocka_unit_test(test_other_request_bodies_go),
        cmocka_unit_test(test_credentials_in_headers_keep_names),
        cmocka_unit_test(test_what_the_verdict_rests_on_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
