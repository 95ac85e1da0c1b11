/* SPDX-License-Identifier: MIT */
/* Rounds of a redirect loop with pages in between, and what only looks like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "report_maker.h"

enum { ROUNDS = 3, ROUND_MS = 4000, LONG_PAGE = 5000 };

static struct settings settings;

/* What a browser sees in one round, besides the request and the posted answer. */
struct round {
    const char *issuer, *acs; /* of the AuthnRequest; NULL: https://sp.example.com/… */
    const char *idp_page;     /* HTML of https://idp.example.com/sso before the answer; NULL: none is seen */
    const char *location;     /* where the ACS sends the browser; NULL: it answers with the page below */
    const char *page_url;     /* a page after the ACS; NULL: none is seen */
    const char *page;
};

static void
pass(struct signin_table *table, struct report *report, int64_t at_ms)
{
    report->exchange->started_ms = report->exchange->finished_ms = at_ms;
    signin_join(table, report);
    report_release(report);
}

static void
pass_page(struct signin_table *table, const char *url, const char *html, int64_t at_ms)
{
    struct report *report = make_report(&settings);

    make_exchange(report, "GET", url, 200);
    make_answer(report, "text/html; charset=utf-8", html);
    pass(table, report, at_ms);
}

/* One round; gives how many of the rounds before it count. */
static unsigned
go_round(struct signin_table *table, const struct round *round, int number)
{
    const char *acs = round->acs != NULL ? round->acs : "https://sp.example.com/acs";
    int64_t at_ms = 1000000 + number * ROUND_MS;
    struct report *report = make_report(&settings);
    struct message *message;
    char request[20], response[20];
    unsigned counted;

    snprintf(request, sizeof(request), "_q%d", number);
    snprintf(response, sizeof(response), "_p%d", number);
    make_exchange(report, "GET", "https://idp.example.com/sso", 200);
    message = make_message(report, MESSAGE_AUTHN_REQUEST, request, NULL, false);
    message->saml->request.acs_url.text = arena_copy_c(report->arena, acs);
    message->saml->issuer.value.text =
        arena_copy_c(report->arena, round->issuer != NULL ? round->issuer : "https://sp.example.com/saml");
    if (round->idp_page != NULL)
        make_answer(report, "text/html", round->idp_page);
    pass(table, report, at_ms);
    counted = signin_by_request(table, str_from(request))->answered_just;
    if (round->idp_page != NULL) /* and the form's own answer, where the user typed something */
        pass_page(table, "https://idp.example.com/sso/login", round->idp_page, at_ms + 100);
    report = make_report(&settings);
    make_exchange(report, "GET", "https://idp.example.com/sso/done", 200);
    make_message(report, MESSAGE_RESPONSE, response, request, true)->form_action = arena_copy_c(report->arena, acs);
    make_answer(report, "text/html", "<form method=post>the answer</form>");
    pass(table, report, at_ms + 200);
    report = make_report(&settings);
    make_exchange(report, "POST", acs, round->location != NULL ? 302 : 200);
    make_message(report, MESSAGE_RESPONSE, response, request, false);
    if (round->location != NULL)
        make_header(report, "Location", round->location);
    else
        make_answer(report, "text/html", round->page);
    pass(table, report, at_ms + 300);
    if (round->page_url != NULL)
        pass_page(table, round->page_url, round->page, at_ms + 400);
    return counted;
}

static unsigned
go_rounds(const struct round *rounds, size_t kinds)
{
    struct signin_table *table = signin_table_new(&settings);
    unsigned counted = 0;

    for (int i = 0; i < ROUNDS; i++)
        counted = go_round(table, &rounds[(size_t)i % kinds], i);
    signin_table_free(table);
    return counted;
}

static void
pages_on_the_way_are_rounds(void **state)
{
    static const struct round rounds[] = {
        { .location = "https://sp.example.com/app" },
        { .idp_page = "<h1>Sign in</h1><form><input name=user></form>", .location = "https://sp.example.com/app" },
        /* The ACS sends the browser straight back: the page there belongs to the next round. */
        { .idp_page = "<h1>Stay signed in?</h1>", .location = "https://idp.example.com/sso?SAMLRequest=fZ" },
        { .idp_page = "<h1>Sign in</h1>", .location = "https://idp.example.com/adfs/ls?wa=wsignin1.0&wtrealm=x" },
        /* The application's own page that only sends on. */
        { .location = "https://sp.example.com/app",
          .page_url = "https://sp.example.com/app",
          .page = "<meta http-equiv=\"Refresh\" content=\"0; url=/login\">" },
        { .location = "https://sp.example.com/app",
          .page_url = "https://sp.example.com/app",
          .page = "<script>window.location = '/login?next=' + location.hash</script>" },
        { .page = "<body onload=\"document.forms[0].submit()\"><form action=/login></form>" },
        /* Where nobody of the application is. */
        { .location = "https://sp.example.com/app", .page_url = "https://cdn.example.net/app", .page = "<p>hello</p>" },
        { .location = "https://sp.example.com.test/app", .page_url = "https://sp.example.co/app", .page = "<p>x</p>" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rounds); i++)
        if (go_rounds(&rounds[i], 1) != ROUNDS - 1)
            fail_msg("row %zu: %u rounds count", i, go_rounds(&rounds[i], 1));
}

static void
pages_where_it_ended_are_none(void **state)
{
    static char with_script[LONG_PAGE + 100];
    static const struct round rounds[] = {
        { .page = "<h1>Orders</h1>" },
        { .location = "https://sp.example.com/app",
          .page_url = "https://sp.example.com/app",
          .page = "<h1>Orders</h1>" },
        { .location = "https://app.example.net/", .page_url = "https://APP.example.net/", .page = "<h1>Orders</h1>" },
        { .page = with_script },
    };

    (void)state;
    memset(with_script, 'x', LONG_PAGE);
    strcpy(with_script + LONG_PAGE, "<script>if (old) location.replace('/new')</script>");
    for (size_t i = 0; i < COUNT_OF(rounds); i++)
        if (go_rounds(&rounds[i], 1) != 0)
            fail_msg("row %zu: %u rounds count", i, go_rounds(&rounds[i], 1));
}

/* Somebody who opens one application after the other: at two hosts, at two paths of one, of two issuers. */
static void
two_applications_are_no_loop(void **state)
{
    static const struct round pairs[][2] = {
        { { .location = "https://sp.example.com/app" },
          { .acs = "https://crm.example.net/acs", .location = "https://crm.example.net/" } },
        { { .acs = "https://sp.example.com/one/acs", .location = "https://sp.example.com/one" },
          { .acs = "https://sp.example.com/two/acs", .location = "https://sp.example.com/two" } },
        { { .issuer = "https://sp.example.com/one", .location = "https://sp.example.com/one" },
          { .issuer = "https://sp.example.com/two", .location = "https://sp.example.com/two" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        if (go_rounds(pairs[i], 2) != 1) /* the third is again the first: one round before it */
            fail_msg("pair %zu: %u rounds count", i, go_rounds(pairs[i], 2));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_on_the_way_are_rounds),
        cmocka_unit_test(pages_where_it_ended_are_none),
        cmocka_unit_test(two_applications_are_no_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
