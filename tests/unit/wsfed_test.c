/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "examine.h"
#include "saml_maker.h"
#include "signin.h"

#define SIGN_IN "wa=wsignin1.0&wtrealm=https%3A%2F%2Frp.test%2F&wctx=one"
#define IDP "https://idp.test/adfs/ls/"
#define RP "https://rp.test/"
#define RESULT                                                                                                         \
    "wresult=%3Ct%3ARequestSecurityTokenResponse+xmlns%3At%3D%22http%3A%2F%2Fschemas.xmlsoap.org%2Fws%2F2005%2F02%2F"  \
    "trust%22%3E%3Ct%3ARequestedSecurityToken%3E%3CAssertion+xmlns%3D%22urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3A"      \
    "assertion%22%3E%3CConditions%3E%3CAudienceRestriction%3E%3CAudience%3Ehttps%3A%2F%2Frp.test%2F%3C%2FAudience%3E"  \
    "%3C%2FAudienceRestriction%3E%3C%2FConditions%3E%3C%2FAssertion%3E%3C%2Ft%3ARequestedSecurityToken%3E%3C%2Ft%3A"   \
    "RequestSecurityTokenResponse%3E"

/* What the names alone decide. */
static void
requests_are_told_from_other_parameters(void **state)
{
    static const struct {
        const char *query;
        const char *name; /* NULL: no message */
    } rows[] = {
        { SIGN_IN, "wsfed:sign-in-request" },
        { "wa=wsignout1.0&wreply=https%3A%2F%2Frp.test%2F", "wsfed:sign-out-request" },
        { "wa=wsignoutcleanup1.0", "wsfed:sign-out-cleanup" },
        { "wa=wattr1.0", "wsfed:attribute-request" },
        { "wa=wpseudo1.0", "wsfed:pseudonym-request" },
        { "wa=wsignin&wtrealm=urn%3Arp", "wsfed:unknown-request" },
        { "wa=WSIGNIN1.0&wtrealm=urn%3Arp", "wsfed:unknown-request" },
        { "wa=wsignin", NULL },
        { "wa=1&x=2", NULL },
        { "wtrealm=urn%3Arp", NULL },
        { "WA=wsignin1.0", NULL },
        { "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct str url = arena_printf(arena, IDP "?%s", rows[i].query);
        struct exchange *exchange = saml_maker_exchange(arena, "GET", url.ptr, (struct str){ 0 });
        struct messages messages = { 0 };

        assert_true(find_messages(arena, exchange, NULL, &messages));
        if (messages.count != (rows[i].name != NULL))
            fail_msg("row %zu: %zu messages", i, messages.count);
        if (rows[i].name != NULL) {
            assert_string_equal(message_name(&messages.items[0]), rows[i].name);
            assert_int_equal(messages.items[0].binding, BINDING_HTTP_REDIRECT);
            assert_null(messages.items[0].saml);
            assert_int_equal(messages.items[0].anomaly_count, 0);
        }
        arena_free(arena);
    }
}

static void
every_parameter_is_a_fact(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct exchange *exchange = saml_maker_exchange(
        arena, "GET",
        IDP "?client=5&" SIGN_IN
            "&wreply=https%3A%2F%2Frp.test%2Fin&wct=2026-01-01T00%3A00%3A00Z&wfresh=30&wauth=urn%3Aa"
            "&whr=home.test&wp=urn%3Ap&wreq=%3Cr%2F%3E&wreqptr=https%3A%2F%2Frp.test%2Fr&wencoding=raw&wctx=two",
        (struct str){ 0 });
    struct messages messages = { 0 };
    const struct wsfed_message *wsfed;

    (void)state;
    assert_true(find_messages(arena, exchange, NULL, &messages));
    assert_int_equal(messages.count, 1);
    wsfed = messages.items[0].wsfed;
    assert_non_null(wsfed);
    assert_false(wsfed->response);
    assert_true(str_eq_c(messages.items[0].url, IDP "?client=5"));
    assert_true(str_eq_c(messages.items[0].relay_state, "one"));
    assert_true(str_eq_c(wsfed->action_text, "wsignin1.0"));
    assert_true(str_eq_c(wsfed->realm, "https://rp.test/"));
    assert_true(str_eq_c(wsfed->reply, "https://rp.test/in"));
    assert_true(str_eq_c(wsfed->context, "one"));
    assert_true(str_eq_c(wsfed->repeated, "wctx"));
    assert_true(str_eq_c(wsfed->current_time, "2026-01-01T00:00:00Z"));
    assert_true(str_eq_c(wsfed->freshness, "30"));
    assert_true(str_eq_c(wsfed->authentication, "urn:a"));
    assert_true(str_eq_c(wsfed->home_realm, "home.test"));
    assert_true(str_eq_c(wsfed->policy, "urn:p"));
    assert_true(str_eq_c(wsfed->request, "<r/>"));
    assert_true(str_eq_c(wsfed->request_url, "https://rp.test/r"));
    assert_true(str_eq_c(wsfed->encoding, "raw"));
    arena_free(arena);
}

static void
requests_are_found_in_every_place(void **state)
{
    static const char *const inputs[] = { IDP "?" SIGN_IN,
                                          SIGN_IN,
                                          "Hello, I open " IDP "?" SIGN_IN " and nothing happens.",
                                          "GET /adfs/ls/?" SIGN_IN " HTTP/1.1\r\nHost: idp.test\r\n\r\n",
                                          "HTTP/1.1 302 Found\r\nLocation: " IDP "?" SIGN_IN "\r\n\r\n",
                                          "POST /adfs/ls/ HTTP/1.1\r\nHost: idp.test\r\nContent-Type: application/"
                                          "x-www-form-urlencoded\r\nContent-Length: 55\r\n\r\n" SIGN_IN,
                                          "<html><form action='" IDP "' method=post><input name=wa value=wsignin1.0>"
                                          "<input name=wtrealm value='https://rp.test/'><input name=wctx value=one>"
                                          "</form></html>" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        struct arena *arena = arena_new(16 << 20);
        struct input input;
        const struct messages *found;
        struct messages messages = { 0 };

        if (!find_input(arena, str_from(inputs[i]), NULL, &input))
            fail_msg("input %zu: %.*s", i, STR_ARG(input.problem));
        for (size_t k = 0; k < input.exchange_count; k++)
            assert_true(find_messages(arena, &input.exchanges[k], NULL, &messages));
        found = input.exchange_count > 0 ? &messages : &input.messages;
        if (found->count != 1 || found->items[0].wsfed == NULL)
            fail_msg("input %zu: %zu messages", i, found->count);
        assert_true(str_eq_c(found->items[0].wsfed->realm, "https://rp.test/"));
        assert_true(str_eq_c(found->items[0].wsfed->context, "one"));
        arena_free(arena);
    }
}

/* --- sign-ins --------------------------------------------------------------------------------------- */

enum { SEEN = 5 };

/* Reports live until the end of the test: what they know of their sign-in is in them. */
struct traffic {
    struct signin_table *table;
    struct report *reports[SEEN];
    size_t count;
};

static const struct settings settings = { .clock_skew_s = 180 };

static const struct signin *
see(struct traffic *traffic, const char *method, const char *url, const char *body, const char *location)
{
    struct arena *arena = arena_new(1 << 20);
    struct exchange *exchange = saml_maker_exchange(arena, method, url, str_from(body));
    struct report *report;

    saml_maker_answer(arena, exchange, location != NULL ? 302 : 200, NULL, STR(""));
    if (location != NULL)
        saml_maker_answer_header(arena, exchange, "Location", location);
    report = examine_exchange(&settings, traffic->table, exchange, STR("test"));
    assert_non_null(report);
    assert_non_null(report->signin);
    assert_true(traffic->count < SEEN);
    traffic->reports[traffic->count++] = report;
    arena_free(arena);
    return report->signin;
}

static void
answers_find_their_requests(void **state)
{
    struct traffic traffic = { .table = signin_table_new(&settings) };
    const struct signin *signin;

    (void)state;
    signin = see(&traffic, "GET", RP, NULL, IDP "?" SIGN_IN);
    assert_int_equal(signin->number, 1);
    assert_int_equal(signin->state, SIGNIN_REQUESTED);
    assert_true(str_eq_c(signin->realm, RP));
    assert_true(str_eq_c(signin->sp_name, "rp.test"));
    assert_true(str_eq_c(signin->idp_name, "idp.test"));
    /* The same request, now on its way to the identity provider, and another in another tab. */
    assert_int_equal(see(&traffic, "GET", IDP "?" SIGN_IN, NULL, NULL)->number, 1);
    signin = see(&traffic, "GET", RP, NULL, IDP "?wa=wsignin1.0&wtrealm=https%3A%2F%2Frp.test%2F&wctx=two");
    assert_int_equal(signin->number, 2);
    signin = see(&traffic, "POST", RP, "wa=wsignin1.0&wctx=one&" RESULT, RP "home");
    assert_int_equal(signin->number, 1);
    assert_int_equal(signin->outcome, OUTCOME_SIGNED_IN);
    assert_ptr_equal(traffic.reports[3]->request, traffic.reports[0]);
    /* A context that nobody sent: by the party that the token is for. Sent back to start, it was refused. */
    signin = see(&traffic, "POST", RP, "wa=wsignin1.0&wctx=three&" RESULT, IDP "?" SIGN_IN);
    assert_int_equal(signin->number, 2);
    assert_int_equal(signin->outcome, OUTCOME_REFUSED);
    assert_ptr_equal(traffic.reports[4]->request, traffic.reports[2]);
    for (size_t i = 0; i < traffic.count; i++)
        report_release(traffic.reports[i]);
    signin_table_free(traffic.table);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_told_from_other_parameters),
        cmocka_unit_test(every_parameter_is_a_fact),
        cmocka_unit_test(requests_are_found_in_every_place),
        cmocka_unit_test(answers_find_their_requests),
    };
    const char *why;

    if (!saml_library_init(&why)) {
        print_error("%s\n", why);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
