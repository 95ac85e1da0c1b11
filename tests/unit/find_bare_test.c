/* SPDX-License-Identifier: MIT */
/* Things that people paste alone: what they are taken for, and what is said of those that are no message. */
#include "find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base64.h"
#include "jwt_maker.h"
#include "oauth_types.h"
#include "saml_maker.h"
#include "scim_types.h"

#define CLAIMS "{\"iss\":\"https://idp.example.com\",\"aud\":\"app\",\"sub\":\"jane\",\"exp\":1800000000}"
#define AUTHORIZE                                                                                                      \
    "https://idp.example.com/authorize?response_type=code&client_id=app&redirect_uri=https%3A%2F%2Fapp.test%2Fcb"      \
    "&scope=openid&state=abc"
#define RESPONSE                                                                                                       \
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" Version=\"2.0\" "                  \
    "IssueInstant=\"2026-01-01T00:00:00Z\"/>"

static const struct saml_options options;

static struct str
token(struct arena *arena)
{
    return jwt_maker_sign(arena, "idp", "RS256", STR("{\"alg\":\"RS256\",\"kid\":\"idp\"}"), STR(CLAIMS));
}

static struct str
base64_of(struct arena *arena, struct str bytes)
{
    struct buf out;
    struct str text;

    buf_init(&out, 1 << 20);
    base64_encode(&out, bytes);
    text = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return text;
}

/* {T}: a signed token; {E}: one that is encrypted; {L}: a token in lines; {K}: a key set; {B}: RESPONSE in base64. */
static struct str
expand(struct arena *arena, const char *text)
{
    struct str out = STR("");

    for (; *text != '\0'; text++) {
        struct str piece = { text, 1 }, whole;

        if (text[0] == '{' && text[1] != '\0' && strchr("TELKB", text[1]) != NULL && text[2] == '}') {
            switch (text[1]) {
            case 'T':
                piece = token(arena);
                break;
            case 'E':
                piece = STR("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.QUJD.QUJD.QUJD.QUJD");
                break;
            case 'L':
                whole = token(arena);
                piece = arena_printf(arena, "%.*s\r\n%.*s", 60, whole.ptr, STR_ARG(str_from_offset(whole, 60)));
                break;
            case 'K':
                piece = jwt_maker_jwks(arena, STR("idp ec"));
                break;
            default:
                piece = base64_of(arena, STR(RESPONSE));
            }
            text += 2;
        }
        out = arena_printf(arena, "%.*s%.*s", STR_ARG(out), STR_ARG(piece));
    }
    return out;
}

struct row {
    const char *text;
    enum input_kind kind;
    const char *name; /* of the only message; INPUT_UNKNOWN: the beginning of the problem */
    const char *url;
};

static void
check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena *arena = arena_new(32 << 20);
        const struct message *message;
        struct input input;
        bool found = find_input(arena, expand(arena, rows[i].text), &options, &input);

        if (found != (rows[i].kind != INPUT_UNKNOWN) || input.kind != rows[i].kind)
            fail_msg("%s\nis %s (%.*s)", rows[i].text, input_kind_name(input.kind), STR_ARG(input.problem));
        if (!found && !str_starts_c(input.problem, rows[i].name))
            fail_msg("%s\nsays: %.*s", rows[i].text, STR_ARG(input.problem));
        if (found) {
            assert_int_equal(input.messages.count, 1);
            message = &input.messages.items[0];
            if (message_name(message) == NULL ? message->binding != BINDING_ARTIFACT || rows[i].name != NULL
                                              : strcmp(message_name(message), rows[i].name) != 0)
                fail_msg("%s\nholds %s", rows[i].text, message_name(message));
            if (!str_eq_c(message->url, rows[i].url != NULL ? rows[i].url : ""))
                fail_msg("%s\nis of %.*s", rows[i].text, STR_ARG(message->url));
        }
        arena_free(arena);
    }
}

static void
tokens(void **state)
{
    static const struct row rows[] = {
        { "{T}", INPUT_TOKEN, "oauth:token", NULL },
        { "\n  {T}\n", INPUT_TOKEN, "oauth:token", NULL },
        { "Bearer {T}", INPUT_TOKEN, "oauth:token", NULL },
        { "Authorization: bearer {T}\r\n", INPUT_TOKEN, "oauth:token", NULL },
        { "\"{T}\"", INPUT_TOKEN, "oauth:token", NULL },
        { "{L}", INPUT_TOKEN, "oauth:token", NULL },
        { "{E}", INPUT_TOKEN, "oauth:token", NULL },
        { "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0", INPUT_UNKNOWN,
          "looks like a JSON Web Token that is not complete: one has 3 parts", NULL },
    };

    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void
urls_and_forms(void **state)
{
    static const struct row rows[] = {
        { AUTHORIZE, INPUT_URL, "oauth:authorization-request", "https://idp.example.com/authorize" },
        { "response_type=code&client_id=app&scope=openid&state=abc", INPUT_FORM, "oauth:authorization-request", NULL },
        { "https://app.test/cb?code=abc&state=xyz", INPUT_URL, "oauth:authorization-response", "https://app.test/cb" },
        { "https://app.test/cb?code=abcdefghijklmnopqr", INPUT_URL, "oauth:authorization-response",
          "https://app.test/cb" },
        { "https://app.test/cb?code=abc", INPUT_UNKNOWN, "a URL without a message in it; samltap opens no URLs", NULL },
        { "https://app.test/cb#id_token={T}&state=xyz", INPUT_URL, "oauth:authorization-response",
          "https://app.test/cb" },
        { "https://app.test/cb#access_token=secret&token_type=Bearer", INPUT_URL, "oauth:authorization-response",
          "https://app.test/cb" },
        { "https://app.test/cb?error=access_denied&error_description=no+way&state=x", INPUT_URL,
          "oauth:authorization-response", "https://app.test/cb" },
        { "https://app.test/cb?error=access_denied", INPUT_URL, "oauth:authorization-response", "https://app.test/cb" },
        { "https://app.test/cb#error=of_its_own&error_description=no", INPUT_URL, "oauth:authorization-response",
          "https://app.test/cb" },
        { "com.example.app://cb?code=abc&state=xyz", INPUT_URL, "oauth:authorization-response",
          "com.example.app://cb" },
        { "?code=abc&state=xyz", INPUT_URL, "oauth:authorization-response", NULL },
        { "#error=login_required&state=xyz", INPUT_URL, "oauth:authorization-response", NULL },
        { "grant_type=authorization_code&code=abc&client_id=app", INPUT_FORM, "oauth:token-request", NULL },
        { "id_token={T}&state=xyz", INPUT_FORM, "oauth:authorization-response", NULL },
        { "https://adfs.test/adfs/ls/?wa=wsignin1.0&wtrealm=urn%3Aapp&wctx=c", INPUT_URL, "wsfed:sign-in-request",
          "https://adfs.test/adfs/ls/" },
        { "wa=wsignin1.0&wtrealm=urn%3Aapp", INPUT_FORM, "wsfed:sign-in-request", NULL },
        { "https://www.example.com/?page=2", INPUT_UNKNOWN, "a URL without a message in it", NULL },
        { "color=blue&size=9", INPUT_UNKNOWN, "text of 17 bytes without a message in it", NULL },
    };

    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

#define SCIM "\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:"
#define SCIM_API "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"

static void
json_documents(void **state)
{
    static const struct row rows[] = {
        { "{\"access_token\":\"x\",\"token_type\":\"Bearer\"}", INPUT_JSON, "oauth:token-response", NULL },
        { "{\"id_token\":\"{T}\"}", INPUT_JSON, "oauth:token-response", NULL },
        { "{\"error\":\"invalid_grant\"}", INPUT_JSON, "oauth:token-response", NULL },
        { "{\"error\":\"of_its_own\",\"error_description\":\"no\"}", INPUT_JSON, "oauth:token-response", NULL },
        { "{\"issuer\":\"https://idp.example.com\",\"jwks_uri\":\"https://idp.example.com/keys\"}", INPUT_JSON,
          "oauth:configuration", NULL },
        { "{K}", INPUT_JSON, "oauth:key-set", NULL },
        { "{" SCIM "User\"],\"userName\":\"jane\"}", INPUT_JSON, "scim:user", NULL },
        { "{" SCIM "Group\"],\"displayName\":\"Admins\",\"members\":[]}", INPUT_JSON, "scim:group", NULL },
        { "{" SCIM_API "PatchOp\"],\"Operations\":[{\"op\":\"add\"}]}", INPUT_JSON, "scim:patch", NULL },
        { "{" SCIM_API "ListResponse\"],\"totalResults\":0}", INPUT_JSON, "scim:list", NULL },
        { "{" SCIM_API "Error\"],\"status\":\"409\",\"scimType\":\"uniqueness\"}", INPUT_JSON, "scim:error", NULL },
        { "{\"SAMLResponse\": \"{B}\"}", INPUT_JSON, "saml:Response", NULL },
        { "{\"data\":{\"saml_response\": \"{B}\"}}", INPUT_JSON, "saml:Response", NULL },
        { "{\"name\":\"jane\"}", INPUT_UNKNOWN, "JSON, but neither a HAR file, nor", NULL },
        { "{\"schemas\":[\"urn:example:core:2.0:User\"]}", INPUT_UNKNOWN, "JSON, but neither a HAR file, nor", NULL },
        { "{\"error\":\"of_its_own\"}", INPUT_UNKNOWN, "JSON, but neither a HAR file, nor", NULL },
    };

    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void
artifacts(void **state)
{
    static const struct row rows[] = {
        { "AAQAAWFhYWFhYWFhYWFhYWFhYWFhYWFhYmJiYmJiYmJiYmJiYmJiYmJiYmI=", INPUT_ARTIFACT, NULL, NULL },
        { "AAQAAWFhYWFhYWFhYWFhYWFhYWFhYWFhYmJiYmJiYmJiYmJiYmJiYmJiYmI%3d\n", INPUT_ARTIFACT, NULL, NULL },
        { "AAFhYWFhYWFhYWFhYWFhYWFhYWFhYWJiYmJiYmJiYmJiYmJiYmJiYmJi", INPUT_ARTIFACT, NULL, NULL },
        /* One byte short; another type. */
        { "AAQAAWFhYWFhYWFhYWFhYWFhYWFhYWFhYmJiYmJiYmJiYmJiYmJiYmJiYg==", INPUT_UNKNOWN, "looks like base64, but",
          NULL },
        { "AAUAAWFhYWFhYWFhYWFhYWFhYWFhYWFhYmJiYmJiYmJiYmJiYmJiYmJiYmI=", INPUT_UNKNOWN, "looks like base64, but",
          NULL },
    };

    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static const struct message *
read_only(struct arena *arena, struct input *input, const char *text)
{
    assert_true(find_input(arena, expand(arena, text), &options, input));
    assert_int_equal(input->messages.count, 1);
    return &input->messages.items[0];
}

static void
facts(void **state)
{
    struct arena *arena = arena_new(32 << 20);
    const struct oauth_message *oauth;
    const struct scim_message *scim;
    struct input input;

    (void)state;
    oauth = read_only(arena, &input, "Bearer {T}")->oauth;
    assert_true(str_eq_c(oauth->id_token->claims.issuer, "https://idp.example.com"));
    oauth = read_only(arena, &input, "https://app.test/cb#error=of_its_own&error_description=no")->oauth;
    assert_true(oauth->in_fragment);
    assert_true(str_eq_c(oauth->error, "of_its_own"));
    oauth = read_only(arena, &input, "{K}")->oauth;
    assert_int_equal(oauth->key_count, 2);
    assert_true(str_eq_c(oauth->keys[0].id, "idp"));
    assert_int_equal(oauth->keys[0].bits, 2048);
    assert_true(str_eq_c(oauth->keys[1].type, "P-256"));
    assert_false(oauth->keys[1].is_private);
    oauth = read_only(arena, &input,
                      "{\"issuer\":\"https://i.test\",\"jwks_uri\":\"u\",\"scopes_supported\":[\"a\",\"b\"]}")
                ->oauth;
    assert_int_equal(oauth->member_count, 3);
    assert_true(str_eq_c(oauth->members[2].value, "a b"));
    scim = read_only(arena, &input, "{" SCIM_API "Error\"],\"status\":\"409\",\"scimType\":\"uniqueness\"}")->scim;
    assert_int_equal(scim->status, 409);
    assert_true(scim->answer_only);
    assert_true(str_eq_c(scim->error.type, "uniqueness"));
    scim = read_only(arena, &input, "{" SCIM "User\"],\"userName\":\"jane\"}")->scim;
    assert_true(str_eq_c(scim->user.user_name, "jane"));
    assert_false(scim->answer_only);
    arena_free(arena);
}

/* --- what is no message --------------------------------------------------------------------------------- */

static void
says_what_it_is(void **state)
{
    static const struct row rows[] = {
        { "hello world\n", INPUT_UNKNOWN, "text of 11 bytes without a message in it (accepted: XML, base64", NULL },
        { "\x89PNG\r\n\x1a\n....", INPUT_UNKNOWN, "looks like a PNG image", NULL },
        { "%PDF-1.4\n1 0 obj\n", INPUT_UNKNOWN, "looks like a PDF document", NULL },
        { "PK\x03\x04....", INPUT_UNKNOWN, "looks like a ZIP archive", NULL },
        { "-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----\n", INPUT_UNKNOWN,
          "looks like a private key (not shown): give it as --decrypt-key FILE", NULL },
        { "-----BEGIN CERTIFICATE REQUEST-----\n", INPUT_UNKNOWN, "looks like a certificate request", NULL },
        { "-----BEGIN CERTIFICATE-----\nMIIEvQ==\n", INPUT_UNKNOWN, "looks like a certificate: give it as --idp-cert",
          NULL },
        { "cmFuZG9tIHdvcmRzIHdpdGhvdXQgYW55IG1lYW5pbmc=", INPUT_UNKNOWN,
          "looks like base64, but no SAML message comes out of it: 32 bytes of text", NULL },
        { "\x01\x02\x03\x04", INPUT_UNKNOWN, "4 bytes of an unknown kind, the first are 01 02 03 04", NULL },
        { " \n", INPUT_UNKNOWN, "empty", NULL },
    };

    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

/* Copied not to its end, or not from its beginning. */
static void
pieces_of_base64(void **state)
{
    struct arena *arena = arena_new(32 << 20);
    struct str whole = base64_of(arena, STR("<r xmlns=\"urn:x\"><a>some text</a><b>and some more text</b></r>"));
    struct str response = base64_of(arena, STR(RESPONSE));
    const struct message *message;
    struct input input;

    (void)state;
    for (size_t from = 20; from < 28; from++) {
        assert_false(find_input(arena, str_from_offset(whole, from), &options, &input));
        if (!str_starts_c(input.problem, "looks like the middle or the end of XML in base64"))
            fail_msg("from %zu: %.*s", from, STR_ARG(input.problem));
    }
    for (size_t length = 100; length < 104; length++) {
        struct str told;

        assert_true(find_input(arena, str_slice(response, 0, length), &options, &input));
        message = &input.messages.items[0];
        told =
            arena_printf(arena, "the document element samlp:Response is never closed, the XML breaks off at byte %zu",
                         message->xml.len);
        assert_true(message->anomaly_count > 0);
        assert_int_equal(message->anomalies[message->anomaly_count - 1].id, ANOMALY_TRUNCATED);
        assert_true(str_eq(message->anomalies[message->anomaly_count - 1].detail, told));
    }
    arena_free(arena);
}

static void
keys_and_certificates_say_where_they_go(void **state)
{
    struct arena *arena = arena_new(32 << 20);
    struct str base64 = str_from(saml_maker_certificate_base64("idp")), der;
    struct base64_notes notes;
    struct input input;
    unsigned char *bytes = NULL;
    int len;

    (void)state;
    assert_true(base64_decode(arena, base64, &der, &notes));
    assert_false(find_input(arena, der, &options, &input));
    assert_true(str_starts_c(input.problem, "looks like a certificate in DER: give it as --idp-cert FILE"));
    assert_false(find_input(arena, base64, &options, &input));
    assert_true(str_starts_c(input.problem, "base64 of a certificate in DER: give it as --idp-cert FILE"));
    len = i2d_PrivateKey(saml_maker_key("idp"), &bytes);
    assert_true(len > 0);
    assert_false(find_input(arena, (struct str){ (char *)bytes, (size_t)len }, &options, &input));
    assert_true(str_starts_c(input.problem, "looks like a private key in DER (not shown): give it as --decrypt-key"));
    OPENSSL_free(bytes);
    arena_free(arena);
}

static int
release(void **state)
{
    (void)state;
    saml_maker_release();
    return 0;
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens),
        cmocka_unit_test(urls_and_forms),
        cmocka_unit_test(json_documents),
        cmocka_unit_test(artifacts),
        cmocka_unit_test(facts),
        cmocka_unit_test(says_what_it_is),
        cmocka_unit_test(pieces_of_base64),
        cmocka_unit_test(keys_and_certificates_say_where_they_go),
    };
    const char *why;

    if (!saml_library_init(&why))
        return 1;
    return cmocka_run_group_tests(tests, NULL, release);
}
