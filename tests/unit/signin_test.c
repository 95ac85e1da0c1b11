/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "report_maker.h"

#define ACS_IAM "https://signin.aws.amazon.com/saml"
#define ACS_IDC "https://eu-west-1.signin.aws/platform/saml/acs/11111111-2222-3333-4444-555555555555"
#define ACS_SP "https://sp.example.com/acs"

static struct settings settings;

/* Hands the report to the table and gives it away, as the desk does. */
static const struct signin *
join(struct signin_table *table, struct report *report)
{
    const struct signin *signin = signin_join(table, report);

    report_release(report);
    return signin;
}

static struct report *
request_report(const char *id, const char *acs, int64_t at_ms)
{
    struct report *report = make_report(&settings);
    struct message *message;

    make_exchange(report, "GET", "https://sp.example.com/start", 302);
    report->exchange->started_ms = report->exchange->finished_ms = at_ms;
    message = make_message(report, MESSAGE_AUTHN_REQUEST, id, NULL, true);
    message->binding = BINDING_HTTP_REDIRECT;
    message->relay_state = STR("state-1");
    message->saml->destination.text = STR("https://example.okta.com/app/1/sso/saml");
    message->saml->request.acs_url.text = str_from(acs);
    return report;
}

static struct report *
post_report(const char *acs, const char *id, const char *in_response_to, unsigned status, int64_t at_ms)
{
    struct report *report = make_report(&settings);
    struct message *message;

    make_exchange(report, "POST", acs, status);
    report->exchange->started_ms = report->exchange->finished_ms = at_ms;
    message = make_message(report, MESSAGE_RESPONSE, id, in_response_to, false);
    message->saml->issuer.value.text = STR("http://www.okta.com/exk1");
    make_assertion(report, message, "jdoe@example.com", COVERAGE_SIGNED);
    report->principal = 0;
    return report;
}

static void
request_and_response_are_one(void **state)
{
    struct signin_table *table = signin_table_new(&settings), *other = signin_table_new(&settings);
    const struct signin *signin;
    struct report *report;
    char key[33];

    (void)state;
    signin = join(table, request_report("_r1", ACS_IAM, 1000));
    assert_int_equal(signin->state, SIGNIN_REQUESTED);
    assert_ptr_equal(signin_by_request(table, STR("_r1")), signin);
    assert_true(str_eq_c(signin->idp_name, "Okta"));
    assert_true(str_eq_c(signin->sp_name, "AWS IAM"));
    assert_null(examine_next_done(table, 2000));
    report = post_report(ACS_IAM, "_p1", "_r1", 200, 3000);
    make_answer(report, "text/html", "<p>Your request included an invalid SAML response. To logout, click here.</p>");
    report_reference(report);
    assert_ptr_equal(join(table, report), signin);
    assert_ptr_equal(report->request, signin->request);
    assert_int_equal(signin->outcome, OUTCOME_REFUSED);
    assert_true(str_eq_c(signin->quote, "Your request included an invalid SAML response. To logout, click here."));
    assert_true(str_eq_c(signin->quote_from, "signin.aws.amazon.com"));
    assert_true(str_eq_c(signin->user, "jdoe@example.com"));
    assert_int_equal(signin->acs_status, 200);
    assert_ptr_equal(examine_next_done(table, 3000), signin);
    assert_int_equal(report->signin->outcome, OUTCOME_REFUSED);
    assert_null(examine_next_done(table, 3000));
    memcpy(key, signin->key, sizeof(key));
    report_release(report);

    /* Another machine sees the response only, and names the sign-in alike. */
    signin = join(other, post_report(ACS_IAM, "_p1", "_r1", 302, 3000));
    assert_string_equal(signin->key, key);
    assert_int_equal(strlen(key), 32);
    signin_table_free(table);
    signin_table_free(other);
}

static void
page_and_post_are_one(void **state)
{
    struct signin_table *table = signin_table_new(&settings);
    struct report *page = make_report(&settings);
    const struct signin *signin;

    (void)state;
    make_exchange(page, "GET", "https://example.okta.com/app", 200);
    make_message(page, MESSAGE_RESPONSE, "_p1", NULL, true)->form_action = STR(ACS_SP);
    signin = join(table, page);
    assert_int_equal(signin->state, SIGNIN_PAGE_SEEN);
    assert_true(str_eq_c(signin->sp_name, "sp.example.com"));
    assert_ptr_equal(join(table, post_report(ACS_SP, "_p1", NULL, 302, 0)), signin);
    assert_int_equal(signin->state, SIGNIN_DONE);
    assert_int_equal(signin->outcome, OUTCOME_SIGNED_IN);
    signin_table_free(table);
}

static void
two_users_are_two_signins(void **state)
{
    struct signin_table *table = signin_table_new(&settings);
    const struct signin *one, *two;

    (void)state;
    one = join(table, request_report("_r1", ACS_SP, 1000));
    two = join(table, request_report("_r2", ACS_SP, 1001));
    assert_ptr_not_equal(one, two);
    assert_ptr_equal(join(table, post_report(ACS_SP, "_p2", "_r2", 302, 2000)), two);
    assert_ptr_equal(join(table, post_report(ACS_SP, "_p1", "_r1", 302, 2001)), one);
    assert_int_equal(one->number, 1);
    assert_int_equal(two->number, 2);
    signin_table_free(table);
}

static void
a_second_post_is_a_signin_of_its_own(void **state)
{
    struct signin_table *table = signin_table_new(&settings);
    const struct signin *one, *two;

    (void)state;
    join(table, request_report("_r1", ACS_SP, 1000));
    one = join(table, post_report(ACS_SP, "_p1", "_r1", 302, 2000));
    two = join(table, post_report(ACS_SP, "_p1", "_r1", 403, 3000));
    assert_ptr_not_equal(one, two);
    assert_string_equal(one->key, two->key);
    assert_non_null(two->request);
    assert_int_equal(two->outcome, OUTCOME_REFUSED);
    signin_table_free(table);
}

struct answer_row {
    const char *acs;
    unsigned status;
    const char *location;
    const char *type;
    const char *body;
    enum outcome outcome;
    enum signin_state state;
};

static const struct answer_row answers[] = {
    { ACS_SP, 302, "/home", NULL, NULL, OUTCOME_SIGNED_IN, SIGNIN_DONE },
    { ACS_SP, 302, "https://idp.test/sso?SAMLRequest=abc", NULL, NULL, OUTCOME_REFUSED, SIGNIN_DONE },
    { ACS_SP, 303, "/login?error=invalid_saml", NULL, NULL, OUTCOME_REFUSED, SIGNIN_DONE },
    { ACS_SP, 403, NULL, "text/html", "<h1>Forbidden</h1>", OUTCOME_REFUSED, SIGNIN_DONE },
    { ACS_SP, 200, NULL, "text/html", "<title>SAML error</title>", OUTCOME_REFUSED, SIGNIN_DONE },
    { ACS_SP, 200, NULL, "text/html", "<title>Hello</title>", OUTCOME_UNKNOWN, SIGNIN_DONE },
    { ACS_SP, 0, NULL, NULL, NULL, OUTCOME_UNKNOWN, SIGNIN_DONE },
    { ACS_IAM, 302, "https://console.aws.amazon.com/", NULL, NULL, OUTCOME_SIGNED_IN, SIGNIN_DONE },
    { ACS_IAM, 200, NULL, "text/html", "<p>Select a role:</p>", OUTCOME_SIGNED_IN, SIGNIN_DONE },
    { ACS_IDC, 302, "https://d-1234567890.awsapps.com/start", NULL, NULL, OUTCOME_UNKNOWN, SIGNIN_PORTAL },
    { ACS_IDC, 200, NULL, "text/html", "<p>It's not you, it is us</p>", OUTCOME_REFUSED, SIGNIN_DONE },
    { ACS_IDC, 400, NULL, "application/json", "{\"message\":\"An unexpected error has occurred\"}", OUTCOME_REFUSED,
      SIGNIN_DONE },
};

static void
outcomes_are_observed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct signin_table *table = signin_table_new(&settings);
        struct report *report = post_report(answers[i].acs, "_p1", NULL, answers[i].status, 1000);
        const struct signin *signin;

        if (answers[i].location != NULL)
            make_header(report, "Location", answers[i].location);
        if (answers[i].type != NULL)
            make_answer(report, answers[i].type, answers[i].body);
        signin = join(table, report);
        if (signin->outcome != answers[i].outcome || signin->state != answers[i].state)
            fail_msg("row %zu: %s, state %d", i, outcome_name(signin->outcome), (int)signin->state);
        signin_table_free(table);
    }
}

static const struct signin *
portal_answers(struct signin_table *table, const char *target, const char *body, int64_t at_ms)
{
    struct report *report = make_report(&settings);
    char url[200];

    snprintf(url, sizeof(url), "https://portal.sso.eu-west-1.amazonaws.com%s", target);
    /* The exchange borrows the URL: keep it as long as the report. */
    make_exchange(report, "GET", arena_copy_c(report->arena, url).ptr, 200);
    report->exchange->finished_ms = at_ms;
    make_answer(report, "application/json", body);
    return join(table, report);
}

static void
the_portal_decides_for_identity_center(void **state)
{
    struct signin_table *table = signin_table_new(&settings);
    const struct signin *signin = join(table, post_report(ACS_IDC, "_p1", NULL, 302, 1000));

    (void)state;
    assert_null(examine_next_done(table, 5999));
    assert_ptr_equal(portal_answers(table, "/instance/appinstances", "{\"result\":[]}", 2000), signin);
    assert_int_equal(signin->outcome, OUTCOME_NO_ACCOUNTS);
    assert_int_equal(signin->accounts, 0);
    assert_ptr_equal(examine_next_done(table, 2000), signin);

    signin = join(table, post_report(ACS_IDC, "_p2", NULL, 302, 10000));
    assert_ptr_equal(portal_answers(table, "/api/portal/assignment/accounts", "{\"accountList\":[{},{}]}", 11000),
                     signin);
    assert_int_equal(signin->outcome, OUTCOME_SIGNED_IN);
    assert_int_equal(signin->accounts, 2);
    assert_ptr_equal(examine_next_done(table, 11000), signin);

    signin = join(table, post_report(ACS_IDC, "_p3", NULL, 302, 20000));
    assert_null(examine_next_done(table, 24999));
    assert_ptr_equal(examine_next_done(table, 25000), signin);
    assert_int_equal(signin->outcome, OUTCOME_SIGNED_IN);
    assert_int_equal(signin->accounts, -1);
    signin_table_free(table);
}

static void
no_answer_is_an_outcome(void **state)
{
    struct signin_table *table = signin_table_new(&settings);
    const struct signin *signin = join(table, request_report("_r1", ACS_SP, 1000));

    (void)state;
    assert_null(examine_next_done(table, 120999));
    assert_ptr_equal(examine_next_done(table, 121000), signin);
    assert_int_equal(signin->outcome, OUTCOME_NO_ANSWER);
    assert_ptr_equal(signin_report(signin), signin->request);
    assert_null(signin_by_request(table, STR("_r1")));
    signin_table_free(table);
}

static void
the_identity_providers_error_is_named(void **state)
{
    struct signin_table *table = signin_table_new(&settings);
    struct report *report = post_report(ACS_SP, "_p1", NULL, 403, 1000);
    struct saml_message *saml = report->messages.items[0].saml;

    (void)state;
    saml->status.present = true;
    saml->status.code_count = 1;
    saml->status.codes[0].text = STR("urn:oasis:names:tc:SAML:2.0:status:Responder");
    assert_int_equal(join(table, report)->outcome, OUTCOME_IDP_ERROR);
    signin_table_free(table);
}

static void
the_table_is_bounded(void **state)
{
    struct signin_table *table = signin_table_new(&settings);
    const struct signin *last = NULL;
    char id[16];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct report *report;

        snprintf(id, sizeof(id), "_r%d", i);
        report = request_report("", ACS_SP, 1000 + i);
        report->messages.items[0].saml->id.text = arena_copy_c(report->arena, id);
        last = join(table, report);
    }
    assert_int_equal(last->number, 1000);
    assert_null(signin_by_request(table, STR("_r0")));
    assert_non_null(signin_by_request(table, STR("_r999")));
    signin_finish_all(table);
    for (int i = 0; i < 256; i++)
        assert_non_null(examine_next_done(table, 0));
    assert_null(examine_next_done(table, 0));
    signin_table_free(table);
}

static void
a_report_outlives_its_signin(void **state)
{
    struct signin_table *table = signin_table_new(&settings);
    struct report *report = report_reference(post_report(ACS_SP, "_p1", NULL, 302, 1000));

    (void)state;
    join(table, report);
    assert_non_null(examine_next_done(table, 1000));
    signin_table_free(table);
    assert_true(str_eq_c(report->signin->user, "jdoe@example.com"));
    assert_null(report->signin->response);
    report_release(report);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_and_response_are_one), cmocka_unit_test(page_and_post_are_one),
        cmocka_unit_test(two_users_are_two_signins),    cmocka_unit_test(a_second_post_is_a_signin_of_its_own),
        cmocka_unit_test(outcomes_are_observed),        cmocka_unit_test(the_portal_decides_for_identity_center),
        cmocka_unit_test(no_answer_is_an_outcome),      cmocka_unit_test(the_identity_providers_error_is_named),
        cmocka_unit_test(the_table_is_bounded),         cmocka_unit_test(a_report_outlives_its_signin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
