/* SPDX-License-Identifier: MIT */
#include "find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <zlib.h>

#include "buf.h"

#define RESPONSE                                                                                                       \
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" Version=\"2.0\" "                  \
    "IssueInstant=\"2026-01-01T00:00:00Z\"/>"
#define REQUEST                                                                                                        \
    "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_q\" Version=\"2.0\" "              \
    "IssueInstant=\"2026-01-01T00:00:00Z\"/>"

static const struct saml_options options;

/* The encodings of both documents, made once by set_up; see expand(). */
struct fixture {
    struct arena *arena;
    struct str response_base64;
    struct str request_deflated; /* base64, percent-encoded with lower-case escapes */
    struct str response_deflated;
};

static struct str
base64_of(struct arena *arena, struct str in)
{
    char *out = arena_alloc(arena, in.len / 3 * 4 + 8);

    assert_non_null(out);
    return (struct str){ out,
                         (size_t)EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)in.ptr, (int)in.len) };
}

static struct str
percent_of(struct arena *arena, struct str in)
{
    struct buf out;
    struct str s;

    buf_init(&out, 1 << 16);
    for (size_t i = 0; i < in.len; i++)
        buf_printf(&out, strchr("+/=", in.ptr[i]) ? "%%%02x" : "%c", in.ptr[i]);
    s = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return s;
}

static struct str
deflated_of(struct arena *arena, const char *text)
{
    z_stream stream = { 0 };
    char *out = arena_alloc(arena, 2048);

    assert_non_null(out);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = (unsigned char *)out;
    stream.avail_out = 2048;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return percent_of(arena, base64_of(arena, (struct str){ out, stream.total_out }));
}

static int
set_up(void **state)
{
    static struct fixture fixture;

    fixture.arena = arena_new(64 << 20);
    if (fixture.arena == NULL)
        return -1;
    fixture.response_base64 = base64_of(fixture.arena, STR(RESPONSE));
    fixture.request_deflated = deflated_of(fixture.arena, REQUEST);
    fixture.response_deflated = deflated_of(fixture.arena, RESPONSE);
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    arena_free(((struct fixture *)*state)->arena);
    return 0;
}

/* {B}: base64 of RESPONSE, {P}: the same percent-encoded, {Q}: deflated REQUEST, {D}: deflated RESPONSE. */
static struct str
expand(struct fixture *fixture, const char *text)
{
    struct buf out;
    struct str s;

    buf_init(&out, 1 << 20);
    for (; *text != '\0'; text++) {
        if (text[0] != '{' || text[1] == '\0' || strchr("BPQD", text[1]) == NULL || text[2] != '}') {
            buf_add_byte(&out, *text);
            continue;
        }
        if (text[1] == 'B')
            buf_add_str(&out, fixture->response_base64);
        else if (text[1] == 'P')
            buf_add_str(&out, percent_of(fixture->arena, fixture->response_base64));
        else
            buf_add_str(&out, text[1] == 'Q' ? fixture->request_deflated : fixture->response_deflated);
        text += 2;
    }
    s = arena_copy(fixture->arena, buf_str(&out));
    buf_release(&out);
    return s;
}

/* "binding kind url action relay anomalies;" a message. */
static void
describe(struct buf *out, const struct message *message)
{
    buf_printf(out, "%s %s", binding_name(message->binding),
               message->binding == BINDING_ARTIFACT           ? "artifact"
               : message->saml == NULL                        ? "none"
               : message->saml->kind == MESSAGE_RESPONSE      ? "response"
               : message->saml->kind == MESSAGE_AUTHN_REQUEST ? "request"
                                                              : "other");
    if (str_present(message->url))
        buf_printf(out, " %.*s", STR_ARG(message->url));
    if (str_present(message->form_action) && !str_eq(message->form_action, message->url))
        buf_printf(out, " action=%.*s", STR_ARG(message->form_action));
    if (str_present(message->relay_state))
        buf_printf(out, " relay=%.*s", STR_ARG(message->relay_state));
    if (message->in_response)
        buf_add_c(out, " in-response");
    for (size_t i = 0; i < message->anomaly_count; i++)
        buf_printf(out, " %s", anomaly_name(message->anomalies[i].id));
    buf_add_c(out, ";");
}

static void
check_messages(const char *what, const struct messages *messages, const char *wanted)
{
    struct buf got;

    buf_init(&got, 1 << 16);
    for (size_t i = 0; i < messages->count; i++)
        describe(&got, &messages->items[i]);
    if (!str_eq_c(buf_str(&got), wanted))
        fail_msg("%.300s\n got %s\nwant %s", what, buf_str(&got).ptr, wanted);
    buf_release(&got);
}

#define FORM "application/x-www-form-urlencoded"

static const struct exchange_row {
    const char *target, *request_type, *request_body;
    const char *location, *response_type, *response_body;
    const char *wanted;
} exchange_rows[] = {
    { "/acs?a", FORM, "SAMLResponse={P}&RelayState=x%20y", 0, 0, 0,
      "http-post response https://sp.test/acs?a relay=x y;" },
    { "/acs", FORM "; charset=utf-8", "RelayState=&SAMLResponse={P}", 0, 0, 0,
      "http-post response https://sp.test/acs relay=;" },
    { "/acs", FORM, "SAMLResponse={B}", 0, 0, 0,
      "http-post response https://sp.test/acs plus-as-space;" }, /* a "+" that was not encoded */
    { "/acs", FORM, "SAMLResponse={P}&SAMLResponse={P}", 0, 0, 0,
      "http-post response https://sp.test/acs duplicate-parameter;http-post response https://sp.test/acs "
      "duplicate-parameter;" },
    { "/acs", FORM, "SAMLResponse={P}&SigAlg=x&Signature=y", 0, 0, 0, "simple-sign response https://sp.test/acs;" },
    { "/acs", FORM, "samlResponse={P}", 0, 0, 0, "http-post response https://sp.test/acs wrong-field-name;" },
    { "/acs", FORM, "saml_response={P}", 0, 0, 0, "http-post response https://sp.test/acs wrong-field-name;" },
    { "/acs", FORM, "token={P}", 0, 0, 0, "http-post response https://sp.test/acs wrong-field-name;" },
    { "/acs", FORM, "token=aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=", 0, 0, 0,
      "" },
    { "/acs", FORM, "SAMLResponse=", 0, 0, 0, "http-post none https://sp.test/acs not-decodable;" },
    { "/acs", FORM, "SAMLResponse", 0, 0, 0, "http-post none https://sp.test/acs not-decodable;" },
    { "/acs", FORM, "SAMLResponse=%{P}", 0, 0, 0,
      "http-post response https://sp.test/acs bad-percent base64-invalid;" },
    { "/acs", FORM, "SAMLart=AAQAAMFbLinlXaCM%2BFIxiDwGOLAy2T71gbpO7ZhNzAgEANlB90ECfpNEVLg%3D&RelayState=r", 0, 0, 0,
      "artifact artifact https://sp.test/acs relay=r;" },
    { "/acs", FORM,
      "wa=wsignin1.0&wresult="
      "%3Ct%3ARequestSecurityTokenResponse+xmlns%3At%3D%22http%3A%2F%2Fschemas.xmlsoap.org%2Fws%2F2005%2F02%2Ftrust%22%"
      "2F%3E&wctx=c",
      0, 0, 0, "http-post other https://sp.test/acs relay=c;" },
    { "/acs", FORM, "TARGET=t&SAMLResponse={P}", 0, 0, 0, "http-post response https://sp.test/acs relay=t;" },
    { "/acs", "text/plain", "SAMLResponse={P}", 0, 0, 0, "http-post response https://sp.test/acs wrong-content-type;" },
    { "/acs", 0, "SAMLResponse={P}", 0, 0, 0, "http-post response https://sp.test/acs wrong-content-type;" },
    { "/acs", "text/plain", "hello", 0, 0, 0, "" },
    { "/acs", "multipart/form-data; boundary=X",
      "--X\r\nContent-Disposition: form-data; name=\"SAMLResponse\"\r\n\r\n{B}\r\n--X--\r\n", 0, 0, 0,
      "http-post response https://sp.test/acs;" },
    { "/acs", "application/json", "{\"samlResponse\":\"{B}\",\"x\":1}", 0, 0, 0,
      "http-post response https://sp.test/acs;" },
    { "/soap", "text/xml",
      "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>" RESPONSE "</s:Body></s:Envelope>", 0,
      0, 0, "soap response https://sp.test/soap;" },
    { "/soap", "text/xml", "<a/>", 0, 0, 0, "" },
    /* query */
    { "/sso?SAMLRequest={Q}&RelayState=r&idp=1", 0, 0, 0, 0, 0,
      "http-redirect request https://sp.test/sso?idp=1 relay=r;" },
    { "/sso?SAMLRequest={Q}", 0, 0, 0, 0, 0, "http-redirect request https://sp.test/sso;" },
    { "/sso?idp=1&SAMLResponse={P}", 0, 0, 0, 0, 0, "http-redirect response https://sp.test/sso?idp=1 not-deflated;" },
    { "/sso?SAMLRequest={Q}&SAMLResponse={D}", 0, 0, 0, 0, 0,
      "http-redirect request https://sp.test/sso duplicate-parameter;http-redirect response https://sp.test/sso "
      "duplicate-parameter;" },
    { "/sso?x=SAMLRequest", 0, 0, 0, 0, 0, "" },
    { "/acs", FORM, "SAMLResponse={D}", 0, 0, 0, "http-post response https://sp.test/acs deflated-post;" },
    /* Location */
    { "/", 0, 0, "https://idp.test/sso?SAMLRequest={Q}#top", 0, 0,
      "http-redirect request https://idp.test/sso in-response;" },
    { "/a/b?c", 0, 0, "/sso?SAMLRequest={Q}", 0, 0, "http-redirect request https://sp.test/sso in-response;" },
    { "/a/b?c", 0, 0, "sso?SAMLRequest={Q}", 0, 0, "http-redirect request https://sp.test/a/sso in-response;" },
    { "/a/b?c", 0, 0, "?SAMLRequest={Q}&d", 0, 0, "http-redirect request https://sp.test/a/b?d in-response;" },
    { "/a/b?c", 0, 0, "//idp.test/sso?SAMLRequest={Q}", 0, 0,
      "http-redirect request https://idp.test/sso in-response;" },
    { "/", 0, 0, "/login?next=%2F", 0, 0, "" },
    /* page */
    { "/", 0, 0, 0, "text/html; charset=utf-8",
      "<form method=POST action=\"https://sp.test/acs?x\"><input name=SAMLResponse value=\"{B}\"><input "
      "name=RelayState "
      "value='a&amp;b'></form>",
      "form-page response https://sp.test/acs?x relay=a&b in-response;" },
    { "/a/b?c", 0, 0, 0, "text/html", "<form action='d'><input name=SAMLResponse value={B}></form>",
      "form-page response https://sp.test/a/d in-response;" },
    { "/a/b?c", 0, 0, 0, "text/html", "<form><input name=SAMLResponse value={B}></form>",
      "form-page response https://sp.test/a/b?c in-response;" },
    { "/", 0, 0, 0, 0, "<form action='/d'><input name=SAMLRequest value={B}></form>",
      "form-page response https://sp.test/d in-response;" },
    { "/", 0, 0, 0, "image/png", "<form action='/d'><input name=SAMLRequest value={B}></form>", "" },
    { "/", 0, 0, 0, "application/json", "{\"a\":{\"SAMLResponse\":\"{B}\"}}", "none response in-response;" },
    { "/md", 0, 0, 0, "application/samlmetadata+xml",
      "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"e\"/>",
      "none other https://sp.test/md in-response;" },
    /* all four places, in order */
    { "/a?SAMLRequest={Q}", FORM, "SAMLResponse={P}", "/b?SAMLResponse={D}", "text/html",
      "<form action=/c><input name=SAMLRequest value={B}></form>",
      "http-redirect request https://sp.test/a;http-post response https://sp.test/a;http-redirect response "
      "https://sp.test/b in-response;form-page response https://sp.test/c in-response;" },
};

static void
messages_are_found_in_exchanges(void **state)
{
    for (size_t i = 0; i < COUNT_OF(exchange_rows); i++) {
        const struct exchange_row *row = &exchange_rows[i];
        struct fixture *fixture = *state;
        struct header request_header = { STR_INIT("content-type"), str_from(row->request_type) };
        struct header response_headers[] = { { STR_INIT("LOCATION"), { 0 } },
                                             { STR_INIT("Content-Type"), str_from(row->response_type) } };
        struct exchange exchange = {
            .scheme = STR_INIT("https"),
            .host = STR_INIT("sp.test"),
            .port = 443,
            .method = STR_INIT("POST"),
            .request_headers = { &request_header, row->request_type != NULL },
            .status = 200,
            .response_headers = { response_headers, row->response_type != NULL ? 2 : 1 },
        };
        struct messages messages = { 0 };

        exchange.target = expand(fixture, row->target);
        if (row->request_body != NULL)
            exchange.request_body.bytes = expand(fixture, row->request_body);
        if (row->response_body != NULL)
            exchange.response_body.bytes = expand(fixture, row->response_body);
        if (row->location != NULL)
            response_headers[0].value = expand(fixture, row->location);
        assert_true(find_messages(fixture->arena, &exchange, &options, &messages));
        check_messages(row->request_body ? row->request_body : row->target, &messages, row->wanted);
    }
}

static void
signed_octets_are_the_received_ones(void **state)
{
    struct fixture *fixture = *state;
    struct exchange exchange = { .scheme = STR_INIT("https"), .host = STR_INIT("idp.test"), .port = 443 };
    struct messages messages = { 0 };
    const struct query_signature *signature;

    exchange.target = expand(fixture, "/sso?Signature=s%2B&RelayState=%2f+x&SAMLRequest={Q}&SigAlg=http%3A%2f%2Fa");
    assert_true(find_messages(fixture->arena, &exchange, &options, &messages));
    assert_int_equal(messages.count, 1);
    signature = &messages.items[0].query_signature;
    assert_true(signature->present);
    assert_true(str_eq(signature->raw_message, fixture->request_deflated));
    assert_true(str_eq_c(signature->raw_relay_state, "%2f+x"));
    assert_true(str_eq_c(signature->raw_algorithm, "http%3A%2f%2Fa"));
    assert_true(str_eq_c(signature->algorithm, "http://a"));
    assert_true(str_eq_c(signature->signature, "s+"));
    assert_true(str_eq_c(messages.items[0].relay_state, "/ x"));
    messages.count = 0;
    exchange.target = expand(fixture, "/sso?SAMLRequest={Q}&RelayState=&SigAlg=a");
    assert_true(find_messages(fixture->arena, &exchange, &options, &messages));
    signature = &messages.items[0].query_signature;
    assert_true(signature->present);
    assert_true(str_present(signature->raw_relay_state));
    messages.count = 0;
    exchange.target = expand(fixture, "/sso?SAMLRequest={Q}");
    assert_true(find_messages(fixture->arena, &exchange, &options, &messages));
    assert_false(str_present(messages.items[0].query_signature.raw_relay_state));
}

static void
too_many_messages_are_cut(void **state)
{
    struct fixture *fixture = *state;
    struct exchange exchange = { .scheme = STR_INIT("https"), .host = STR_INIT("sp.test"), .port = 443 };
    struct messages messages = { 0 };
    struct buf target;

    buf_init(&target, 1 << 20);
    buf_add_c(&target, "/?a");
    for (int i = 0; i < 100; i++)
        buf_add_c(&target, "&SAMLResponse=x");
    exchange.target = buf_str(&target);
    assert_true(find_messages(fixture->arena, &exchange, &options, &messages));
    assert_int_equal(messages.count, 32);
    buf_release(&target);
}

static void
a_full_arena_is_reported(void **state)
{
    struct fixture *fixture = *state;
    struct exchange exchange = { .scheme = STR_INIT("https"), .host = STR_INIT("sp.test"), .port = 443 };

    exchange.target = expand(fixture, "/?SAMLRequest={Q}&RelayState=%20");
    for (size_t size = 0; size < 4096; size += 64) {
        struct arena *arena = arena_new(size);
        struct messages messages = { 0 };

        assert_false(find_messages(arena, &exchange, &options, &messages));
        assert_true(arena_failed(arena));
        arena_free(arena);
    }
}

static const struct input_row {
    const char *text;
    enum input_kind kind;
    const char *wanted; /* messages; or the beginning of problem */
} input_rows[] = {
    { RESPONSE, INPUT_XML, "none response;" },
    { "\n <?xml version=\"1.0\"?>" RESPONSE "\n", INPUT_XML, "none response;" },
    { "\xef\xbb\xbf" RESPONSE, INPUT_XML, "none response bom;" },
    { "<a/>", INPUT_XML, "none other;" },
    { "%3Csamlp:Response%20xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol'/%3E", INPUT_XML, "none response;" },
    { "&lt;samlp:Response xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol'/&gt;", INPUT_XML,
      "none response html-escaped;" },
    { "{B}", INPUT_BASE64, "none response;" },
    { "{B}\r\n", INPUT_BASE64, "none response;" },
    { "{P}", INPUT_BASE64, "none response;" },
    { "{Q}", INPUT_BASE64, "none request;" },
    { "{\"SAMLResponse\": \"{B}\"}", INPUT_JSON, "none response;" },
    { "https://idp.test/sso?SAMLRequest={Q}&RelayState=r\n", INPUT_URL,
      "http-redirect request https://idp.test/sso relay=r;" },
    { "/sso?a=b&SAMLRequest={Q}", INPUT_URL, "http-redirect request;" },
    { "?SAMLRequest={Q}", INPUT_URL, "http-redirect request;" },
    { "SAMLRequest={Q}", INPUT_URL, "http-redirect request;" },
    { "SAMLResponse={P}&RelayState=r\n", INPUT_FORM, "http-post response relay=r;" },
    { "RelayState=r&SAMLResponse={P}", INPUT_FORM, "http-post response relay=r;" },
    { "samlresponse={P}", INPUT_FORM, "http-post response wrong-field-name;" },
    { "<!DOCTYPE html>\n<html><form action=https://sp.test/acs><input name=SAMLResponse value={B}></form></html>",
      INPUT_HTML, "form-page response https://sp.test/acs;" },
    { "<form action=/acs><input name=SAMLResponse value={B}></form>", INPUT_HTML, "form-page response /acs;" },
    { "<html><body>nothing</body></html>", INPUT_UNKNOWN, "an HTML page without a form" },
    { "", INPUT_UNKNOWN, "empty" },
    { " \n", INPUT_UNKNOWN, "empty" },
    { "{\"a\":1}", INPUT_UNKNOWN, "JSON, but neither" },
    { "{\"a\":", INPUT_UNKNOWN, "no JSON, line 1" },
    { "{\"log\":{}}", INPUT_UNKNOWN, "HAR without log.entries" },
    { "hello world", INPUT_UNKNOWN, "text of 11 bytes without a message in it" },
    { "PK\x03\x04\x01\x02", INPUT_UNKNOWN, "looks like a ZIP archive" },
    { "-----BEGIN CERTIFICATE-----\nMIIB", INPUT_UNKNOWN, "looks like a certificate" },
    { "\x01\x02\x03\x80\x81", INPUT_UNKNOWN, "5 bytes of an unknown kind" },
    { "\x1f\x8b\x08garbage", INPUT_UNKNOWN, "gzip data" },
};

static void
inputs_are_recognised(void **state)
{
    for (size_t i = 0; i < COUNT_OF(input_rows); i++) {
        const struct input_row *row = &input_rows[i];
        struct fixture *fixture = *state;
        struct input input;
        bool ok = find_input(fixture->arena, expand(fixture, row->text), &options, &input);

        if (ok != (row->kind != INPUT_UNKNOWN) || input.kind != row->kind)
            fail_msg("%.200s\nis taken for %s, should be %s (%.*s)", row->text, input_kind_name(input.kind),
                     input_kind_name(row->kind), STR_ARG(input.problem));
        if (ok)
            check_messages(row->text, &input.messages, row->wanted);
        else if (!str_starts_c(input.problem, row->wanted))
            fail_msg("%.200s\nproblem is \"%.*s\"", row->text, STR_ARG(input.problem));
    }
}

static void
http_text_becomes_exchanges(void **state)
{
    static const struct {
        const char *text;
        size_t exchanges;
        const char *wanted;
    } rows[] = {
        { "POST /acs HTTP/1.1\r\nHost: sp.test\r\nContent-Type: " FORM "\r\n\r\nSAMLResponse={P}\r\n", 1,
          "http-post response https://sp.test/acs;" },
        { "POST /acs HTTP/1.1\nHost: sp.test\nContent-Type: " FORM
          "\n\nSAMLResponse={P}\n\nHTTP/1.1 302 Found\nLocation: "
          "/?SAMLRequest={Q}\n\nGET /x HTTP/1.1\nHost: sp.test:8443\n",
          2, "http-post response https://sp.test/acs;http-redirect request https://sp.test/ in-response;" },
        { "GET /x?SAMLRequest={Q} HTTP/1.1\r\nHost: idp.test:8443\r\n\r\nGET /y HTTP/1.1\r\nHost: a\r\n\r\nHTTP/1.1 "
          "200 "
          "OK\r\nContent-Length: 1\r\n\r\nx",
          2, "http-redirect request https://idp.test:8443/x;" },
        { "POST /acs HTTP/2\nHost: sp.test\n:authority: x\nContent-Type: " FORM
          "\n\nSAMLResponse={P}\n\nHTTP/2 302 \nlocation: "
          "/?SAMLRequest={Q}\n\n",
          1, "http-post response https://sp.test/acs;http-redirect request https://sp.test/ in-response;" },
        { "HTTP/1.1 302 Found\r\nLocation: https://idp.test/?SAMLRequest={Q}\r\n\r\n", 1,
          "http-redirect request https://idp.test/ in-response;" },
        { "POST /acs HTTP/1.1\r\nHost: sp.test\r\nContent-Type: " FORM
          "\r\nContent-Length: 9999\r\n\r\nSAMLResponse={P}",
          1, "http-post response https://sp.test/acs truncated;" },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = *state;
        struct messages messages = { 0 };
        struct input input;

        assert_true(find_input(fixture->arena, expand(fixture, rows[i].text), &options, &input));
        assert_int_equal(input.kind, INPUT_HTTP);
        assert_int_equal(input.exchange_count, rows[i].exchanges);
        for (size_t j = 0; j < input.exchange_count; j++)
            assert_true(find_messages(fixture->arena, &input.exchanges[j], &options, &messages));
        check_messages(rows[i].text, &messages, rows[i].wanted);
    }
}

static void
bodies_that_may_matter_are_kept(void **state)
{
    static const struct {
        const char *method, *target, *name, *value;
        bool wanted;
    } rows[] = {
        { "POST", "/x", "Content-Type", FORM, true },
        { "POST", "/x", "Content-Type", "multipart/form-data; boundary=x", true },
        { "POST", "/x", "Content-Type", "text/xml", true },
        { "POST", "/x", "Content-Type", "application/octet-stream", false },
        { "GET", "/x", "Sec-Fetch-Dest", "document", true },
        { "GET", "/x", "Sec-Fetch-Dest", "image", false },
        { "GET", "/x", "Accept", "text/html,*/*", true },
        { "GET", "/x.png", "Accept", "image/*", false },
        { "GET", "/saml/metadata", "Accept", "*/*", true },
        { "GET", "/api/portal/instance/appinstances", "Accept", "*/*", true },
        { "GET", "/x?SAMLRequest=y", "Accept", "*/*", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct header header = { str_from(rows[i].name), str_from(rows[i].value) };
        struct exchange head = { .method = str_from(rows[i].method),
                                 .target = str_from(rows[i].target),
                                 .request_headers = { &header, 1 } };

        if (find_body_may_matter(&head) != rows[i].wanted)
            fail_msg("%s %s with %s: %s", rows[i].method, rows[i].target, rows[i].name, rows[i].value);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_found_in_exchanges), cmocka_unit_test(signed_octets_are_the_received_ones),
        cmocka_unit_test(too_many_messages_are_cut),       cmocka_unit_test(a_full_arena_is_reported),
        cmocka_unit_test(inputs_are_recognised),           cmocka_unit_test(http_text_becomes_exchanges),
        cmocka_unit_test(bodies_that_may_matter_are_kept),
    };
    const char *why;

    if (!saml_library_init(&why)) {
        print_error("%s\n", why);
        return 1;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
