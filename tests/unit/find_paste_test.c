/* SPDX-License-Identifier: MIT */
#include "find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base64.h"

#define RESPONSE                                                                                                       \
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" Version=\"2.0\" "                  \
    "IssueInstant=\"2026-01-01T00:00:00Z\"/>"
#define REQUEST                                                                                                        \
    "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_q\" Version=\"2.0\" "              \
    "IssueInstant=\"2026-01-01T00:00:00Z\"/>"

static const struct saml_options options;

/* Base64 of XML, in lines of `width` (0: one line) that end with `line_end`. */
static void
add_base64(struct buf *out, struct str bytes, size_t width, const char *line_end)
{
    struct buf text;

    buf_init(&text, 1 << 16);
    base64_encode(&text, bytes);
    for (size_t i = 0; i < text.len; i++) {
        if (width > 0 && i > 0 && i % width == 0)
            buf_add_c(out, line_end);
        buf_add_byte(out, text.bytes[i]);
    }
    buf_release(&text);
}

static void
add_deflated(struct buf *out, const char *text, const char *plus)
{
    unsigned char packed[1024];
    z_stream stream = { 0 };
    struct buf base64;

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = packed;
    stream.avail_out = sizeof(packed);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    buf_init(&base64, 1 << 16);
    base64_encode(&base64, (struct str){ (char *)packed, stream.total_out });
    for (size_t i = 0; i < base64.len; i++) {
        if (strchr("+/=", base64.bytes[i]) != NULL)
            buf_printf(out, "%s%02X", plus, (unsigned)base64.bytes[i]);
        else
            buf_add_byte(out, base64.bytes[i]);
    }
    buf_release(&base64);
}

/*
 * {B}: base64 of RESPONSE; {W}: the same in lines of 64; {M}: in lines of 60 quoted as mail does; {S}: in lines of 60
 * that end in "="; {Q}: deflated REQUEST; {C}: the same for cmd.exe, "%" behind a caret; {3}: quoted-printable URL value.
 */
static struct str
expand(struct arena *arena, const char *text)
{
    struct buf out;
    struct str s;

    buf_init(&out, 1 << 20);
    for (; *text != '\0'; text++) {
        if (text[0] != '{' || text[1] == '\0' || strchr("BWMSQC3", text[1]) == NULL || text[2] != '}') {
            buf_add_byte(&out, *text);
            continue;
        }
        switch (text[1]) {
        case 'B':
            add_base64(&out, STR(RESPONSE), 0, "");
            break;
        case 'W':
            add_base64(&out, STR(RESPONSE), 64, "\r\n");
            break;
        case 'M':
            add_base64(&out, STR(RESPONSE), 60, "\n> ");
            break;
        case 'S':
            add_base64(&out, STR(RESPONSE), 60, "=\n");
            break;
        case 'Q':
            add_deflated(&out, REQUEST, "%");
            break;
        case 'C':
            add_deflated(&out, REQUEST, "^%^");
            break;
        default:
            buf_add_c(&out, "=3D");
            add_deflated(&out, REQUEST, "=\r\n%");
        }
        text += 2;
    }
    s = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return s;
}

static void
describe(struct buf *out, const struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++) {
        const struct message *message = &messages->items[i];

        buf_printf(out, "%s %s", binding_name(message->binding),
                   message->saml == NULL                          ? "none"
                   : message->saml->kind == MESSAGE_RESPONSE      ? "response"
                   : message->saml->kind == MESSAGE_AUTHN_REQUEST ? "request"
                                                                  : "other");
        if (str_present(message->url))
            buf_printf(out, " %.*s", STR_ARG(message->url));
        if (str_present(message->relay_state))
            buf_printf(out, " relay=%.*s", STR_ARG(message->relay_state));
        for (size_t j = 0; j < message->anomaly_count; j++)
            buf_printf(out, " %s", anomaly_name(message->anomalies[j].id));
        buf_add_c(out, ";");
    }
}

struct row {
    const char *text;
    enum input_kind kind;
    const char *wanted; /* messages, those of exchanges included; or the beginning of the problem */
};

static void
check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena *arena = arena_new(32 << 20);
        struct messages messages = { 0 };
        struct input input;
        struct buf got;

        buf_init(&got, 1 << 16);
        find_input(arena, expand(arena, rows[i].text), &options, &input);
        describe(&got, &input.messages);
        for (size_t j = 0; j < input.exchange_count; j++)
            assert_true(find_messages(arena, &input.exchanges[j], &options, &messages));
        describe(&got, &messages);
        if (input.kind != rows[i].kind || (input.kind != INPUT_UNKNOWN ? !str_eq_c(buf_str(&got), rows[i].wanted)
                                                                       : !str_starts_c(input.problem, rows[i].wanted)))
            fail_msg("%s\nis %s: %.*s (%.*s)\nwanted: %s", rows[i].text, input_kind_name(input.kind), (int)got.len,
                     buf_str(&got).ptr, STR_ARG(input.problem), rows[i].wanted);
        buf_release(&got);
        arena_free(arena);
    }
}

static void
curl_commands(void **state)
{
    static const struct row rows[] = {
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
    check_rows(rows, COUNT_OF(rows));
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
    static const struct row rows[] = {
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
    check_rows(rows, COUNT_OF(rows));
}

static void
messages_in_text(void **state)
{
    static const struct row rows[] = {
        { "Hello, can you help?\nThey get https://idp.test/sso?SAMLRequest={Q}&RelayState=r, then an error.\n",
          INPUT_TEXT, "http-redirect request https://idp.test/sso relay=r,;" },
        { "https://idp.test/sso?SAMLRequest={Q} is where it stops", INPUT_TEXT,
          "http-redirect request https://idp.test/sso;" },
        { "The response was:\n\n{W}\n\nRegards", INPUT_TEXT, "none response;" },
        { "On Monday somebody wrote:\n> SAMLResponse:\n> {M}\n> Thanks\n", INPUT_TEXT, "none response;" },
        { "2026-01-01 10:00:00 DEBUG saml - response=[{B}] user=x", INPUT_TEXT, "none response;" },
        { "2026-01-01 DEBUG received " RESPONSE " from idp\nand " REQUEST "\n", INPUT_TEXT,
          "none response;none request;" },
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
    check_rows(rows, COUNT_OF(rows));
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
