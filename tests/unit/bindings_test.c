/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "examine.h"
#include "find.h"
#include "saml_maker.h"

/* Every message in every binding (saml-verification 2.1), and what each binding must not take. */

#define URL "https://peer.test/endpoint"
#define NAMES                                                                                                          \
    " xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_id\" "  \
    "Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\""
#define ISSUER "<a:Issuer>https://from.test</a:Issuer>"
#define STATUS "<p:Status><p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></p:Status>"
#define NAME "<a:NameID>jdoe</a:NameID>"
#define ENVELOPE "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body>"

static const struct {
    enum message_kind kind;
    const char *xml;
    const char *parameter;
    const char *subject; /* NULL: it names nobody */
} kinds[] = {
    { MESSAGE_AUTHN_REQUEST, "<p:AuthnRequest" NAMES ">" ISSUER "</p:AuthnRequest>", "SAMLRequest", NULL },
    { MESSAGE_RESPONSE, "<p:Response" NAMES ">" ISSUER STATUS "</p:Response>", "SAMLResponse", NULL },
    { MESSAGE_LOGOUT_REQUEST, "<p:LogoutRequest" NAMES ">" ISSUER NAME "</p:LogoutRequest>", "SAMLRequest", NULL },
    { MESSAGE_LOGOUT_RESPONSE, "<p:LogoutResponse" NAMES ">" ISSUER STATUS "</p:LogoutResponse>", "SAMLResponse",
      NULL },
    { MESSAGE_MANAGE_NAME_ID_REQUEST,
      "<p:ManageNameIDRequest" NAMES ">" ISSUER NAME "<p:Terminate/></p:ManageNameIDRequest>", "SAMLRequest", "jdoe" },
    { MESSAGE_MANAGE_NAME_ID_RESPONSE, "<p:ManageNameIDResponse" NAMES ">" ISSUER STATUS "</p:ManageNameIDResponse>",
      "SAMLResponse", NULL },
    { MESSAGE_NAME_ID_MAPPING_REQUEST,
      "<p:NameIDMappingRequest" NAMES ">" ISSUER NAME "<p:NameIDPolicy/></p:NameIDMappingRequest>", "SAMLRequest",
      "jdoe" },
    { MESSAGE_NAME_ID_MAPPING_RESPONSE,
      "<p:NameIDMappingResponse" NAMES ">" ISSUER STATUS NAME "</p:NameIDMappingResponse>", "SAMLResponse", "jdoe" },
    { MESSAGE_ATTRIBUTE_QUERY,
      "<p:AttributeQuery" NAMES ">" ISSUER "<a:Subject>" NAME "</a:Subject></p:AttributeQuery>", "SAMLRequest",
      "jdoe" },
    { MESSAGE_AUTHN_QUERY, "<p:AuthnQuery" NAMES ">" ISSUER "<a:Subject>" NAME "</a:Subject></p:AuthnQuery>",
      "SAMLRequest", "jdoe" },
    { MESSAGE_ARTIFACT_RESOLVE,
      "<p:ArtifactResolve" NAMES ">" ISSUER "<p:Artifact>AAQ</p:Artifact></p:ArtifactResolve>", "SAMLRequest", NULL },
    { MESSAGE_ARTIFACT_RESPONSE, "<p:ArtifactResponse" NAMES ">" ISSUER STATUS "</p:ArtifactResponse>", "SAMLResponse",
      NULL },
};

static const struct way {
    const char *name;
    enum binding binding;
    bool in_response;
} ways[] = {
    { "redirect", BINDING_HTTP_REDIRECT, false },
    { "redirect in a POST's URL", BINDING_HTTP_REDIRECT, false },
    { "Location", BINDING_HTTP_REDIRECT, true },
    { "POST", BINDING_HTTP_POST, false },
    { "page", BINDING_FORM_PAGE, true },
    { "SimpleSign", BINDING_SIMPLE_SIGN, false },
    { "SOAP request", BINDING_SOAP, false },
    { "SOAP answer", BINDING_SOAP, true },
    { "PAOS request in an answer", BINDING_PAOS, true },
    { "PAOS answer in a request", BINDING_PAOS, false },
};

static void
set_type(struct exchange *exchange, const char *type)
{
    for (size_t i = 0; i < exchange->request_headers.count; i++)
        if (str_eq_nocase(exchange->request_headers.items[i].name, STR("Content-Type")))
            exchange->request_headers.items[i].value = str_from(type);
}

static struct exchange *
soap_exchange(struct arena *arena, const char *type, bool answer, struct str xml)
{
    struct str envelope = arena_printf(arena, ENVELOPE "%.*s</S:Body></S:Envelope>", STR_ARG(xml));
    struct exchange *exchange =
        saml_maker_exchange(arena, answer ? "GET" : "POST", URL, answer ? (struct str){ 0 } : envelope);

    if (answer)
        saml_maker_answer(arena, exchange, 200, type, envelope);
    else
        set_type(exchange, type);
    return exchange;
}

static struct exchange *
send_by(struct arena *arena, size_t way, const char *parameter, struct str xml)
{
    struct exchange *exchange = NULL;
    struct buf text;
    struct str url;

    buf_init(&text, 1 << 20);
    if (way <= 2) {
        saml_maker_query(parameter, xml, STR("state"), NULL, NULL, &text);
        url = arena_printf(arena, URL "?%.*s", STR_ARG(buf_str(&text)));
        exchange = saml_maker_exchange(arena, way == 1 ? "POST" : "GET", way == 2 ? "https://x.test/" : url.ptr,
                                       way == 1 ? STR("other=1") : (struct str){ 0 });
        if (way == 2) {
            saml_maker_answer(arena, exchange, 302, NULL, STR(""));
            saml_maker_answer_header(arena, exchange, "Location", url.ptr);
        }
    } else if (way == 3 || way == 5) {
        saml_maker_form(parameter, xml, STR("state"), &text);
        if (way == 5)
            buf_add_c(&text, "&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256&Signature=AAAA");
        exchange = saml_maker_exchange(arena, "POST", URL, buf_str(&text));
    } else if (way == 4) {
        saml_maker_page(URL, parameter, xml, STR("state"), &text);
        exchange = saml_maker_exchange(arena, "GET", "https://x.test/", (struct str){ 0 });
        saml_maker_answer(arena, exchange, 200, "text/html", buf_str(&text));
    } else {
        exchange = soap_exchange(arena, way >= 8 ? "application/vnd.paos+xml" : "text/xml", way == 7 || way == 8, xml);
    }
    buf_release(&text);
    return exchange;
}

static void
every_message_in_every_binding(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT_OF(kinds); k++)
        for (size_t w = 0; w < COUNT_OF(ways); w++) {
            struct arena *arena = arena_new(16 << 20);
            struct exchange *exchange = send_by(arena, w, kinds[k].parameter, str_from(kinds[k].xml));
            struct messages messages = { 0 };
            const struct message *message = NULL;

            assert_true(find_messages(arena, exchange, NULL, &messages));
            if (messages.count == 1)
                message = &messages.items[0];
            if (message == NULL || message->saml == NULL || message->saml->kind != kinds[k].kind ||
                message->binding != ways[w].binding || message->in_response != ways[w].in_response)
                fail_msg("%s by %s: %zu messages, %s, %s", message_kind_name(kinds[k].kind), ways[w].name,
                         messages.count, message != NULL && message_name(message) ? message_name(message) : "-",
                         message != NULL ? binding_name(message->binding) : "-");
            assert_int_equal(message->anomaly_count, 0);
            assert_true(str_eq_c(message->saml->id.text, "_id"));
            assert_true(str_eq_c(message->saml->issuer.value.text, "https://from.test"));
            assert_true(str_eq_c(message->saml->request.subject_name_id.value.text,
                                 kinds[k].subject != NULL ? kinds[k].subject : ""));
            assert_int_equal(message->saml->soap.present, w >= 6);
            if (w < 6) {
                assert_true(str_eq_c(message->url, URL));
                assert_true(str_eq_c(message->relay_state, "state"));
            }
            arena_free(arena);
        }
}

/* The right message in the wrong clothes: it is shown, and what is wrong is said. */
static void
wrong_dress_is_noted(void **state)
{
    static const struct {
        const char *method, *query, *body, *type;
        size_t messages;
        enum anomaly_id anomaly; /* ANOMALY_COUNT: none */
    } rows[] = {
        { "GET", "SAMLRequest=PHA6eCB4bWxuczpwPSJ1cm46b2FzaXM6bmFtZXM6dGM6U0FNTDoyLjA6cHJvdG9jb2wiLz4%3D", "", NULL, 1,
          ANOMALY_NOT_DEFLATED },
        { "POST", "", "SAMLResponse=s7EpsFLIzcksLslMBgA%3D", "application/x-www-form-urlencoded", 1, ANOMALY_COUNT },
        { "GET", "samlrequest=PHA6eC8%2B", "", NULL, 1, ANOMALY_WRONG_FIELD_NAME },
        { "GET", "SAMLart=AAQAAA%3D%3D", "", NULL, 1, ANOMALY_NOT_DECODABLE },
        { "GET", "RelayState=x", "", NULL, 0, ANOMALY_COUNT },
        { "POST", "", ENVELOPE "<x/></S:Body></S:Envelope>", "text/xml", 0, ANOMALY_COUNT },
        { "POST", "", "<html/>", "text/xml", 0, ANOMALY_COUNT },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(16 << 20);
        struct str url = arena_printf(arena, URL "%s%s", rows[i].query[0] != '\0' ? "?" : "", rows[i].query);
        struct exchange *exchange = saml_maker_exchange(arena, rows[i].method, url.ptr, str_from(rows[i].body));
        struct messages messages = { 0 };
        bool noted = rows[i].anomaly == ANOMALY_COUNT;

        if (rows[i].type != NULL)
            set_type(exchange, rows[i].type);
        assert_true(find_messages(arena, exchange, NULL, &messages));
        for (size_t k = 0; messages.count > 0 && k < messages.items[0].anomaly_count; k++)
            noted = noted || messages.items[0].anomalies[k].id == rows[i].anomaly;
        if (messages.count != rows[i].messages || !noted)
            fail_msg("row %zu: %zu messages, the oddity is %snoted", i, messages.count, noted ? "" : "not ");
        arena_free(arena);
    }
}

static void
artifacts_by_get_and_by_form(void **state)
{
    static const char artifact[] =
        "SAMLart=AAQAAQEBAQEBAQEBAQEBAQEBAQEBAQEBAgICAgICAgICAgICAgICAgICAgI%3D&RelayState=s";

    (void)state;
    for (int post = 0; post < 2; post++) {
        struct arena *arena = arena_new(1 << 20);
        struct exchange *exchange = saml_maker_exchange(
            arena, post ? "POST" : "GET", arena_printf(arena, URL "%s%s", post ? "" : "?", post ? "" : artifact).ptr,
            post ? str_from(artifact) : (struct str){ 0 });
        struct messages messages = { 0 };

        assert_true(find_messages(arena, exchange, NULL, &messages));
        assert_int_equal(messages.count, 1);
        assert_int_equal(messages.items[0].binding, BINDING_ARTIFACT);
        assert_int_equal(messages.items[0].artifact.type, 4);
        assert_int_equal(messages.items[0].artifact.endpoint_index, 1);
        assert_int_equal(messages.items[0].artifact.source.len, 20);
        assert_true(str_eq_c(messages.items[0].relay_state, "s"));
        arena_free(arena);
    }
}

/* --- what stands around a message ------------------------------------------------------------------- */

#define NEXT " S:mustUnderstand=\"1\" S:actor=\"http://schemas.xmlsoap.org/soap/actor/next\""

static void
headers_of_ecp_are_facts(void **state)
{
    static const char xml[] =
        "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Header><q:Request "
        "xmlns:q=\"urn:liberty:paos:2003-08\" responseConsumerURL=\"https://sp.test/ecp\" messageID=\"m\" "
        "service=\"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp\"" NEXT "/><e:Request "
        "xmlns:e=\"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp\" ProviderName=\"Shop\" IsPassive=\"0\"" NEXT
        "><a:Issuer xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\">https://sp.test</a:Issuer><p:IDPList "
        "xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\"><p:IDPEntry ProviderID=\"https://one.test\"/><p:IDPEntry "
        "ProviderID=\"https://two.test\"/></p:IDPList></e:Request><e:RelayState "
        "xmlns:e=\"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp\">state</e:RelayState></S:Header><S:Body>"
        "<p:AuthnRequest" NAMES "/></S:Body></S:Envelope>";
    struct arena *arena = arena_new(1 << 20);
    struct xml_status status;
    const struct saml_message *message = saml_read(arena, STR(xml), NULL, &status);
    const struct saml_soap *soap = &message->soap;

    (void)state;
    assert_int_equal(message->kind, MESSAGE_AUTHN_REQUEST);
    assert_true(soap->present);
    assert_true(str_eq_c(soap->response_consumer_url.text, "https://sp.test/ecp"));
    assert_true(str_eq_c(soap->message_id.text, "m"));
    assert_true(str_eq_c(soap->service.text, "urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"));
    assert_true(str_eq_c(soap->provider_name.text, "Shop"));
    assert_true(str_eq_c(soap->is_passive.text, "0"));
    assert_true(str_eq_c(soap->issuer.text, "https://sp.test"));
    assert_int_equal(soap->provider_count, 2);
    assert_true(str_eq_c(soap->providers[1].text, "https://two.test"));
    assert_true(str_eq_c(soap->relay_state.text, "state"));
    assert_true(str_eq_c(soap->blocks[ECP_PAOS_REQUEST].must_understand.text, "1"));
    assert_false(str_present(soap->blocks[ECP_RELAY_STATE].actor.text));
    assert_int_equal(soap->blocks[ECP_RESPONSE].where.element, 0);
    arena_free(arena);
}

static void
faults_answer_messages(void **state)
{
    static const char *const faults[] = {
        "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body><S:Fault><faultcode>S:Client"
        "</faultcode><faultstring>no such artifact</faultstring></S:Fault></S:Body></S:Envelope>",
        "<S:Envelope xmlns:S=\"http://www.w3.org/2003/05/soap-envelope\"><S:Body><S:Fault><S:Code><S:Value>S:Sender"
        "</S:Value><S:Subcode><S:Value>S:Client</S:Value></S:Subcode></S:Code><S:Reason><S:Text xml:lang=\"en\">no "
        "such "
        "artifact</S:Text></S:Reason></S:Fault></S:Body></S:Envelope>",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct exchange *exchange = soap_exchange(arena, "text/xml", false, str_from(kinds[10].xml));
        struct exchange *alone = saml_maker_exchange(arena, "POST", URL, STR("x=1"));
        struct messages messages = { 0 }, nothing = { 0 };

        saml_maker_answer(arena, exchange, 500, "text/xml", str_from(faults[i]));
        saml_maker_answer(arena, alone, 500, "text/xml", str_from(faults[i]));
        assert_true(find_messages(arena, exchange, NULL, &messages));
        assert_int_equal(messages.count, 2);
        assert_int_equal(messages.items[1].saml->kind, MESSAGE_SOAP_FAULT);
        assert_true(str_eq_c(messages.items[1].saml->soap.fault_code.text, "S:Client"));
        assert_true(str_eq_c(messages.items[1].saml->soap.fault_text.text, "no such artifact"));
        /* A fault of some other service is nobody's business. */
        assert_true(find_messages(arena, alone, NULL, &nothing));
        assert_int_equal(nothing.count, 0);
        arena_free(arena);
    }
}

/* --- a sign-in of an enhanced client ------------------------------------------------------------------ */

#define ECP "urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"
#define HEADERS "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Header>"
#define BLOCK(name, space, rest) "<b:" name " xmlns:b=\"" space "\"" NEXT rest
#define ASKS                                                                                                           \
    HEADERS BLOCK("Request", "urn:liberty:paos:2003-08",                                                               \
                  " responseConsumerURL=\"https://sp.test/ecp\" messageID=\"m1\" service=\"" ECP "\"/>")               \
        BLOCK("RelayState", ECP, ">state</b:RelayState>") "</S:Header><S:Body><p:AuthnRequest" NAMES                   \
                                                          "/></S:Body></S:Envelope>"
#define RESPONSE "<p:Response" NAMES " InResponseTo=\"_id\">" ISSUER STATUS "</p:Response></S:Body></S:Envelope>"
#define GRANTS(url)                                                                                                    \
    HEADERS BLOCK("Response", ECP, " AssertionConsumerServiceURL=\"" url "\"/>") "</S:Header><S:Body>" RESPONSE
#define BRINGS(state, reference)                                                                                       \
    HEADERS BLOCK("Response", "urn:liberty:paos:2003-08", " refToMessageID=\"" reference "\"/>")                       \
        BLOCK("RelayState", ECP, ">" state "</b:RelayState>") "</S:Header><S:Body>" RESPONSE

static bool
finds(const struct report *report, const char *id)
{
    for (size_t i = 0; i < report->findings.count; i++)
        if (strcmp(report->findings.items[i]->check->id, id) == 0)
            return true;
    return false;
}

static void
answers_of_ecp_fit_their_requests(void **state)
{
    static const struct {
        const char *granted, *brought;
        const char *id; /* NULL: none of these */
        bool at_service_provider;
    } rows[] = {
        { GRANTS("https://sp.test/ecp"), BRINGS("state", "m1"), NULL, true },
        { GRANTS("https://sp.test/ECP"), BRINGS("state", "m1"), "ecp-consumer-url-mismatch", false },
        { ENVELOPE RESPONSE, BRINGS("state", "m1"), "ecp-response-missing", false },
        { GRANTS("https://sp.test/ecp"), BRINGS("State", "m1"), "ecp-relaystate-altered", true },
        { GRANTS("https://sp.test/ecp"), BRINGS("state", "m2"), "ecp-message-id-mismatch", true },
    };
    static const struct settings settings = { .clock_skew_s = 180 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(4 << 20);
        struct signin_table *table = signin_table_new(&settings);
        struct exchange *exchanges[] = {
            saml_maker_exchange(arena, "GET", "https://sp.test/", (struct str){ 0 }),
            saml_maker_exchange(arena, "POST", "https://idp.test/ecp",
                                STR(ENVELOPE "<p:AuthnRequest" NAMES "/></S:Body></S:Envelope>")),
            saml_maker_exchange(arena, "POST", "https://sp.test/ecp", str_from(rows[i].brought)),
        };
        struct report *reports[3];
        static const char *const ids[] = { "ecp-consumer-url-mismatch", "ecp-response-missing",
                                           "ecp-relaystate-altered", "ecp-message-id-mismatch" };

        saml_maker_answer(arena, exchanges[0], 200, "application/vnd.paos+xml", STR(ASKS));
        set_type(exchanges[1], "text/xml");
        saml_maker_answer(arena, exchanges[1], 200, "text/xml", str_from(rows[i].granted));
        set_type(exchanges[2], "application/vnd.paos+xml");
        for (size_t k = 0; k < 3; k++) {
            reports[k] = examine_exchange(&settings, table, exchanges[k], STR("test"));
            assert_non_null(reports[k]);
        }
        for (size_t n = 0; n < COUNT_OF(ids); n++) {
            bool wanted = rows[i].id != NULL && strcmp(rows[i].id, ids[n]) == 0;

            if (finds(reports[rows[i].at_service_provider ? 2 : 1], ids[n]) != wanted)
                fail_msg("row %zu: %s %s", i, ids[n], wanted ? "is missing" : "is not true");
        }
        assert_false(finds(reports[2], "ecp-header-flags"));
        for (size_t k = 0; k < 3; k++)
            report_release(reports[k]);
        signin_table_free(table);
        arena_free(arena);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_in_every_binding), cmocka_unit_test(wrong_dress_is_noted),
        cmocka_unit_test(artifacts_by_get_and_by_form),   cmocka_unit_test(headers_of_ecp_are_facts),
        cmocka_unit_test(faults_answer_messages),         cmocka_unit_test(answers_of_ecp_fit_their_requests),
    };
    const char *why;

    if (!saml_library_init(&why)) {
        print_error("%s\n", why);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
