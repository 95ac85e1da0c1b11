/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lab.h"
#include "lab_visitor.h"
#include "parties.h"
#include "router.h"
#include "saml.h"

/* 2026-01-01T12:00:00Z */
static const int64_t now_ms = (int64_t)1767268800 * 1000;

static const char iam_invalid[] = "Your request included an invalid SAML response. To logout, click here.";
static const char iam_signature[] =
    "Response signature invalid (service: AWSSecurityTokenService; status code: 400; error code: InvalidIdentityToken)";
static const char idc_error[] = "An unexpected error has occurred";
static const char idc_us[] = "It's not you, it is us";

/* What the service providers must say to each fault; NULL: they let the user in. "-": not shown there. */
struct expectation {
    const char *fault;
    const char *iam;
    const char *idc;
};

static const struct expectation expectations[] = {
    { NULL, NULL, NULL },
    { "plus-lost", iam_invalid, idc_error },
    { "deflated-post", iam_invalid, idc_error },
    { "base64-urlsafe", iam_invalid, idc_error },
    { "response-by-get", iam_invalid, idc_error },
    { "wrong-field-name", iam_invalid, idc_error },
    { "cut-short", iam_invalid, idc_error },
    { "doctype", iam_invalid, idc_error },
    { "wrong-product", idc_error, iam_invalid },
    { "status-denied", iam_invalid, idc_error },
    { "status-authn-failed", iam_invalid, idc_error },
    { "no-assertion", iam_invalid, idc_error },
    { "multiple-assertions", "-", idc_error },
    { "wrong-version", iam_invalid, idc_error },
    { "encrypted", iam_invalid, idc_error },
    { "wrong-key", iam_signature, idc_us },
    { "altered-after-signing", iam_signature, idc_us },
    { "unsigned", iam_signature, idc_error },
    { "sha1", NULL, NULL },
    { "wrong-issuer",
      "Issuer not present in specified provider (service: AWSOpenIdDiscoveryService; status code: 400; error code: "
      "AuthSamlInvalidSamlResponseException)",
      idc_error },
    { "issuer-slash",
      "Issuer not present in specified provider (service: AWSOpenIdDiscoveryService; status code: 400; error code: "
      "AuthSamlInvalidSamlResponseException)",
      idc_error },
    { "wrong-audience",
      "Response does not contain the required audience. (service: AWSSecurityTokenService; status code: 400; error "
      "code: InvalidIdentityToken)",
      idc_error },
    { "missing-audience",
      "Response does not contain the required audience. (service: AWSSecurityTokenService; status code: 400; error "
      "code: InvalidIdentityToken)",
      idc_error },
    { "wrong-recipient", iam_invalid, idc_error },
    { "missing-recipient", iam_invalid, "-" },
    { "wrong-destination", iam_invalid, idc_error },
    { "wrong-inresponseto", "-", idc_error },
    { "wrong-confirmation", iam_invalid, idc_error },
    { "expired",
      "Response has expired (service: AWSSecurityTokenService; status code: 400; error code: ExpiredTokenException)",
      idc_error },
    { "clock-ahead", iam_invalid, idc_us },
    { "stale",
      "Token must be redeemed within 5 minutes of issuance (service: AWSSecurityTokenService; status code: 400; error "
      "code: ExpiredTokenException)",
      "-" },
    { "confirmation-expired",
      "Response has expired (service: AWSSecurityTokenService; status code: 400; error code: ExpiredTokenException)",
      idc_error },
    { "confirmation-endless", iam_invalid, "-" },
    { "bad-time-format", iam_invalid, idc_error },
    { "nameid-missing",
      "Not authorized to perform sts:AssumeRoleWithSAML (service: AWSSecurityTokenService; status code: 403; error "
      "code: AccessDenied)",
      idc_error },
    { "nameid-format", "-", idc_error },
    { "nameid-format-typo", "-", idc_error },
    { "nameid-not-address", "-", idc_error },
    { "nameid-whitespace", "-", idc_error },
    { "unknown-user", "-", "Something went wrong. Looks like this code isn't right. Please try again." },
    { "no-assignments", "-", NULL },
    { "groups-in-assertion", "-", NULL },
    { "wrong-attribute-case", iam_invalid, "-" },
    { "no-role", iam_invalid, "-" },
    { "role-empty", iam_invalid, "-" },
    { "role-not-pair", iam_invalid, "-" },
    { "role-malformed", iam_invalid, "-" },
    { "role-account-mismatch",
      "Not authorized to perform sts:AssumeRoleWithSAML (service: AWSSecurityTokenService; status code: 403; error "
      "code: AccessDenied)",
      "-" },
    { "permission-set-role",
      "Not authorized to perform sts:AssumeRoleWithSAML (service: AWSSecurityTokenService; status code: 403; error "
      "code: AccessDenied)",
      "-" },
    { "missing-rolesessionname",
      "RoleSessionName is required in AuthnResponse (service: AWSSecurityTokenService; status code: 400; error code: "
      "InvalidIdentityToken)",
      "-" },
    { "invalid-rolesessionname",
      "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64} (service: AWSSecurityTokenService; status "
      "code: 400; error code: InvalidIdentityToken)",
      "-" },
    { "invalid-sessionduration", iam_invalid, "-" },
};

struct fixture {
    struct lab_site site;
    struct lab_visitor visitor;
};

static int
open_site(void **state)
{
    static struct fixture fixture;
    const char *why;

    if (!saml_library_init(&why) || !lab_site_init(&fixture.site, NULL, now_ms))
        return -1;
    *state = &fixture;
    return 0;
}

static int
close_site(void **state)
{
    struct fixture *fixture = *state;

    lab_site_release(&fixture->site);
    saml_library_cleanup();
    return 0;
}

static int
begin(void **state)
{
    struct fixture *fixture = *state;

    lab_visitor_init(&fixture->visitor, &fixture->site, now_ms);
    return 0;
}

static int
end(void **state)
{
    struct fixture *fixture = *state;

    lab_visitor_release(&fixture->visitor);
    return 0;
}

static void
check_expectation(struct lab_visitor *visitor, const char *target, const char *fault, const char *expected)
{
    struct str words;

    lab_visitor_sign_in(visitor, target, LAB_USER, fault != NULL ? fault : "none");
    words = lab_visitor_said(visitor);
    if (expected == NULL) {
        if (visitor->reply.status != 302 || str_present(words))
            fail_msg("%s at %s: refused with %u: %.*s", fault ? fault : "good", target, visitor->reply.status,
                     STR_ARG(words));
        return;
    }
    if (!str_eq_c(words, expected))
        fail_msg("%s at %s: said \"%.*s\" (%u), not \"%s\"", fault, target, STR_ARG(words), visitor->reply.status,
                 expected);
    assert_int_equal(visitor->reply.status, strstr(expected, "status code: 403") != NULL ? 403 : 400);
}

static void
service_providers_say_what_aws_says(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(expectations); i++) {
        const struct expectation *row = &expectations[i];

        if (row->iam == NULL || row->iam[0] != '-')
            check_expectation(&fixture->visitor, "iam", row->fault, row->iam);
        if (row->idc == NULL || row->idc[0] != '-')
            check_expectation(&fixture->visitor, "idc", row->fault, row->idc);
    }
}

/* The table above knows every fault, and "-" stands exactly where the fault is not shown. */
static void
every_fault_is_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < lab_fault_count(); i++) {
        const struct lab_fault *fault = lab_fault_at(i);
        const struct expectation *row = NULL;

        for (size_t k = 1; k < COUNT_OF(expectations); k++)
            if (strcmp(expectations[k].fault, fault->name) == 0)
                row = &expectations[k];
        if (row == NULL)
            fail_msg("no expectation for %s", fault->name);
        assert_int_equal(lab_fault_shows(fault, "iam"), row->iam == NULL || row->iam[0] != '-');
        assert_int_equal(lab_fault_shows(fault, "idc"), row->idc == NULL || row->idc[0] != '-');
    }
}

static void
iam_lands_in_the_console(void **state)
{
    struct lab_visitor *visitor = &((struct fixture *)*state)->visitor;

    lab_visitor_sign_in(visitor, "iam", LAB_USER, "none");
    assert_true(str_eq_c(visitor->location, "https://aws.samltap.test/console/home"));
    lab_visitor_visit_url(visitor, "GET", visitor->location, (struct str){ 0 });
    assert_int_equal(visitor->reply.status, 200);
    assert_true(lab_visitor_page_has(visitor, LAB_USER) && lab_visitor_page_has(visitor, LAB_ACCOUNT));

    visitor->cookies[0] = STR("lab-console=_00000000000000000000000000000000");
    lab_visitor_visit(visitor, "GET", STR(LAB_IAM_HOST), STR("/console/home"), (struct str){ 0 });
    assert_int_equal(visitor->reply.status, 302);
}

static void
several_roles_are_a_choice(void **state)
{
    struct lab_visitor *visitor = &((struct fixture *)*state)->visitor;

    lab_visitor_sign_in(visitor, "iam", LAB_USER_TWO_ROLES, "none");
    assert_int_equal(visitor->reply.status, 200);
    assert_true(lab_visitor_page_has(visitor, LAB_ROLE_ADMIN) && lab_visitor_page_has(visitor, LAB_ROLE_READER));
}

static void
portal_lists_accounts(void **state)
{
    static const struct {
        const char *user;
        const char *instances, *accounts;
    } users[] = {
        { LAB_USER, "\"AWS Account\"", "444455556666" },
        { LAB_USER_NO_ACCOUNTS, "\"result\":[]", "\"accountList\":[]" },
    };
    struct lab_visitor *visitor = &((struct fixture *)*state)->visitor;

    for (size_t i = 0; i < COUNT_OF(users); i++) {
        lab_visitor_sign_in(visitor, "idc", users[i].user, "none");
        assert_true(str_eq_c(visitor->location, "https://idc.samltap.test/start/#/?tab=accounts"));
        lab_visitor_visit(visitor, "GET", STR(LAB_IDC_HOST), STR("/start/"), (struct str){ 0 });
        assert_int_equal(visitor->reply.status, 200);
        lab_visitor_visit(visitor, "GET", STR(LAB_IDC_HOST), STR("/api/portal/instance/appinstances"),
                          (struct str){ 0 });
        assert_true(lab_visitor_page_has(visitor, users[i].instances));
        lab_visitor_visit(visitor, "GET", STR(LAB_IDC_HOST), STR("/assignment/accounts"), (struct str){ 0 });
        assert_true(lab_visitor_page_has(visitor, users[i].accounts));
        assert_true(str_eq_c(lab_visitor_header(visitor, "Content-Type"), "application/json"));
    }
    visitor->cookies[1] = (struct str){ 0 };
    lab_visitor_visit(visitor, "GET", STR(LAB_IDC_HOST), STR("/assignment/accounts"), (struct str){ 0 });
    assert_int_equal(visitor->reply.status, 401);
}

/* A response is good for one request: posted again, nobody waits for it. */
static void
responses_are_not_taken_twice(void **state)
{
    struct lab_visitor *visitor = &((struct fixture *)*state)->visitor;
    struct str form;

    lab_visitor_visit(visitor, "GET", STR(LAB_IDC_HOST), STR("/start"), (struct str){ 0 });
    lab_visitor_visit_url(visitor, "GET", visitor->location, (struct str){ 0 });
    lab_visitor_submit(visitor, STR(LAB_IDP_HOST), LAB_USER, "none");
    form = arena_copy(visitor->arena, buf_str(&visitor->reply.body));
    lab_visitor_submit(visitor, STR(LAB_IDP_HOST), NULL, NULL);
    assert_int_equal(visitor->reply.status, 302);
    buf_reset(&visitor->reply.body);
    buf_add_str(&visitor->reply.body, form);
    visitor->reply.status = 200;
    lab_visitor_submit(visitor, STR(LAB_IDP_HOST), NULL, NULL);
    assert_int_equal(visitor->reply.status, 400);
    assert_true(str_eq_c(lab_visitor_said(visitor), idc_error));
}

static void
preset_is_used_unless_the_form_says_otherwise(void **state)
{
    struct fixture *fixture = *state;
    struct lab_visitor *visitor = &fixture->visitor;

    fixture->site.fault = "wrong-audience";
    lab_visitor_sign_in(visitor, "iam", LAB_USER, NULL);
    assert_int_equal(visitor->reply.status, 400);
    lab_visitor_sign_in(visitor, "iam", LAB_USER, "none");
    assert_int_equal(visitor->reply.status, 302);
    lab_visitor_visit(visitor, "GET", STR(LAB_IDP_HOST), STR("/start?target=iam"), (struct str){ 0 });
    assert_true(lab_visitor_page_has(visitor, "value=\"wrong-audience\" selected"));
    assert_false(lab_visitor_page_has(visitor, "value=\"nameid-format\"")); /* shows at Identity Center only */
    fixture->site.fault = NULL;
}

/* What a client sends must neither break out of a page nor of a header, nor end up in the XML unread. */
static void
hostile_input_is_harmless(void **state)
{
    static const char *const forms[] = {
        "",
        "target=iam",
        "target=nowhere&user=a",
        "target=iam&user=%00",
        "target=iam&user=%ff%fe",
        "target=iam&user=%ef%bf%bf",
        "target=iam&user=%ed%a0%80",
        "target=idc&user=jdoe%40example.com&request_id=%22%3E",
        "target=idc&user=%zz&request_id=_a",
        "%=%&&&=;=&target",
    };
    struct lab_visitor *visitor = &((struct fixture *)*state)->visitor;

    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        lab_visitor_visit(visitor, "POST", STR(LAB_IDP_HOST), STR("/login"), str_from(forms[i]));
        if (visitor->reply.status != 400)
            fail_msg("\"%s\" is answered with %u", forms[i], visitor->reply.status);
        lab_visitor_visit(visitor, "POST", STR(LAB_IAM_HOST), STR("/saml"), str_from(forms[i]));
        assert_int_equal(visitor->reply.status, 400);
        lab_visitor_visit(visitor, "POST", STR(LAB_IDC_HOST), STR(LAB_IDC_ACS_PATH), str_from(forms[i]));
        assert_int_equal(visitor->reply.status, 400);
    }
    lab_visitor_visit(visitor, "POST", STR(LAB_IDP_HOST), STR("/login"),
                      STR("target=iam&user=%3Cb%3E%22%27&relay_state=%22%3E%3Cscript%3E"));
    assert_int_equal(visitor->reply.status, 200);
    assert_false(lab_visitor_page_has(visitor, "\"><script>"));
    lab_visitor_visit(visitor, "POST", STR(LAB_IDP_HOST), STR("/login"),
                      STR("target=iam&user=a&fault=response-by-get&relay_state=%0d%0aSet-Cookie:%20x=y"));
    assert_int_equal(visitor->reply.status, 302);
    assert_false(str_present(lab_visitor_header(visitor, "Set-Cookie")));
    lab_visitor_visit(visitor, "GET", STR(LAB_IDP_HOST), STR("/sso?SAMLRequest=%%%"), (struct str){ 0 });
    assert_int_equal(visitor->reply.status, 400);
    lab_visitor_visit(visitor, "GET", STR("elsewhere.example.com"), STR("/"), (struct str){ 0 });
    assert_int_equal(visitor->reply.status, 404);
}

static void
memory_runs_out(void **state)
{
    struct fixture *fixture = *state;
    struct exchange request = { .host = STR(LAB_IDP_HOST),
                                .method = STR("POST"),
                                .target = STR("/login"),
                                .request_body = { .bytes = STR("target=iam&user=jdoe%40example.com") } };
    unsigned status = 0;

    for (size_t limit = 64; limit < 200000; limit += limit / 3) {
        struct arena *arena = arena_new(limit);
        struct lab_reply reply;

        assert_non_null(arena);
        lab_reply_init(&reply);
        lab_site_answer(&fixture->site, arena, &request, now_ms, &reply);
        assert_true(reply.status == 200 || reply.status == 503);
        assert_true(reply.status == 200 || reply.body.len == 0);
        status = reply.status;
        lab_reply_release(&reply);
        arena_free(arena);
    }
    assert_int_equal(status, 200);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_fault_is_expected, begin, end),
        cmocka_unit_test_setup_teardown(service_providers_say_what_aws_says, begin, end),
        cmocka_unit_test_setup_teardown(iam_lands_in_the_console, begin, end),
        cmocka_unit_test_setup_teardown(several_roles_are_a_choice, begin, end),
        cmocka_unit_test_setup_teardown(portal_lists_accounts, begin, end),
        cmocka_unit_test_setup_teardown(responses_are_not_taken_twice, begin, end),
        cmocka_unit_test_setup_teardown(preset_is_used_unless_the_form_says_otherwise, begin, end),
        cmocka_unit_test_setup_teardown(hostile_input_is_harmless, begin, end),
        cmocka_unit_test_setup_teardown(memory_runs_out, begin, end),
    };

    return cmocka_run_group_tests(tests, open_site, close_site);
}
