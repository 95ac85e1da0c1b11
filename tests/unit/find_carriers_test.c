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

#define SAMLP "urn:oasis:names:tc:SAML:2.0:protocol"
#define RESPONSE "<p:Response xmlns:p=\"" SAMLP "\" ID=\"_r\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\"/>"
#define ASSERTION                                                                                                      \
    "<Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a\" Version=\"2.0\" "                            \
    "IssueInstant=\"2026-01-01T00:00:00Z\"><Issuer>https://idp.test</Issuer></Assertion>"
#define RSTR(token)                                                                                                    \
    "<t:RequestSecurityTokenResponse "                                                                                 \
    "xmlns:t=\"http://schemas.xmlsoap.org/ws/2005/02/trust\"><t:RequestedSecurityToken>" token                         \
    "</t:RequestedSecurityToken></t:RequestSecurityTokenResponse>"
#define COLLECTION(token)                                                                                              \
    "<w:RequestSecurityTokenResponseCollection xmlns:w=\"http://docs.oasis-open.org/ws-sx/ws-trust/200512\">"          \
    "<w:RequestSecurityTokenResponse><w:RequestedSecurityToken>" token                                                 \
    "</w:RequestedSecurityToken></w:RequestSecurityTokenResponse></w:RequestSecurityTokenResponseCollection>"
#define ENVELOPE(head, body)                                                                                           \
    "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Header>" head "</S:Header><S:Body>" body     \
    "</S:Body></S:Envelope>"
#define FORM "application/x-www-form-urlencoded"

/* One exchange and what is found in it. */
struct rig {
    struct arena *arena;
    struct exchange exchange;
    struct header request_header;
    struct header response_headers[2];
    struct messages messages;
};

static struct rig *
rig_new(const char *method, const char *target, const char *type, struct str body)
{
    struct arena *arena = arena_new(16 << 20);
    struct rig *rig = arena_alloc(arena, sizeof(*rig));

    assert_non_null(rig);
    rig->arena = arena;
    rig->request_header = (struct header){ STR("Content-Type"), str_from(type) };
    rig->exchange = (struct exchange){
        .scheme = STR("https"),
        .host = STR("sp.test"),
        .port = 443,
        .method = str_from(method),
        .target = str_from(target),
        .request_headers = { &rig->request_header, type != NULL },
        .request_body = { .bytes = body, .size = body.len },
    };
    return rig;
}

static void
rig_answer(struct rig *rig, const char *type, const char *coding, struct str body)
{
    rig->response_headers[0] = (struct header){ STR("Content-Type"), str_from(type) };
    rig->response_headers[1] = (struct header){ STR("Content-Encoding"), str_from(coding) };
    rig->exchange.status = 200;
    rig->exchange.response_headers = (struct headers){ rig->response_headers, coding != NULL ? 2 : 1 };
    rig->exchange.response_body = (struct body){ .bytes = body, .size = body.len };
}

static const struct message *
find_one(struct rig *rig, const struct saml_options *options)
{
    assert_true(find_messages(rig->arena, &rig->exchange, options, &rig->messages));
    assert_int_equal(rig->messages.count, 1);
    return &rig->messages.items[0];
}

static struct str
base64_of(struct arena *arena, struct str in)
{
    char *out = arena_alloc(arena, in.len / 3 * 4 + 8);

    assert_non_null(out);
    return (struct str){ out,
                         (size_t)EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)in.ptr, (int)in.len) };
}

static struct str
form(struct arena *arena, const char *name, struct str value)
{
    struct buf out;
    struct str s;

    buf_init(&out, 1 << 20);
    buf_printf(&out, "%s=", name);
    for (size_t i = 0; i < value.len; i++)
        buf_printf(&out, "%%%02x", (unsigned)(unsigned char)value.ptr[i]);
    s = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return s;
}

static bool
has_anomaly(const struct message *message, enum anomaly_id id)
{
    for (size_t i = 0; i < message->anomaly_count; i++)
        if (message->anomalies[i].id == id)
            return true;
    return false;
}

static void
tokens_of_ws_federation(void **state)
{
    static const struct {
        const char *xml;
        size_t assertions;
    } rows[] = {
        { RSTR(ASSERTION), 1 },
        { COLLECTION(ASSERTION), 1 },
        { "<?xml version=\"1.0\"?>" COLLECTION(ASSERTION), 1 },
        { RSTR("<Assertion xmlns=\"urn:oasis:names:tc:SAML:1.0:assertion\" AssertionID=\"_a\" MajorVersion=\"1\" "
               "MinorVersion=\"1\" Issuer=\"https://idp.test\"/>"),
          1 },
        { RSTR("<x xmlns=\"urn:example\"/>"), 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rig *rig = rig_new("POST", "/adfs?x=1", FORM, STR(""));
        const struct message *message;

        rig->exchange.request_body.bytes = arena_printf(rig->arena, "wa=wsignin1.0&wctx=c%%20d&%s",
                                                        form(rig->arena, "wresult", str_from(rows[i].xml)).ptr);
        message = find_one(rig, NULL);
        assert_int_equal(message->binding, BINDING_HTTP_POST);
        assert_true(str_eq_c(message->parameter, "wresult"));
        assert_true(str_eq_c(message->relay_state, "c d"));
        assert_true(str_eq_c(message->url, "https://sp.test/adfs?x=1"));
        assert_true(str_eq_c(message->xml, rows[i].xml));
        assert_non_null(message->saml);
        assert_int_equal(message->saml->kind, MESSAGE_WSTRUST_RSTR);
        assert_int_equal(message->saml->assertion_count, rows[i].assertions);
        assert_int_equal(message->anomaly_count, 0);
        if (rows[i].assertions > 0)
            assert_true(str_eq_c(message->saml->assertions[0].id.text, "_a"));
        arena_free(rig->arena);
    }
}

/* The page with which the identity provider sends it: character references instead of escapes. */
static void
page_of_ws_federation(void **state)
{
    struct rig *rig = rig_new("GET", "/adfs/ls/", NULL, (struct str){ 0 });
    const struct message *message;

    (void)state;
    rig_answer(rig, "text/html", NULL,
               STR("<form method='POST' action='https://rp.test/'><input name='wresult' value='&lt;t:"
                   "RequestSecurityTokenResponse xmlns:t=&quot;http://schemas.xmlsoap.org/ws/2005/02/trust&quot;/&gt;'>"
                   "<input name='wctx' value='c'></form>"));
    message = find_one(rig, NULL);
    assert_int_equal(message->binding, BINDING_FORM_PAGE);
    assert_true(str_eq_c(message->url, "https://rp.test/"));
    assert_int_equal(message->saml->kind, MESSAGE_WSTRUST_RSTR);
    assert_int_equal(message->anomaly_count, 0);
    arena_free(rig->arena);
}

static void
browser_post_of_saml_1(void **state)
{
    struct rig *rig = rig_new("POST", "/acs", FORM, STR(""));
    struct str xml =
        STR("<Response xmlns=\"urn:oasis:names:tc:SAML:1.0:protocol\" ResponseID=\"_1\" MajorVersion=\"1\" "
            "MinorVersion=\"1\" Recipient=\"https://sp.test/acs\"/>");
    const struct message *message;

    (void)state;
    rig->exchange.request_body.bytes = arena_printf(rig->arena, "TARGET=https%%3A%%2F%%2Fsp.test%%2F&%s",
                                                    form(rig->arena, "SAMLResponse", base64_of(rig->arena, xml)).ptr);
    message = find_one(rig, NULL);
    assert_int_equal(message->saml->kind, MESSAGE_SAML1_RESPONSE);
    assert_true(str_eq_c(message->saml->id.text, "_1"));
    assert_true(str_eq_c(message->relay_state, "https://sp.test/"));
    assert_int_equal(message->anomaly_count, 0);
    arena_free(rig->arena);
}

static void
messages_in_envelopes(void **state)
{
    static const struct {
        const char *type, *body;
        enum message_kind kind;
        bool answer;
    } rows[] = {
        { "text/xml; charset=utf-8", ENVELOPE("", "<p:ArtifactResolve xmlns:p=\"" SAMLP "\" ID=\"_x\"/>"),
          MESSAGE_ARTIFACT_RESOLVE, false },
        { "text/xml", ENVELOPE("", "<p:ArtifactResponse xmlns:p=\"" SAMLP "\" ID=\"_x\"/>"), MESSAGE_ARTIFACT_RESPONSE,
          true },
        { "text/xml", ENVELOPE("", "\n <p:LogoutRequest xmlns:p=\"" SAMLP "\" ID=\"_x\"/>\n"), MESSAGE_LOGOUT_REQUEST,
          false },
        { "application/vnd.paos+xml",
          ENVELOPE("<q:Request xmlns:q=\"urn:liberty:paos:2003-08\" responseConsumerURL=\"https://sp.test/ecp\"/>",
                   "<p:AuthnRequest xmlns:p=\"" SAMLP "\" ID=\"_x\"/>"),
          MESSAGE_AUTHN_REQUEST, true },
        { "application/vnd.paos+xml", ENVELOPE("", "<p:Response xmlns:p=\"" SAMLP "\" ID=\"_x\"/>"), MESSAGE_RESPONSE,
          false },
        { NULL, ENVELOPE("", "<p:LogoutResponse xmlns:p=\"" SAMLP "\" ID=\"_x\"/>"), MESSAGE_LOGOUT_RESPONSE, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rig *rig = rig_new("POST", "/soap", rows[i].answer ? NULL : rows[i].type,
                                  rows[i].answer ? (struct str){ 0 } : str_from(rows[i].body));
        const struct message *message;

        if (rows[i].answer)
            rig_answer(rig, rows[i].type, NULL, str_from(rows[i].body));
        message = find_one(rig, NULL);
        assert_int_equal(message->binding,
                         rows[i].type != NULL && strstr(rows[i].type, "paos") ? BINDING_PAOS : BINDING_SOAP);
        assert_int_equal(message->in_response, rows[i].answer);
        assert_int_equal(message->saml->kind, rows[i].kind);
        assert_true(str_eq_c(message->saml->id.text, "_x"));
        arena_free(rig->arena);
    }
}

static void
simple_sign_keeps_its_fields(void **state)
{
    struct rig *rig = rig_new("POST", "/acs", FORM, STR(""));
    const struct query_signature *signature;
    const struct message *message;

    (void)state;
    rig->exchange.request_body.bytes =
        arena_printf(rig->arena, "RelayState=&SigAlg=http%%3A%%2F%%2Fa&KeyInfo=x&Signature=s%%2B%%3D&%s",
                     form(rig->arena, "SAMLResponse", base64_of(rig->arena, STR(RESPONSE))).ptr);
    message = find_one(rig, NULL);
    signature = &message->query_signature;
    assert_int_equal(message->binding, BINDING_SIMPLE_SIGN);
    assert_true(signature->present);
    assert_true(str_eq_c(signature->algorithm, "http://a"));
    assert_true(str_eq_c(signature->signature, "s+="));
    assert_true(str_present(signature->raw_relay_state) && signature->raw_relay_state.len == 0);
    assert_true(str_eq_c(message->xml, RESPONSE));
    arena_free(rig->arena);
}

static void
artifacts_are_taken_apart(void **state)
{
    static const char octets[] = "\0\4\1\2"
                                 "SSSSSSSSSSSSSSSSSSSSHHHHHHHHHHHHHHHHHHHH";
    static const struct {
        const char *type; /* replaces the first octets */
        size_t from, length;
        unsigned wanted_type, index;
        const char *source;
        enum anomaly_id anomaly;
    } rows[] = {
        { "\0\4\1\2", 0, 44, 4, 258, "SSSSSSSSSSSSSSSSSSSS", ANOMALY_COUNT },
        { "\1\2\0\1", 2, 42, 1, 0, "SSSSSSSSSSSSSSSSSSSS", ANOMALY_COUNT },
        { "\0\4\1\2", 0, 40, 4, 258, "SSSSSSSSSSSSSSSSSSSS", ANOMALY_TRUNCATED },
        { "\1\2\0\2", 2, 42, 2, 0, "HHHHHHHHHHHHHHHHHHHH", ANOMALY_COUNT },
        { "\0\3\1\2", 0, 44, 0, 0, "", ANOMALY_NOT_DECODABLE },
        { "\0\4\1\2", 0, 20, 0, 0, "", ANOMALY_NOT_DECODABLE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rig *rig = rig_new("GET", "", NULL, (struct str){ 0 });
        char copy[sizeof(octets)];
        const struct message *message;
        struct str encoded;

        memcpy(copy, octets, sizeof(octets));
        memcpy(copy, rows[i].type, 4);
        encoded = base64_of(rig->arena, (struct str){ copy + rows[i].from, rows[i].length });
        rig->exchange.target =
            arena_printf(rig->arena, "/acs?RelayState=r&%s", form(rig->arena, "SAMLart", encoded).ptr);
        message = find_one(rig, NULL);
        assert_int_equal(message->artifact.present, rows[i].wanted_type != 0);
        assert_int_equal(message->artifact.type, rows[i].wanted_type);
        assert_int_equal(message->artifact.endpoint_index, rows[i].index);
        assert_true(str_eq_c(message->artifact.source, rows[i].source));
        assert_int_equal(message->binding, rows[i].wanted_type != 0 ? BINDING_ARTIFACT : BINDING_HTTP_REDIRECT);
        assert_true(rows[i].anomaly == ANOMALY_COUNT ? message->anomaly_count == 0
                                                     : has_anomaly(message, rows[i].anomaly));
        arena_free(rig->arena);
    }
}

/* Four places where a common browser extension shows nothing. */
static void
places_that_are_easily_missed(void **state)
{
    static const struct {
        const char *target, *type, *before, *after;
        enum decode_step step;
    } rows[] = {
        { "/acs", FORM "; charset=UTF-8", "SAMLResponse=", "", STEP_FORM },
        { "?SAMLResponse=", FORM, NULL, "", STEP_QUERY },
        { "/acs", "multipart/form-data; boundary=\"b\"",
          "--b\r\nContent-Disposition: form-data; name=\"SAMLResponse\"\r\n\r\n", "\r\n--b--\r\n", STEP_MULTIPART },
        { "/acs", "application/json;charset=utf-8", "{\"data\":{\"SAMLResponse\":\"", "\"}}", STEP_JSON },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rig *rig = rig_new("POST", rows[i].target, rows[i].type, STR(""));
        struct str value = base64_of(rig->arena, STR(RESPONSE));
        const struct message *message;

        if (rows[i].before == NULL)
            rig->exchange.target = arena_printf(rig->arena, "/acs%s%.*s", rows[i].target, STR_ARG(value));
        else
            rig->exchange.request_body.bytes =
                arena_printf(rig->arena, "%s%.*s%s", rows[i].before, STR_ARG(value), rows[i].after);
        message = find_one(rig, NULL);
        assert_int_equal(message->steps[0], rows[i].step);
        assert_true(str_eq_c(message->xml, RESPONSE));
        assert_true(str_eq_c(message->url, "https://sp.test/acs"));
        arena_free(rig->arena);
    }
}

static void
names_can_be_given(void **state)
{
    static const struct str names[] = { STR_INIT("tok"), STR_INIT("assertion[]") };
    static const struct saml_options options = { .param_names = names, .param_name_count = 2 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct rig *rig = rig_new("POST", "/acs", i == 0 ? FORM : NULL, STR(""));
        struct str body = form(rig->arena, names[i].ptr, base64_of(rig->arena, STR("<r/>")));
        const struct message *message;
        struct input input;

        rig->exchange.request_body.bytes = body;
        message = find_one(rig, &options);
        assert_true(str_eq(message->parameter, names[i]));
        assert_true(str_eq_c(message->xml, "<r/>"));
        assert_false(has_anomaly(message, ANOMALY_WRONG_FIELD_NAME));
        rig->messages.count = 0;
        assert_true(find_messages(rig->arena, &rig->exchange, NULL, &rig->messages));
        assert_int_equal(rig->messages.count, 0);
        assert_true(find_input(rig->arena, arena_printf(rig->arena, "a=b&%.*s", STR_ARG(body)), &options, &input));
        assert_int_equal(input.kind, INPUT_FORM);
        assert_int_equal(input.messages.count, 1);
        arena_free(rig->arena);
    }
}

/* --- what hides a page is said --- */

static struct str
gzip_of(struct arena *arena, const char *text)
{
    z_stream stream = { 0 };
    char *out = arena_alloc(arena, 4096);

    assert_non_null(out);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = (unsigned char *)out;
    stream.avail_out = 4096;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return (struct str){ out, stream.total_out };
}

static void
what_could_not_be_read_is_said(void **state)
{
    static const struct {
        const char *type, *coding;
        size_t drop; /* bytes off the end of the gzip stream */
        bool cut;
        const char *unread;
    } rows[] = {
        { "text/html", "gzip", 0, false, "" },
        { "text/html", "sdch", 0, false, "the page could not be read: content coding not supported: sdch" },
        { "text/html", "br", 0, false, "the page could not be read: content coding br: the data is damaged" },
        { "text/html", "gzip", 9, false,
          "the page could not be read to its end: content coding gzip: the data is damaged" },
        { "text/html", "gzip", 0, true, "the page could not be read to its end: only its beginning was kept" },
        { "image/png", "sdch", 0, false, "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rig *rig = rig_new("GET", "/", NULL, (struct str){ 0 });
        struct str page = gzip_of(rig->arena, "<html><p>hello hello hello hello hello</p></html>");

        page.len -= rows[i].drop;
        rig_answer(rig, rows[i].type, rows[i].coding, page);
        rig->exchange.response_body.cut = rows[i].cut;
        assert_true(find_messages(rig->arena, &rig->exchange, NULL, &rig->messages));
        if (!str_starts_c(rig->messages.unread, rows[i].unread) ||
            str_present(rig->messages.unread) != (rows[i].unread[0] != '\0'))
            fail_msg("row %zu: %.*s", i, STR_ARG(rig->messages.unread));
        arena_free(rig->arena);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_of_ws_federation),        cmocka_unit_test(page_of_ws_federation),
        cmocka_unit_test(browser_post_of_saml_1),         cmocka_unit_test(messages_in_envelopes),
        cmocka_unit_test(simple_sign_keeps_its_fields),   cmocka_unit_test(artifacts_are_taken_apart),
        cmocka_unit_test(places_that_are_easily_missed),  cmocka_unit_test(names_can_be_given),
        cmocka_unit_test(what_could_not_be_read_is_said),
    };
    const char *why;

    if (!saml_library_init(&why)) {
        print_error("%s\n", why);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
