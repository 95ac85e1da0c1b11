/* SPDX-License-Identifier: MIT */
#include "find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "paste_maker.h"

static const struct saml_options options;

static void
curl_commands(void **state)
{
    static const struct paste_row rows[] = {
        { "curl 'https://sp.test/acs' -H 'Accept: */*' --data-raw 'SAMLResponse={B}'", INPUT_CURL,
          "http-post response https://sp.test/acs plus-as-space;" },
        { "$ curl \\\n  -X POST \\\n  \"https://sp.test/acs?a=\\$1\" \\\n  --data-urlencode \"SAMLResponse={B}\" \\\n  "
          "--data-urlencode 'RelayState=a b&c'\n",
          INPUT_CURL, "http-post response https://sp.test/acs?a=$1 relay=a b&c;" },
        { "curl -sSXPOST -d'RelayState=r' $'https://sp.test/\\u0061cs' --data $'SAMLResponse\\x3d{B}'", INPUT_CURL,
          "http-post response https://sp.test/acs relay=r plus-as-space;" },
        { "curl -k --max-time 5 -o /dev/null 'https://idp.test/sso?SAMLRequest={Q}&RelayState=r' --compressed",
          INPUT_CURL, "http-redirect request https://idp.test/sso relay=r;" },
        { "curl -G https://idp.test/sso?a=b -d 'SAMLRequest={Q}'", INPUT_CURL,
          "http-redirect request https://idp.test/sso?a=b;" },
        { "curl https://sp.test/acs -F 'SAMLResponse={B}' -F file=@x", INPUT_CURL,
          "http-post response https://sp.test/acs truncated;" },
        { "curl https://sp.test/acs --json '{\"SAMLResponse\":\"{B}\"}'", INPUT_CURL,
          "http-post response https://sp.test/acs;" },
        { "curl ^\"https://idp.test/sso?SAMLRequest={C}^&RelayState=a^%^20b^\" ^\r\n  -H ^\"accept: ^\\^\"x^\\^\"^\" "
          "^\r\n  --compressed",
          INPUT_CURL, "http-redirect request https://idp.test/sso relay=a b;" },
        { "curl 'https://sp.test/' ;\ncurl 'https://idp.test/sso?SAMLRequest={Q}' &\n", INPUT_CURL,
          "http-redirect request https://idp.test/sso;" },
        { "curl --data-raw x", INPUT_UNKNOWN, "begins like a curl command, but there is no URL" },
    };

    (void)state;
    paste_check(rows, COUNT_OF(rows));
}

static void
curl_command_becomes_exchange(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct input input;
    const struct exchange *exchange;

    (void)state;
    assert_true(find_input(arena,
                           STR("curl 'https://sp.test:8443/acs' -H 'X-A:  1 ' -b 'a=b; c' -A ua -e 'r' --data-raw "
                               "'@it'\\''s'\n"),
                           &options, &input));
    assert_int_equal(input.exchange_count, 1);
    exchange = &input.exchanges[0];
    assert_true(str_eq_c(exchange->method, "POST"));
    assert_int_equal(exchange->port, 8443);
    assert_true(str_eq_c(exchange->request_body.bytes, "@it's"));
    assert_true(str_eq_c(headers_get(&exchange->request_headers, "x-a"), "1"));
    assert_true(str_eq_c(headers_get(&exchange->request_headers, "Cookie"), "a=b; c"));
    assert_true(str_eq_c(headers_get(&exchange->request_headers, "User-Agent"), "ua"));
    assert_true(str_eq_c(headers_get(&exchange->request_headers, "Content-Type"), "application/x-www-form-urlencoded"));
    assert_false(str_present(input.problem));
    assert_true(find_input(arena, STR("curl https://sp.test/acs -d @body.txt"), &options, &input));
    assert_true(str_starts_c(input.problem, "the command takes its body"));
    assert_true(find_input(arena, STR("curl -I sp.test"), &options, &input));
    assert_true(str_eq_c(input.exchanges[0].method, "HEAD"));
    assert_true(str_eq_c(input.exchanges[0].scheme, "http"));
    arena_free(arena);
}

static void
curl_logs(void **state)
{
    static const struct paste_row rows[] = {
        { "$ curl -v https://sp.test/\n*   Trying 192.0.2.1:443...\n* Connected to sp.test (192.0.2.1) port 443 (#0)\n"
          "* SSL connection using TLSv1.3\n> GET / HTTP/2\n> Host: sp.test\n> accept: */*\n>\n"
          "< HTTP/2 302 \n< content-length: 9999\n< location: https://idp.test/sso?SAMLRequest={Q}\n<\n"
          "{ [5 bytes data]\n100     5  100     5    0     0     70      0 --:--:-- --:--:-- --:--:--    71\n"
          "* Connection #0 to host sp.test left intact\n",
          INPUT_CURL, "http-redirect request https://idp.test/sso;" },
        { "* Connected to sp.test (192.0.2.1) port 80\n> GET / HTTP/1.1\r\n> Host: sp.test\r\n> \r\n"
          "< HTTP/1.1 200 OK\r\n< Transfer-Encoding: chunked\r\n< Content-Type: text/html\r\n< \r\n"
          "<html><form action=/acs method=post>\n<input name=SAMLResponse value={B}></form>\n",
          INPUT_CURL, "form-page response http://sp.test/acs;" },
    };

    (void)state;
    paste_check(rows, COUNT_OF(rows));
}

static void
messages_in_text(void **state)
{
    static const struct paste_row rows[] = {
        { "Hello, can you help?\nThey get https://idp.test/sso?SAMLRequest={Q}&RelayState=r, then an error.\n",
          INPUT_TEXT, "http-redirect request https://idp.test/sso relay=r;" },
        { "https://idp.test/sso?SAMLRequest={Q} is where it stops", INPUT_TEXT,
          "http-redirect request https://idp.test/sso;" },
        { "The response was:\n\n{W}\n\nRegards", INPUT_TEXT, "none response;" },
        { "On Monday somebody wrote:\n> SAMLResponse:\n> {M}\n> Thanks\n", INPUT_TEXT, "none response;" },
        { "2026-01-01 10:00:00 DEBUG saml - response=[{B}] user=x", INPUT_TEXT, "none response;" },
        { "2026-01-01 DEBUG received {R} from idp\nand {A}\n", INPUT_TEXT, "none response;none request;" },
        { "Content-Transfer-Encoding: quoted-printable\n\nSee\n{S}\nbye", INPUT_TEXT, "none response;" },
        { "Content-Transfer-Encoding: quoted-printable\r\n\r\nSee https://idp.test/sso?SAMLRequest{3}\r\nbye",
          INPUT_TEXT, "http-redirect request https://idp.test/sso;" },
        { "body was SAMLResponse={B}&RelayState=r (posted)", INPUT_TEXT, "http-post response relay=r plus-as-space;" },
        { "Nothing but words, and https://sp.test/?a=b, and "
          "c3VjaCBhcyB0aGVzZSB3b3JkcyB3aGljaCBhcmUgbm8gWE1MIGF0IGFsbCwgYnV0IGxvbmcgZW5vdWdoIHRvIGJlIHRyaWVkIG9uY2U=",
          INPUT_UNKNOWN, "text of 153 bytes without a message in it" },
        { "--b\r\nContent-Disposition: form-data; name=\"RelayState\"\r\n\r\nr\r\n--b\r\nContent-Disposition: "
          "form-data; "
          "name=\"SAMLResponse\"\r\n\r\n{B}\r\n--b--\r\n",
          INPUT_FORM, "http-post response relay=r;" },
        { "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nr\r\n--b--\r\n", INPUT_UNKNOWN,
          "a multipart form without" },
    };

    (void)state;
    paste_check(rows, COUNT_OF(rows));
}

/* Shapes that would make a careless scan quadratic. */
static void
hostile_text_ends_in_time(void **state)
{
    static const char *const pieces[] = { "http://", "<Response ", "<a:Response>",       "curl\n", "=\n",
                                          "> ",      "SAML",       "wresult=<Response>", "'",      "^\"" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct arena *arena = arena_new(256 << 20);
        struct input input;
        struct buf text;

        buf_init(&text, 1 << 20);
        buf_add_c(&text, "see ");
        while (text.len < 400000)
            buf_add_c(&text, pieces[i]);
        find_input(arena, buf_str(&text), &options, &input);
        assert_int_equal(input.messages.count, 0);
        buf_release(&text);
        arena_free(arena);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(curl_commands),
        cmocka_unit_test(curl_command_becomes_exchange),
        cmocka_unit_test(curl_logs),
        cmocka_unit_test(messages_in_text),
        cmocka_unit_test(hostile_text_ends_in_time),
    };
    const char *why;

    if (!saml_library_init(&why))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
