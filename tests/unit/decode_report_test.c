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
#include "input_forms.h"
#include "saml_maker.h"

enum { ROOM = 4 << 20 };

static int
make_message_once(void **state)
{
    (void)state;
    return input_forms_init() ? 0 : -1;
}

static int
release(void **state)
{
    (void)state;
    input_forms_release();
    saml_maker_release();
    return 0;
}

/* --- reading them -------------------------------------------------------------------------------------- */

static struct decoded
find_with(struct arena *arena, struct str bytes, const char *name, const struct key_set *keys)
{
    const struct saml_options options = { .keys = keys };
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

static struct decoded
find_only(struct arena *arena, struct str bytes, const char *name)
{
    return find_with(arena, bytes, name, NULL);
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
    size_t count = 0;

    (void)state;
    for (const struct input_form *form; (form = input_form_at(count)) != NULL; count++) {
        struct arena *arena = arena_new(64 << 20);
        struct buf input, out;
        struct decoded decoded;
        char *facts;

        buf_init(&input, ROOM);
        buf_init(&out, ROOM);
        form->make(&input);
        decoded = find_only(arena, buf_str(&input), form->name);
        assert_string_equal(decoded.kind, input_kind_name(form->kind));
        assert_true(str_eq(decoded.message->xml, input_forms_xml()));
        decode_json(&out, arena, &decoded);
        assert_false(buf_failed(&out));
        facts = facts_alone(&out);
        if (first == NULL) {
            first = facts;
            assert_non_null(strstr(facts, "j\xc3\xb6rg@example.com"));
            assert_non_null(strstr(facts, "\"role\":\"keyinfo\""));
        } else {
            if (strcmp(facts, first) != 0)
                fail_msg("%s:\n%s\nnot\n%s", form->name, facts, first);
            free(facts);
        }
        buf_release(&out);
        buf_release(&input);
        arena_free(arena);
    }
    assert_true(count > 20);
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
    char *text = text_of(input_form_named("HAR")->make, &how), last_step[64];

    (void)state;
    assert_non_null(strstr(text, "message 1  saml:Response\n"));
    assert_non_null(
        strstr(text, "found in   body of the request, exchange 1: POST https://sp.example.com/acs (har)\n"));
    assert_non_null(strstr(text, "parameter  SAMLResponse\n"));
    assert_non_null(strstr(text, " \xe2\x86\x92 form field: "));
    snprintf(last_step, sizeof(last_step), " \xe2\x86\x92 base64: %zu\n", input_forms_xml().len);
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
    char *text = text_of(input_form_named("base64 in lines")->make, &how);

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
    char *text = text_of(input_form_named("base64")->make, &how);

    (void)state;
    assert_non_null(strstr(text, "<samlp:Response "));
    assert_null(strstr(text, "message 1"));
    assert_null(strstr(text, "certificate"));
    free(text);
}

/* An assertion: first nobody gave the key, then it is there. */
static void
says_what_was_encrypted(void **state)
{
    static const char template[] = "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
                                   "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r\" Version=\"2.0\" "
                                   "IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Assertion ID=\"_a\" Version=\"2.0\" "
                                   "IssueInstant=\"2026-01-01T00:00:00Z\"><?encrypt to=\"sp\" data=\"aes256-gcm\"?>"
                                   "<saml:Issuer>i</saml:Issuer></saml:Assertion></samlp:Response>";
    struct arena *arena = arena_new(64 << 20);
    struct buf made, out;
    struct decoded decoded;
    struct key_set *keys = key_set_new();
    const char *reason = NULL;
    char why[200] = "";

    (void)state;
    assert_true(key_set_add_decryption(keys, str_from(saml_maker_private_pem("sp")), (struct str){ 0 }, &reason));
    buf_init(&made, ROOM);
    buf_init(&out, ROOM);
    assert_true(saml_maker_fill(STR(template), &made, why, sizeof(why)));
    decoded = find_only(arena, buf_str(&made), "encrypted");
    decode_text(&out, arena, &decoded, NULL);
    assert_non_null(strstr(out.bytes, "\nencrypted\n  element  EncryptedAssertion\n"));
    assert_non_null(strstr(out.bytes, "#aes256-gcm\n"));
    assert_non_null(strstr(out.bytes, "not opened: give the service provider's private key with --decrypt-key\n"));
    assert_null(strstr(out.bytes, "decrypted"));
    buf_reset(&out);
    decoded = find_with(arena, buf_str(&made), "encrypted", keys);
    decode_text(&out, arena, &decoded, NULL);
    assert_non_null(strstr(out.bytes, "  result   opened\n"));
    assert_non_null(strstr(out.bytes, "\ndecrypted\n<?xml "));
    assert_non_null(strstr(out.bytes, "\n<saml:Assertion "));
    assert_non_null(strstr(out.bytes, "\n  <saml:Issuer>i</saml:Issuer>\n"));
    key_set_free(keys);
    buf_release(&out);
    buf_release(&made);
    arena_free(arena);
}

static void
tells_of_the_input(void **state)
{
    const struct decoded_input sound = { .name = STR("a.har"), .kind = "har", .exchanges = 2, .messages = 1 };
    struct decoded_input odd = sound;
    struct buf out;

    (void)state;
    assert_false(decoded_input_is_odd(&sound));
    odd.messages = 0;
    assert_true(decoded_input_is_odd(&odd));
    odd.problem = STR("cut off");
    odd.unread = 1;
    odd.first_unread = STR("exchange 2: the page could not be read");
    buf_init(&out, ROOM);
    decode_input_text(&out, &odd, &(struct reporter_options){ .width = 80 });
    assert_string_equal(out.bytes, "input  a.har\n  read as    har: 2 exchanges, 0 messages\n  problem    cut off\n"
                                   "  unread     1 body; exchange 2: the page could not be read\n\n");
    buf_reset(&out);
    decode_input_json(&out, &odd);
    assert_non_null(strstr(out.bytes, "\"type\":\"input\""));
    assert_non_null(strstr(out.bytes, "\"problem\":\"cut off\""));
    assert_non_null(strstr(out.bytes, "\"unread\":1"));
    buf_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_facts_in_all_forms),    cmocka_unit_test(tells_where_how_and_what),
        cmocka_unit_test(names_oddities_in_words),    cmocka_unit_test(quiet_is_the_document_alone),
        cmocka_unit_test(says_what_was_encrypted),    cmocka_unit_test(tells_of_the_input),
        cmocka_unit_test(says_who_is_on_either_side),
    };

    return cmocka_run_group_tests(tests, make_message_once, release);
}
