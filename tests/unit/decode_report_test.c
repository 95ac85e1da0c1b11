/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode_report.h"
#include "saml_maker.h"

enum { ROOM = 4 << 20 };

static const char response[] =
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
    "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r1\" Version=\"2.0\" "
    "IssueInstant=\"2026-01-01T00:00:00Z\" Destination=\"https://sp.example.com/acs\">"
    "<saml:Issuer>https://idp.example.com/</saml:Issuer><?sign key=\"idp\"?>"
    "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"
    "<saml:Assertion ID=\"_a1\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\">"
    "<saml:Issuer>https://idp.example.com/</saml:Issuer>"
    "<saml:Subject><saml:NameID>j\xc3\xb6rg@example.com</saml:NameID></saml:Subject>"
    "<saml:Conditions NotBefore=\"2026-01-01T00:00:00Z\" NotOnOrAfter=\"2026-01-01T00:05:00Z\">"
    "<saml:AudienceRestriction><saml:Audience>urn:example:sp</saml:Audience></saml:AudienceRestriction>"
    "</saml:Conditions><saml:AttributeStatement><saml:Attribute Name=\"mail\">"
    "<saml:AttributeValue>one@example.com!</saml:AttributeValue>"
    "<saml:AttributeValue>two@example.com</saml:AttributeValue></saml:Attribute>"
    "<saml:Attribute Name=\"a-longer-name\"><saml:AttributeValue>x</saml:AttributeValue></saml:Attribute>"
    "</saml:AttributeStatement></saml:Assertion></samlp:Response>";

static const char acs[] = "https://sp.example.com/acs";

static struct buf xml; /* the message, signed */

static int
make_message_once(void **state)
{
    char why[200] = "";

    (void)state;
    buf_init(&xml, ROOM);
    if (saml_maker_fill(str_from(response), &xml, why, sizeof(why)))
        return 0;
    print_error("%s\n", why);
    return -1;
}

static int
release(void **state)
{
    (void)state;
    buf_release(&xml);
    saml_maker_release();
    return 0;
}

/* --- the forms in which one message comes ------------------------------------------------------------ */

static void
as_xml(struct buf *out)
{
    buf_add_str(out, buf_str(&xml));
}

static void
as_base64(struct buf *out)
{
    saml_maker_base64(buf_str(&xml), out);
}

static void
as_wrapped_base64(struct buf *out)
{
    struct buf one;

    buf_init(&one, ROOM);
    as_base64(&one);
    for (size_t i = 0; i < one.len; i += 76) {
        buf_add_str(out, str_slice(buf_str(&one), i, 76));
        buf_add_c(out, "\r\n");
    }
    buf_release(&one);
}

static void
as_url(struct buf *out)
{
    buf_printf(out, "%s?", acs);
    saml_maker_query("SAMLResponse", buf_str(&xml), STR("state"), NULL, NULL, out);
}

static void
as_form(struct buf *out)
{
    saml_maker_form("SAMLResponse", buf_str(&xml), STR("state"), out);
}

static void
as_page(struct buf *out)
{
    saml_maker_page(acs, "SAMLResponse", buf_str(&xml), STR("state"), out);
}

static void
as_http(struct buf *out)
{
    struct buf form;

    buf_init(&form, ROOM);
    as_form(&form);
    buf_printf(out,
               "POST /acs HTTP/1.1\r\nHost: sp.example.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"
               "Content-Length: %zu\r\n\r\n",
               form.len);
    buf_add_str(out, buf_str(&form));
    buf_release(&form);
}

static void
add_json(struct buf *out, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);

    buf_add_c(out, text);
    free(text);
    json_decref(value);
}

static void
as_har(struct buf *out)
{
    struct buf form;

    buf_init(&form, ROOM);
    as_form(&form);
    add_json(out, json_pack("{s:{s:s, s:{s:s, s:s}, s:[{s:s, s:i, s:{s:s, s:s, s:s, s:[], s:[], s:{s:s, s:s%}}, "
                            "s:{s:i, s:s, s:s, s:[], s:{s:i, s:s, s:s}}}]}}",
                            "log", "version", "1.2", "creator", "name", "test", "version", "1", "entries",
                            "startedDateTime", "2026-01-01T00:00:01.000Z", "time", 5, "request", "method", "POST",
                            "url", acs, "httpVersion", "HTTP/1.1", "headers", "queryString", "postData", "mimeType",
                            "application/x-www-form-urlencoded", "text", form.bytes, form.len, "response", "status",
                            302, "statusText", "Found", "httpVersion", "HTTP/1.1", "headers", "content", "size", 0,
                            "mimeType", "text/html", "text", ""));
    buf_release(&form);
}

static void
as_saml_tracer(struct buf *out)
{
    struct buf value;

    buf_init(&value, ROOM);
    as_base64(&value);
    add_json(out,
             json_pack("{s:[{s:s, s:s, s:s, s:[], s:[[s, s%]], s:[], s:i}], s:s}", "requests", "method", "POST", "url",
                       acs, "protocol", "SAML-P", "requestHeaders", "post", "SAMLResponse", value.bytes, value.len,
                       "responseHeaders", "responseStatus", 200, "timestamp", "2026-01-01T00:00:00.000Z"));
    buf_release(&value);
}

struct form {
    const char *name;
    enum input_kind kind;
    void (*make)(struct buf *out);
};

static const struct form forms[] = {
    { "XML", INPUT_XML, as_xml },
    { "base64", INPUT_BASE64, as_base64 },
    { "base64 in lines", INPUT_BASE64, as_wrapped_base64 },
    { "URL", INPUT_URL, as_url },
    { "form", INPUT_FORM, as_form },
    { "page", INPUT_HTML, as_page },
    { "HTTP message", INPUT_HTTP, as_http },
    { "HAR", INPUT_HAR, as_har },
    { "SAML-tracer", INPUT_SAML_TRACER, as_saml_tracer },
};

/* --- reading them -------------------------------------------------------------------------------------- */

static struct decoded
find_only(struct arena *arena, struct str bytes, const char *name)
{
    static const struct saml_options options = { 0 };
    struct decoded decoded = { .number = 1, .input = STR("input") };
    struct input input;
    struct messages *messages = &input.messages;

    if (!find_input(arena, bytes, &options, &input))
        fail_msg("%s: %.*s", name, STR_ARG(input.problem));
    decoded.kind = input_kind_name(input.kind);
    if (input.exchange_count > 0) {
        assert_int_equal(input.exchange_count, 1);
        assert_true(find_messages(arena, &input.exchanges[0], &options, messages));
        decoded.exchange = &input.exchanges[0];
        decoded.exchange_number = 1;
    }
    if (messages->count != 1)
        fail_msg("%s: %zu messages", name, messages->count);
    decoded.message = &messages->items[0];
    return decoded;
}

/* The line without what tells where the message was and how it came. */
static char *
facts_alone(struct buf *out)
{
    static const char *const provenance[] = { "input",       "input_kind",  "place",     "n",     "binding",
                                              "url",         "steps",       "anomalies", "bytes", "parameter",
                                              "relay_state", "form_action", "found_at" };
    json_t *value = json_loadb(out->bytes, out->len, 0, NULL);
    char *text;

    assert_non_null(value);
    for (size_t i = 0; i < COUNT_OF(provenance); i++)
        json_object_del(value, provenance[i]);
    text = json_dumps(value, JSON_COMPACT);
    json_decref(value);
    return text;
}

static void
same_facts_in_all_forms(void **state)
{
    char *first = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct arena *arena = arena_new(64 << 20);
        struct buf input, out;
        struct decoded decoded;
        char *facts;

        buf_init(&input, ROOM);
        buf_init(&out, ROOM);
        forms[i].make(&input);
        decoded = find_only(arena, buf_str(&input), forms[i].name);
        assert_string_equal(decoded.kind, input_kind_name(forms[i].kind));
        assert_true(str_eq(decoded.message->xml, buf_str(&xml)));
        decode_json(&out, arena, &decoded);
        assert_false(buf_failed(&out));
        facts = facts_alone(&out);
        if (first == NULL) {
            first = facts;
            assert_non_null(strstr(facts, "j\xc3\xb6rg@example.com"));
            assert_non_null(strstr(facts, "\"role\":\"keyinfo\""));
        } else {
            assert_string_equal(facts, first);
            free(facts);
        }
        buf_release(&out);
        buf_release(&input);
        arena_free(arena);
    }
    free(first);
}

/* --- for people ---------------------------------------------------------------------------------------- */

static char *
text_of(void (*make)(struct buf *out), const struct reporter_options *how)
{
    struct arena *arena = arena_new(64 << 20);
    struct buf input, out;
    struct decoded decoded;
    char *text;

    buf_init(&input, ROOM);
    buf_init(&out, ROOM);
    make(&input);
    decoded = find_only(arena, buf_str(&input), "text");
    decode_text(&out, arena, &decoded, how);
    text = buf_detach(&out, NULL);
    buf_release(&input);
    arena_free(arena);
    return text;
}

static void
tells_where_how_and_what(void **state)
{
    static const struct reporter_options how = { .width = 80 };
    char *text = text_of(as_har, &how), last_step[64];

    (void)state;
    assert_non_null(strstr(text, "message 1  saml:Response\n"));
    assert_non_null(
        strstr(text, "found in   body of the request, exchange 1: POST https://sp.example.com/acs (har)\n"));
    assert_non_null(strstr(text, "parameter  SAMLResponse\n"));
    assert_non_null(strstr(text, " \xe2\x86\x92 form field: "));
    snprintf(last_step, sizeof(last_step), " \xe2\x86\x92 base64: %zu\n", xml.len);
    assert_non_null(strstr(text, last_step));
    assert_non_null(strstr(text, "\n  <saml:Issuer>https://idp.example.com/</saml:Issuer>\n"));
    assert_non_null(strstr(text, "\n  audience         urn:example:sp\n"));
    assert_non_null(strstr(text, "\n  not on or after  2026-01-01T00:05:00Z\n"));
    assert_non_null(strstr(text, "\n  mail           one@example.com!\n                 two@example.com\n"));
    assert_non_null(strstr(text, "\n  a-longer-name  x\n"));
    assert_non_null(strstr(text, "  valid         2025-01-01T00:00:00Z to 2035-01-01T00:00:00Z\n"));
    assert_non_null(strstr(text, "  key           RSA, 2048 bits\n"));
    assert_non_null(strstr(text, saml_maker_certificate_sha256("idp")));
    assert_null(strchr(text, '\x1b'));
    free(text);
}

static void
names_oddities_in_words(void **state)
{
    static const struct reporter_options how = { .width = 200 };
    char *text = text_of(as_wrapped_base64, &how);

    (void)state;
    assert_non_null(strstr(text, "odd        line breaks in the base64; most receivers skip them (base64-wrapped at "));
    free(text);
}

/* The message alone tells: nothing else is known here. */
static void
says_who_is_on_either_side(void **state)
{
    static const struct reporter_options how = { .width = 80 };
    struct saml_message saml = { .kind = MESSAGE_RESPONSE,
                                 .issuer.value.text = STR("https://id.example.com/realms/a") };
    struct message message = { .saml = &saml, .url = STR("https://example.auth.eu-west-1.amazoncognito.com/x") };
    struct decoded decoded = { .message = &message, .number = 1, .kind = "xml" };
    struct arena *arena = arena_new(1 << 20);
    struct buf out;

    (void)state;
    buf_init(&out, ROOM);
    decode_text(&out, arena, &decoded, &how);
    assert_non_null(strstr(out.bytes, "  IdP        looks like Keycloak, by its entity ID: https://id.example.com/"));
    assert_non_null(strstr(out.bytes, "  SP         Amazon Cognito, by its host name: example.auth.eu-west-1.ama"));
    buf_reset(&out);
    decode_json(&out, arena, &decoded);
    assert_non_null(strstr(out.bytes,
                           "\"idp_vendor\":{\"name\":\"keycloak\",\"title\":\"Keycloak\",\"certainty\":"
                           "\"looks-like\",\"by\":\"entity-id\",\"seen\":\"https://id.example.com/realms/a\"}"));
    message.url = STR("https://sp.example.com/acs");
    buf_reset(&out);
    decode_json(&out, arena, &decoded);
    assert_non_null(strstr(out.bytes, "\"sp_vendor\":null"));
    buf_release(&out);
    arena_free(arena);
}

static void
quiet_is_the_document_alone(void **state)
{
    static const struct reporter_options how = { .quiet = true };
    char *text = text_of(as_base64, &how);

    (void)state;
    assert_non_null(strstr(text, "<samlp:Response "));
    assert_null(strstr(text, "message 1"));
    assert_null(strstr(text, "certificate"));
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_facts_in_all_forms),     cmocka_unit_test(tells_where_how_and_what),
        cmocka_unit_test(names_oddities_in_words),     cmocka_unit_test(says_who_is_on_either_side),
        cmocka_unit_test(quiet_is_the_document_alone),
    };

    return cmocka_run_group_tests(tests, make_message_once, release);
}
