/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "attributes.h"

struct row {
    const char *type;
    const char *body;
    const char *quote; /* NULL: nothing to quote */
    bool known;
    bool error;
};

static const struct row rows[] = {
    { "text/html",
      "<html><head><title>Amazon Web Services Sign-In</title><style>p{}</style></head><body>"
      "<script>var x = 'Response signature invalid';</script><h1>Sign in</h1>"
      "<p>Your request included an invalid SAML response. To logout, <a href=\"/x>y\">click here</a>.</p></body>",
      "Your request included an invalid SAML response. To logout, click here.", true, true },
    { "text/html; charset=utf-8", "<h2>It&rsquo;s not you, it is us</h2><p>We couldn&#39;t complete your request</p>",
      "It's not you, it is us", true, true },
    { "text/html", "<h1>Something went wrong</h1><p>Looks like this code isn\xe2\x80\x99t right. Please try again.</p>",
      "Something went wrong. Looks like this code isn't right. Please try again.", true, true },
    { "application/json", "{\"a\":{\"message\":\"hello\",\"errorMessage\":\"Invalid MFA credentials\"}}",
      "Invalid MFA credentials", true, true },
    { "application/json", "{\"message\":\"hello\"}", "hello", false, false },
    { "text/xml",
      "<Error><Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithSAML</Message></Error>",
      "Not authorized to perform sts:AssumeRoleWithSAML", true, true },
    { "text/html", "<title>Access denied</title><body>sorry</body>", "Access denied", false, true },
    { "text/html", "<title>Welcome</title><h1>Your  start\npage</h1>", "Your start page", false, false },
    { "text/html", "", NULL, false, false },
    { "image/png", "Response has expired", NULL, false, false },
    { "text/html", "<!-- Response has expired --><noscript>Response has expired</noscript>", NULL, false, false },
    { "application/json", "{broken", NULL, false, false },
};

static void
exchange_with(struct exchange *exchange, struct header *header, const char *type, const char *body)
{
    *header = (struct header){ STR("Content-Type"), str_from(type) };
    *exchange = (struct exchange){
        .status = 200,
        .response_headers = { header, 1 },
        .response_body = { .bytes = str_from(body) },
    };
}

static void
sentences_are_quoted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct exchange exchange;
        struct header header;
        struct answer answer;

        exchange_with(&exchange, &header, rows[i].type, rows[i].body);
        answer = answer_read(arena, &exchange);
        if (rows[i].quote == NULL ? str_present(answer.quote) : !str_eq_c(answer.quote, rows[i].quote))
            fail_msg("row %zu: got \"%.*s\"", i, STR_ARG(answer.quote));
        assert_int_equal(answer.known, rows[i].known);
        assert_int_equal(answer.error, rows[i].error);
        arena_free(arena);
    }
}

static void
long_paragraphs_are_cut_to_the_sentence(void **state)
{
    static char body[5000];
    struct arena *arena = arena_new(1 << 20);
    struct exchange exchange;
    struct header header;
    struct answer answer;

    (void)state;
    strcpy(body, "<p>");
    for (int i = 0; i < 100; i++)
        strcat(body, "lorem ipsum. ");
    strcat(body, "Sorry, the Response signature invalid (service: X). ");
    for (int i = 0; i < 100; i++)
        strcat(body, "dolor sit. ");
    exchange_with(&exchange, &header, "text/html", body);
    answer = answer_read(arena, &exchange);
    assert_true(answer.known);
    assert_true(answer.quote.len <= ANSWER_QUOTE_BYTES);
    assert_true(str_starts_c(answer.quote, "Sorry, the Response signature invalid"));
    arena_free(arena);
}

struct portal_row {
    const char *target;
    const char *body;
    enum portal_list list;
    int count;
};

static const struct portal_row portal_rows[] = {
    { "/instance/appinstances", "{\"paginationToken\":null,\"result\":[]}", PORTAL_LIST_APPS, 0 },
    { "/api/portal/instance/appinstances?a=b", "{\"result\":[{},{}]}", PORTAL_LIST_APPS, 2 },
    { "/instance/appinstance/app-1/profiles", "{\"result\":[{}]}", PORTAL_LIST_PROFILES, 1 },
    { "/assignment/accounts", "{\"accountList\":[],\"nextToken\":\"more\"}", PORTAL_LIST_ACCOUNTS, -1 },
    { "/assignment/roles", "[1,2,3]", PORTAL_LIST_ROLES, 3 },
    { "/assignment/roles", "{\"message\":\"no\"}", PORTAL_LIST_ROLES, -1 },
    { "/assignment/accounts", "<html>", PORTAL_LIST_ACCOUNTS, -1 },
    { "/other", "[]", PORTAL_LIST_NONE, 0 },
};

static void
portal_lists_are_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(portal_rows); i++) {
        struct exchange exchange;
        struct header header;

        exchange_with(&exchange, &header, "application/json", portal_rows[i].body);
        exchange.target = str_from(portal_rows[i].target);
        assert_int_equal(portal_list_of(&exchange), portal_rows[i].list);
        assert_int_equal(portal_list_count(&exchange), portal_rows[i].count);
        exchange.status = 403;
        assert_int_equal(portal_list_count(&exchange), -1);
    }
}

/* Any bytes: no crash, no hang. Unclosed tags, quotes and scripts in great number are read once. */
static void
hostile_pages_end(void **state)
{
    static const char *const pieces[] = {
        "<script", "</x\"", "<!--", "<p title='", "&#x", "&#99999999999;", "<h1>", "&"
    };
    enum { BYTES = 900000 };
    char *body = malloc(BYTES + 32);

    (void)state;
    assert_non_null(body);
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct arena *arena = arena_new(1 << 20);
        size_t len = strlen(pieces[i]);
        struct exchange exchange;
        struct header header;

        for (size_t at = 0; at < BYTES; at += len)
            memcpy(body + at, pieces[i], len + 1);
        exchange_with(&exchange, &header, "text/html", body);
        answer_read(arena, &exchange);
        arena_free(arena);
    }
    free(body);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_quoted),
        cmocka_unit_test(long_paragraphs_are_cut_to_the_sentence),
        cmocka_unit_test(portal_lists_are_counted),
        cmocka_unit_test(hostile_pages_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
