/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "case_file.h"
#include "examine.h"
#include "saml_maker.h"

/* Sign-ins of several exchanges: what the portal and the identity provider answered afterwards. */

#define NOW_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define ACS "https://us-east-1.signin.aws.amazon.com/platform/saml/acs/01234567-89ab-cdef-0123-456789abcdef"
#define PORTAL "https://portal.sso.us-east-1.amazonaws.com"
#define ENTRA "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/saml2"

struct play {
    struct arena *arena;
    struct settings settings;
    struct signin_table *table;
    struct report *reports[4];
    size_t count;
};

static int
setup(void **state)
{
    static struct play play;
    const char *why;

    play = (struct play){ .arena = arena_new(32 << 20) };
    play.settings = (struct settings){
        .arena = play.arena,
        .keys = key_set_new(),
        .idp_entity_id = STR("https://idp.example.com/saml"),
        .sp_entity_id = STR("https://us-east-1.signin.aws.amazon.com/platform/saml/d-1234567890"),
        .has_now = true,
        .now_ms = NOW_MS,
        .clock_skew_s = 180,
    };
    play.table = signin_table_new(&play.settings);
    *state = &play;
    return key_set_add_trusted(play.settings.keys, str_from(saml_maker_certificate_pem("idp")), STR("idp.pem"),
                               (struct str){ 0 }, &why) == 1
               ? 0
               : -1;
}

static int
teardown(void **state)
{
    struct play *play = *state;

    signin_table_free(play->table);
    for (size_t i = 0; i < play->count; i++)
        report_release(play->reports[i]);
    key_set_free(play->settings.keys);
    arena_free(play->arena);
    return 0;
}

static struct report *
perform(struct play *play, struct exchange *exchange)
{
    exchange->number = play->count + 1;
    exchange->started_ms = exchange->finished_ms = NOW_MS + (int64_t)play->count * 100;
    play->reports[play->count] = examine_exchange(&play->settings, play->table, exchange, STR("test"));
    assert_non_null(play->reports[play->count]);
    return play->reports[play->count++];
}

/* Posts the good response for Identity Center, with edits; the ACS sends the browser to the portal. */
static struct report *
post_response(struct play *play, const char *from, const char *to)
{
    struct str template = case_file_bytes(play->arena, "tests/cases/base/idc.xml");
    struct buf xml, edited;
    struct exchange *exchange;
    char why[200] = "";
    size_t at = from != NULL ? str_find_c(template, from) : SIZE_MAX;

    assert_true(str_present(template));
    buf_init(&xml, 1 << 20);
    buf_init(&edited, 1 << 20);
    buf_add_str(&edited, str_slice(template, 0, at));
    if (from != NULL) {
        assert_true(at != SIZE_MAX);
        buf_add_c(&edited, to);
        buf_add_str(&edited, str_from_offset(template, at + strlen(from)));
    }
    assert_true(saml_maker_fill(buf_str(&edited), &xml, why, sizeof(why)));
    exchange = saml_maker_post(play->arena, ACS, "SAMLResponse", buf_str(&xml), (struct str){ 0 });
    saml_maker_answer(play->arena, exchange, 302, NULL, (struct str){ 0 });
    saml_maker_answer_header(play->arena, exchange, "Location", PORTAL "/start");
    buf_release(&xml);
    buf_release(&edited);
    return perform(play, exchange);
}

static void
portal_lists(struct play *play, const char *json)
{
    struct exchange *exchange =
        saml_maker_exchange(play->arena, "GET", PORTAL "/assignment/accounts?max_result=50", (struct str){ 0 });

    saml_maker_answer(play->arena, exchange, 200, "application/json", str_from(json));
    perform(play, exchange);
}

static const struct signin *
finish(struct play *play)
{
    const struct signin *signin;

    signin_finish_all(play->table);
    signin = examine_next_done(play->table, NOW_MS + 600000);
    assert_non_null(signin);
    return signin;
}

static const struct finding *
find(const struct report *report, const char *id)
{
    for (size_t i = 0; i < report->findings.count; i++)
        if (strcmp(report->findings.items[i]->check->id, id) == 0)
            return report->findings.items[i];
    return NULL;
}

static void
test_portal_without_accounts(void **state)
{
    struct play *play = *state;
    struct report *report = post_response(play, NULL, NULL);

    portal_lists(play, "{\"accountList\":[]}");
    assert_int_equal(finish(play)->outcome, OUTCOME_NO_ACCOUNTS);
    assert_non_null(find(report, "acct-no-assignment"));
    assert_int_equal(find(report, "acct-no-assignment")->rank, 1);
    assert_int_equal(find(report, "acct-no-assignment")->confidence, CONFIDENCE_LIKELY);
    assert_int_equal(report->verdict, VERDICT_FAIL);
}

static void
test_portal_with_accounts(void **state)
{
    struct play *play = *state;
    struct report *report = post_response(play, NULL, NULL);

    portal_lists(play, "{\"accountList\":[{\"accountId\":\"111122223333\"}]}");
    assert_int_equal(finish(play)->outcome, OUTCOME_SIGNED_IN);
    assert_null(find(report, "acct-no-assignment"));
    assert_int_equal(report->verdict, VERDICT_PASS);
}

/* The groups in the assertion are not the cause, but the user must learn that they do nothing. */
static void
test_portal_without_accounts_but_groups(void **state)
{
    struct play *play = *state;
    struct report *report =
        post_response(play, "</saml:Assertion>",
                      "<saml:AttributeStatement><saml:Attribute Name=\"groups\"><saml:AttributeValue>admins"
                      "</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>");

    portal_lists(play, "{\"accountList\":[]}");
    finish(play);
    assert_int_equal(find(report, "acct-no-assignment")->rank, 1);
    assert_int_equal(find(report, "idc-groups-ignored")->severity, SEVERITY_WARNING);
}

/* The request is seen first where the service provider sends it off, then at the identity provider. */
static void
test_page_of_identity_provider(void **state)
{
    struct play *play = *state;
    struct str template = case_file_bytes(play->arena, "tests/cases/base/authnrequest.xml");
    struct buf query;
    struct exchange *exchange;
    struct str location;
    const struct signin *signin;

    buf_init(&query, 1 << 16);
    saml_maker_query("SAMLRequest", template, (struct str){ 0 }, NULL, NULL, &query);
    location = arena_printf(play->arena, ENTRA "?%.*s", STR_ARG(buf_str(&query)));
    buf_release(&query);
    exchange = saml_maker_exchange(play->arena, "GET", "https://sp.example.com/", (struct str){ 0 });
    saml_maker_answer(play->arena, exchange, 302, NULL, (struct str){ 0 });
    saml_maker_answer_header(play->arena, exchange, "Location", location.ptr);
    perform(play, exchange);
    exchange = saml_maker_exchange(play->arena, "GET", location.ptr, (struct str){ 0 });
    saml_maker_answer(play->arena, exchange, 200, "text/html",
                      STR("<html><body><p>AADSTS700016: Application with identifier was not found.</p></body></html>"));
    assert_non_null(find(perform(play, exchange), "entra-700016"));
    signin = finish(play);
    assert_int_equal(signin->outcome, OUTCOME_NO_ANSWER);
    assert_non_null(find(signin->request, "entra-700016"));
    assert_int_equal(find(signin->request, "entra-700016")->rank, 1);
}

int
main(void)
{
    const char *why = "";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_portal_without_accounts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_portal_with_accounts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_portal_without_accounts_but_groups, setup, teardown),
        cmocka_unit_test_setup_teardown(test_page_of_identity_provider, setup, teardown),
    };
    int failed;

    if (!saml_library_init(&why))
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    saml_maker_release();
    saml_library_cleanup();
    return failed;
}
