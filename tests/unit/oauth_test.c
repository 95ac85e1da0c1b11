/* SPDX-License-Identifier: MIT */
/* Which exchanges hold a message of OAuth or SCIM, and above all which do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "find.h"
#include "oauth_types.h"
#include "saml_maker.h"
#include "scim_types.h"

#define CODE "SplxlOBeZQQYbYS6WxSbIA"
#define STATE "af0ifjsldkj"
#define FORM "application/x-www-form-urlencoded"

struct probe {
    const char *method;
    const char *url;
    const char *request_type;
    const char *body;
    unsigned status;
    const char *answer_type;
    const char *answer;
    const char *location;
};

static struct messages
find(struct arena *arena, const struct probe *probe)
{
    static const struct saml_options options;
    struct messages messages = { 0 };
    struct exchange *exchange =
        saml_maker_exchange(arena, probe->method ? probe->method : "GET", probe->url, str_from(probe->body));
    exchange->request_headers.count = 0;
    if (probe->request_type) {
        saml_maker_request_header(arena, exchange, "Content-Type", probe->request_type);
    }
    saml_maker_answer(arena, exchange, probe->status ? probe->status : 200, probe->answer_type,
                      str_from(probe->answer ? probe->answer : ""));
    if (probe->location) {
        saml_maker_answer_header(arena, exchange, "Location", probe->location);
    }
    assert_true(find_messages(arena, exchange, &options, &messages));
    return messages;
}

static void
test_ordinary_pages(void **state)
{
    (void)state;
    static const struct probe probes[] = {
        { .url = "https://shop.example.com/?code=SUMMER&state=CA" },
        { .url = "https://shop.example.com/?code=" CODE },
        { .url = "https://shop.example.com/?code=" CODE "&state=CA" },
        { .url = "https://shop.example.com/?error=not_found&state=abcdefgh" },
        { .url = "https://shop.example.com/?error=access_denied" },
        { .url = "https://api.example.com/q?response_type=json&client_id=7" },
        { .url = "https://docs.example.com/oauth",
          .answer_type = "text/html",
          .answer = "<p>GET /cb?code=" CODE "&amp;state=" STATE
                    "</p><pre>{\"access_token\":\"x\",\"token_type\":\"y\"}</pre>" },
        { .url = "https://api.example.com/items",
          .answer_type = "application/json",
          .answer =
              "{\"code\":\"" CODE "\",\"state\":\"" STATE "\",\"access_token\":\"a\",\"token_type\":\"Bearer\"}" },
        { .url = "https://www.example.com/reset",
          .answer_type = "text/html",
          .answer = "<form method=post><input name=\"code\" value=\"\"><input name=\"state\" value=\"\"></form>" },
        { .url = "https://docs.example.com/scim/v2/Users", .answer_type = "text/html", .answer = "<h1>SCIM</h1>" },
        { .url = "https://docs.example.com/scimitar/Users", .answer_type = "application/json", .answer = "{}" },
        { .method = "POST",
          .url = "https://www.example.com/f",
          .request_type = FORM,
          .body = "code=WELCOME&state=NY&error=none" },
    };
    for (size_t i = 0; i < COUNT_OF(probes); i++) {
        struct arena *arena = arena_new(8 << 20);
        struct messages messages = find(arena, &probes[i]);
        if (messages.count != 0) {
            fail_msg("%s: %s", probes[i].url, message_name(&messages.items[0]));
        }
        arena_free(arena);
    }
}

static void
expect_kinds(const struct probe *probe, size_t count, const char *first, const char *second)
{
    struct arena *arena = arena_new(8 << 20);
    struct messages messages = find(arena, probe);
    if (messages.count != count) {
        fail_msg("%s: %zu messages", probe->url, messages.count);
    }
    assert_string_equal(message_name(&messages.items[0]), first);
    if (second) {
        assert_string_equal(message_name(&messages.items[1]), second);
    }
    arena_free(arena);
}

static void
test_messages(void **state)
{
    (void)state;
    const char *authorize = "https://idp.example.com/authorize?response_type=code&client_id=app&redirect_uri="
                            "https%3A%2F%2Fapp.example.com%2Fcb&scope=openid&state=" STATE;
    expect_kinds(&(struct probe){ .url = authorize }, 1, "oauth:authorization-request", NULL);
    expect_kinds(&(struct probe){ .url = "https://app.example.com/", .status = 302, .location = authorize }, 1,
                 "oauth:authorization-request", NULL);
    expect_kinds(
        &(struct probe){ .url = authorize, .status = 302, .location = "https://app.example.com/cb?code=c&state=s" }, 2,
        "oauth:authorization-request", "oauth:authorization-response");
    expect_kinds(&(struct probe){ .url = authorize,
                                  .status = 302,
                                  .location = "https://app.example.com/cb#error=login_required&state=" STATE },
                 2, "oauth:authorization-request", "oauth:authorization-response");
    expect_kinds(&(struct probe){ .url = "https://app.example.com/cb?code=" CODE "&state=" STATE }, 1,
                 "oauth:authorization-response", NULL);
    expect_kinds(&(struct probe){ .url = "https://app.example.com/cb?error=access_denied&state=xyz" }, 1,
                 "oauth:authorization-response", NULL);
    expect_kinds(&(struct probe){ .method = "POST",
                                  .url = "https://app.example.com/cb",
                                  .request_type = FORM,
                                  .body = "code=" CODE "&state=" STATE },
                 1, "oauth:authorization-response", NULL);
    expect_kinds(&(struct probe){ .url = "https://idp.example.com/login",
                                  .answer_type = "text/html",
                                  .answer = "<body onload=\"document.forms[0].submit()\"><form method=post "
                                            "action=\"https://app.example.com/cb\"><input name=\"code\" value=\"" CODE
                                            "\"><input name=\"state\" value=\"" STATE "\"></form>" },
                 1, "oauth:authorization-response", NULL);
    expect_kinds(&(struct probe){ .method = "POST",
                                  .url = "https://idp.example.com/token",
                                  .request_type = FORM,
                                  .body = "grant_type=authorization_code&code=x&client_id=app",
                                  .status = 400,
                                  .answer_type = "application/json",
                                  .answer = "{\"error\":\"invalid_grant\"}" },
                 2, "oauth:token-request", "oauth:token-response");
    expect_kinds(&(struct probe){ .method = "POST",
                                  .url = "https://oidc.eu-west-1.amazonaws.com/token",
                                  .request_type = "application/json",
                                  .body =
                                      "{\"clientId\":\"x\",\"clientSecret\":\"y\",\"deviceCode\":\"z\",\"grantType\":"
                                      "\"urn:ietf:params:oauth:grant-type:device_code\"}",
                                  .status = 400,
                                  .answer_type = "application/json",
                                  .answer = "{\"error\":\"authorization_pending\"}" },
                 2, "oauth:token-request", "oauth:token-response");
    expect_kinds(&(struct probe){ .url = "https://scim.eu-west-1.amazonaws.com/t/scim/v2/Users?filter=x",
                                  .answer_type = "application/json",
                                  .answer = "{}" },
                 1, "scim:request", NULL);
    expect_kinds(&(struct probe){ .method = "PATCH",
                                  .url = "https://x.example.com/provisioning/Groups/1",
                                  .request_type = "application/scim+json",
                                  .body = "{}",
                                  .status = 204 },
                 1, "scim:request", NULL);
}

static void
test_pairs(void **state)
{
    (void)state;
    struct arena *arena = arena_new(8 << 20);
    struct messages messages =
        find(arena,
             &(struct probe){ .url = "https://idp.example.com/a?response_type=code&client_id=app&state=1&scope=openid",
                              .status = 302,
                              .location = "https://app.example.com/cb?code=c&state=2" });
    assert_int_equal(messages.count, 2);
    assert_ptr_equal(messages.items[1].oauth->authorization, messages.items[0].oauth);
    assert_true(str_eq_c(messages.items[1].url, "https://app.example.com/cb"));
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ordinary_pages),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
