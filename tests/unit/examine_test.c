/* SPDX-License-Identifier: MIT */
/* The pipeline from bytes to verdict, with the real decoder and the registered checks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "examination.h"
#include "saml_maker.h"

#define IDP "https://idp.example.com/metadata"
#define SP "https://sp.example.com/metadata"
#define ACS "https://sp.example.com/acs"
#define NOW "2026-01-01T00:01:00Z"

/* %s: whose key signs, the audience. */
#define RESPONSE(key, audience, request)                                                                               \
    "<samlp:Response xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol'"                                               \
    " xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion' ID='_p1' Version='2.0' IssueInstant='2026-01-01T00:00:30Z'"   \
    " Destination='" ACS "'" request "><saml:Issuer>" IDP "</saml:Issuer><samlp:Status><samlp:StatusCode"              \
    " Value='urn:oasis:names:tc:SAML:2.0:status:Success'/></samlp:Status><saml:Assertion ID='_a1' Version='2.0'"       \
    " IssueInstant='2026-01-01T00:00:30Z'><saml:Issuer>" IDP "</saml:Issuer><?sign key=\"" key "\"?><saml:Subject>"    \
    "<saml:NameID Format='urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'>jdoe@example.com</saml:NameID>"      \
    "<saml:SubjectConfirmation Method='urn:oasis:names:tc:SAML:2.0:cm:bearer'><saml:SubjectConfirmationData"           \
    " NotOnOrAfter='2026-01-01T00:05:30Z' Recipient='" ACS "'" request "/></saml:SubjectConfirmation></saml:Subject>"  \
    "<saml:Conditions NotBefore='2026-01-01T00:00:00Z' NotOnOrAfter='2026-01-01T00:05:30Z'>"                           \
    "<saml:AudienceRestriction><saml:Audience>" audience "</saml:Audience></saml:AudienceRestriction>"                 \
    "</saml:Conditions><saml:AuthnStatement AuthnInstant='2026-01-01T00:00:20Z' "                                      \
    "SessionIndex='_s1'><saml:AuthnContext>"                                                                           \
    "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"                     \
    "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement></saml:Assertion></samlp:Response>"

#define SOUND RESPONSE("idp", SP, "")
#define SOLICITED RESPONSE("idp", SP, " InResponseTo='_r1'")

static const char request_xml[] =
    "<samlp:AuthnRequest xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol'"
    " xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion' ID='_r1' Version='2.0'"
    " IssueInstant='2026-01-01T00:00:00Z' Destination='https://idp.example.com/sso'"
    " AssertionConsumerServiceURL='" ACS "'><saml:Issuer>" SP "</saml:Issuer></samlp:AuthnRequest>";

struct world {
    struct arena *arena;
    struct settings settings;
};

static void
world_init(struct world *world, bool with_key)
{
    struct xstime now;
    const char *why;

    *world = (struct world){ .arena = arena_new(16 << 20) };
    world->settings.keys = key_set_new();
    assert_non_null(world->settings.keys);
    if (with_key)
        assert_int_equal(key_set_add_trusted(world->settings.keys, str_from(saml_maker_certificate_pem("idp")),
                                             STR("idp.pem"), (struct str){ 0 }, &why),
                         1);
    world->settings.idp_entity_id = STR(IDP);
    world->settings.sp_entity_id = STR(SP);
    world->settings.acs_url = STR(ACS);
    world->settings.clock_skew_s = 180;
    assert_true(xstime_parse(STR(NOW), &now));
    world->settings.has_now = true;
    world->settings.now_ms = now.ms;
}

static void
world_release(struct world *world)
{
    key_set_free(world->settings.keys);
    arena_free(world->arena);
}

static struct str
filled(struct world *world, const char *template)
{
    struct buf out;
    struct str xml;
    char why[200];

    buf_init(&out, 1 << 20);
    if (!saml_maker_fill(str_from(template), &out, why, sizeof(why)))
        fail_msg("%s", why);
    xml = arena_copy(world->arena, buf_str(&out));
    buf_release(&out);
    return xml;
}

/* Examines bytes that hold one thing. */
static struct report *
only_report(struct world *world, struct str bytes)
{
    struct report **reports, *report;
    struct arena *keep;
    struct str problem;
    size_t count;

    reports = examine_input(&world->settings, NULL, bytes, STR("input"), &count, &keep, &problem);
    if (count != 1)
        fail_msg("%zu reports, %.*s", count, STR_ARG(problem));
    report = reports[0];
    free(reports);
    arena_free(keep);
    return report;
}

static bool
has_finding(const struct report *report, const char *id)
{
    for (size_t i = 0; i < report->findings.count; i++)
        if (strcmp(report->findings.items[i]->check->id, id) == 0)
            return true;
    return false;
}

static void
verdict_is(const struct report *report, enum verdict verdict)
{
    if (report->verdict == verdict)
        return;
    for (size_t i = 0; i < report->findings.count; i++)
        print_message("%s %s\n", severity_name(report->findings.items[i]->severity),
                      report->findings.items[i]->check->id);
    fail_msg("%s: %.*s", verdict_name(report->verdict), STR_ARG(report->summary));
}

static void
a_sound_message_passes(void **state)
{
    struct world world;
    struct report *report;

    (void)state;
    world_init(&world, true);
    report = only_report(&world, filled(&world, SOUND));
    verdict_is(report, VERDICT_PASS);
    assert_int_equal(report->principal, 0);
    assert_string_equal(report->context.now_source, "--now");
    report_release(report);
    world_release(&world);
}

static void
without_a_key_it_stays_undecided(void **state)
{
    struct world world;
    struct report *report;

    (void)state;
    world_init(&world, false);
    report = only_report(&world, filled(&world, SOUND));
    verdict_is(report, VERDICT_UNDECIDED);
    assert_true(str_find_c(report->summary, "signer not authenticated") != SIZE_MAX);
    report_release(report);
    world_release(&world);
}

static void
faults_fail(void **state)
{
    static const char *const faulty[] = {
        RESPONSE("other", SP, ""),
        RESPONSE("idp", "https://else.test", ""),
    };
    struct world world;

    (void)state;
    world_init(&world, true);
    for (size_t i = 0; i < COUNT_OF(faulty); i++) {
        struct report *report = only_report(&world, filled(&world, faulty[i]));

        verdict_is(report, VERDICT_FAIL);
        assert_int_equal(report->findings.items[0]->rank, 1);
        report_release(report);
    }
    world_release(&world);
}

static void
an_exchange_tells_like_a_file(void **state)
{
    struct world world;
    struct exchange *exchange;
    struct report *report;

    (void)state;
    world_init(&world, true);
    exchange = saml_maker_post(world.arena, ACS, "SAMLResponse", filled(&world, SOUND), STR("state"));
    saml_maker_answer(world.arena, exchange, 302, NULL, (struct str){ 0 });
    saml_maker_answer_header(world.arena, exchange, "Location", "/home");
    report = examine_exchange(&world.settings, NULL, exchange, STR("connection 7"));
    assert_non_null(report);
    verdict_is(report, VERDICT_PASS);
    assert_non_null(report->signin);
    assert_int_equal(report->signin->outcome, OUTCOME_SIGNED_IN);
    assert_true(str_eq_c(report->signin->user, "jdoe@example.com"));
    report_release(report);
    world_release(&world);
}

static void
overrides_change_severity_but_not_of_fixed_checks(void **state)
{
    struct severity_override override = { .severity = SEVERITY_INFO };
    struct world world;
    struct report *report;
    struct str xml;
    const struct check *lowered, *kept;

    (void)state;
    world_init(&world, true);
    xml = filled(&world, RESPONSE("idp", "https://else.test", ""));
    report = only_report(&world, xml);
    lowered = report->findings.items[0]->check;
    assert_false(lowered->fixed);
    report_release(report);
    override.id = str_from(lowered->id);
    world.settings.overrides = &override;
    world.settings.override_count = 1;
    report = only_report(&world, xml);
    for (size_t i = 0; i < report->findings.count; i++)
        if (report->findings.items[i]->check == lowered)
            assert_int_equal(report->findings.items[i]->severity, SEVERITY_INFO);
    assert_true(has_finding(report, lowered->id));
    report_release(report);

    xml = filled(&world, RESPONSE("other", SP, ""));
    override.id = STR("none");
    report = only_report(&world, xml);
    kept = report->findings.items[0]->check;
    report_release(report);
    override.id = str_from(kept->id);
    report = only_report(&world, xml);
    for (size_t i = 0; i < report->findings.count; i++)
        if (report->findings.items[i]->check == kept)
            assert_int_equal(report->findings.items[i]->severity, kept->fixed ? SEVERITY_ERROR : SEVERITY_INFO);
    report_release(report);
    world_release(&world);
}

/* One HAR entry; body may be absent. */
static void
add_entry(json_t *entries, const char *at, const char *method, const char *url, struct str posted, int status,
          const char *location, const char *type, struct str body)
{
    json_t *request = json_pack("{s:s, s:s, s:s, s:[], s:[]}", "method", method, "url", url, "httpVersion", "HTTP/1.1",
                                "headers", "queryString");
    json_t *response = json_pack("{s:i, s:s, s:s, s:s, s:[]}", "status", status, "statusText", "", "httpVersion",
                                 "HTTP/1.1", "redirectURL", location != NULL ? location : "", "headers");

    if (posted.len > 0)
        json_object_set_new(
            request, "postData",
            json_pack("{s:s, s:s%}", "mimeType", "application/x-www-form-urlencoded", "text", posted.ptr, posted.len));
    if (location != NULL)
        json_array_append_new(json_object_get(response, "headers"),
                              json_pack("{s:s, s:s}", "name", "Location", "value", location));
    if (type != NULL)
        json_array_append_new(json_object_get(response, "headers"),
                              json_pack("{s:s, s:s}", "name", "Content-Type", "value", type));
    json_object_set_new(response, "content",
                        json_pack("{s:s, s:s%}", "mimeType", type != NULL ? type : "text/html", "text",
                                  body.ptr != NULL ? body.ptr : "", body.len));
    json_array_append_new(entries, json_pack("{s:s, s:i, s:o, s:o}", "startedDateTime", at, "time", 10, "request",
                                             request, "response", response));
}

/* The service provider sends the browser off, the page comes back, the browser posts it. */
static char *
recording(struct world *world)
{
    json_t *entries = json_array(), *har;
    struct buf query, page, form, redirect;
    char *text;

    buf_init(&query, 1 << 20);
    buf_init(&page, 1 << 20);
    buf_init(&form, 1 << 20);
    buf_init(&redirect, 1 << 20);
    saml_maker_query("SAMLRequest", str_from(request_xml), STR("state"), NULL, NULL, &query);
    buf_printf(&redirect, "https://idp.example.com/sso?%s", query.bytes);
    saml_maker_page(ACS, "SAMLResponse", filled(world, SOLICITED), STR("state"), &page);
    saml_maker_form("SAMLResponse", filled(world, SOLICITED), STR("state"), &form);
    add_entry(entries, "2026-01-01T00:00:00Z", "GET", "https://sp.example.com/", (struct str){ 0 }, 302, redirect.bytes,
              NULL, (struct str){ 0 });
    add_entry(entries, "2026-01-01T00:00:01Z", "GET", "https://idp.example.com/logo.png", (struct str){ 0 }, 200, NULL,
              "image/png", STR("png"));
    add_entry(entries, "2026-01-01T00:00:40Z", "GET", redirect.bytes, (struct str){ 0 }, 200, NULL, "text/html",
              buf_str(&page));
    add_entry(entries, "2026-01-01T00:00:45Z", "POST", ACS, buf_str(&form), 403, NULL, "text/html",
              STR("<h1>Forbidden for some reason</h1>"));
    har = json_pack("{s:{s:s, s:{s:s, s:s}, s:o}}", "log", "version", "1.2", "creator", "name", "test", "version", "1",
                    "entries", entries);
    text = json_dumps(har, 0);
    json_decref(har);
    buf_release(&query);
    buf_release(&page);
    buf_release(&form);
    buf_release(&redirect);
    return text;
}

static void
a_recording_becomes_one_signin(void **state)
{
    const struct exchange *exchange;
    struct report *report;
    struct world world;
    char *har;

    (void)state;
    world_init(&world, true);
    har = recording(&world);
    report = only_report(&world, str_from(har));
    assert_non_null(report->signin);
    assert_int_equal(report->signin->outcome, OUTCOME_REFUSED);
    assert_true(str_eq_c(report->signin->quote, "Forbidden for some reason"));
    assert_true(str_eq_c(report->signin->request_id, "_r1"));
    assert_true(str_eq_c(report->context.request_id.text, "_r1"));
    assert_string_equal(report->context.request_id.source, "the AuthnRequest of this sign-in");
    /* The request stands behind the report's own messages. */
    assert_int_equal(report->messages.count, 1);
    assert_int_equal(report_message(report, 2, &exchange)->saml->kind, MESSAGE_AUTHN_REQUEST);
    assert_true(str_eq_c(exchange->host, "sp.example.com"));
    assert_null(report_message(report, 3, NULL));
    assert_null(report_message(report, 0, NULL));
    /* Refused although nothing was wrong: never a pass. */
    assert_int_not_equal(report->verdict, VERDICT_PASS);
    report_release(report);
    free(har);
    world_release(&world);
}

static void
nothing_found_is_said(void **state)
{
    static const char empty[] = "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"t\",\"version\":\"1\"},"
                                "\"entries\":[]}}";
    struct report **reports, *report;
    struct arena *keep;
    struct str problem;
    struct world world;
    size_t count;

    (void)state;
    world_init(&world, true);
    report = only_report(&world, STR(empty));
    verdict_is(report, VERDICT_UNDECIDED);
    assert_true(str_find_c(report->summary, "no SAML message") != SIZE_MAX);
    report_release(report);
    reports =
        examine_input(&world.settings, NULL, STR("just a note, nothing else.\n"), STR("note"), &count, &keep, &problem);
    assert_int_equal(count, 0);
    assert_null(reports);
    assert_true(problem.len > 0);
    arena_free(keep);
    world_release(&world);
}

/* What came alone is judged by what it is; of where it was meant to go nothing is claimed. */
static void
pasted_things_get_a_verdict(void **state)
{
    static const struct {
        const char *text;
        enum verdict verdict;
        const char *id; /* of a finding that there must be; NULL: none may be */
    } rows[] = {
        { "AAQAAWFhYWFhYWFhYWFhYWFhYWFhYWFhYmJiYmJiYmJiYmJiYmJiYmJiYmI=", VERDICT_UNDECIDED, NULL },
        { "https://sp.example.com/acs?SAMLart=AAQAAWFhYWFhYWFhYWFhYWFhYWFhYWFhYmJiYmJiYmJiYmJiYmJiYmJiYmI%3D",
          VERDICT_FAIL, "acs-not-post" },
        { "https://app.test/cb?error=access_denied&state=x", VERDICT_FAIL, "oauth-access-denied" },
        { "{\"error\":\"invalid_grant\"}", VERDICT_FAIL, "oauth-invalid-grant" },
        { "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AA\"}]}", VERDICT_UNDECIDED, NULL },
        { "{\"issuer\":\"https://idp.test\",\"jwks_uri\":\"https://idp.test/keys\"}", VERDICT_UNDECIDED, NULL },
        { "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"jane\"}", VERDICT_UNDECIDED,
          NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct world world;
        struct report *report;

        world_init(&world, true);
        report = only_report(&world, str_from(rows[i].text));
        verdict_is(report, rows[i].verdict);
        if (rows[i].id != NULL ? !has_finding(report, rows[i].id) : report->findings.count != 0)
            fail_msg("%s: %zu findings", rows[i].text, report->findings.count);
        report_release(report);
        world_release(&world);
    }
}

/* A mail with a capture and a bare message attached: a report of each. */
static void
a_mail_gives_a_report_of_each(void **state)
{
    static const char mail[] =
        "From: jane@example.com\nTo: joe@example.com\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Disposition: attachment; "
        "filename=t.har\n\n{\"log\":{\"version\":\"1.2\",\"entries\":[{\"request\":{"
        "\"method\":\"GET\",\"url\":\"https://app.test/"
        "cb?error=access_denied&state=abcdefgh\"},\"response\":{\"status\":200}}]}}"
        "\n--b\nContent-Disposition: attachment; filename=a.json\n\n{\"error\":\"invalid_grant\"}\n--b--\n";
    struct report **reports;
    struct arena *keep;
    struct str problem;
    struct world world;
    size_t count;

    (void)state;
    world_init(&world, true);
    reports = examine_input(&world.settings, NULL, STR(mail), STR("mail"), &count, &keep, &problem);
    assert_int_equal(count, 2);
    assert_true(has_finding(reports[0], "oauth-access-denied"));
    assert_true(has_finding(reports[1], "oauth-invalid-grant"));
    for (size_t i = 0; i < count; i++)
        report_release(reports[i]);
    free(reports);
    arena_free(keep);
    world_release(&world);
}

/* Cut and spoilt messages: an answer always comes, and never a pass. */
static void
spoilt_input_never_passes(void **state)
{
    struct world world;
    struct str xml;
    unsigned seed = 7;

    (void)state;
    world_init(&world, true);
    xml = filled(&world, SOUND);
    for (int round = 0; round < 120; round++) {
        char *bytes = malloc(xml.len);
        struct report **reports;
        struct arena *keep;
        struct str problem;
        size_t count, len = round < 40 ? xml.len * (size_t)round / 40 : xml.len;

        assert_non_null(bytes);
        memcpy(bytes, xml.ptr, xml.len);
        for (int k = 0; round >= 40 && k < 3; k++) {
            seed = seed * 1103515245u + 12345u;
            bytes[(seed >> 8) % xml.len] ^= (char)(1u << (seed >> 28 & 7));
        }
        reports =
            examine_input(&world.settings, NULL, (struct str){ bytes, len }, STR("spoilt"), &count, &keep, &problem);
        for (size_t i = 0; i < count; i++) {
            if (reports[i]->verdict == VERDICT_PASS && str_find(xml, (struct str){ bytes, len }) == SIZE_MAX &&
                saml_coverage(report_saml(reports[i]), report_saml(reports[i])->assertions[0].where) != COVERAGE_SIGNED)
                fail_msg("round %d passed", round);
            report_release(reports[i]);
        }
        free(reports);
        arena_free(keep);
        free(bytes);
    }
    world_release(&world);
}

static int
set_up(void **state)
{
    const char *why;

    (void)state;
    return saml_library_init(&why) ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    saml_maker_release();
    saml_library_cleanup();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_message_passes),
        cmocka_unit_test(without_a_key_it_stays_undecided),
        cmocka_unit_test(faults_fail),
        cmocka_unit_test(an_exchange_tells_like_a_file),
        cmocka_unit_test(overrides_change_severity_but_not_of_fixed_checks),
        cmocka_unit_test(a_recording_becomes_one_signin),
        cmocka_unit_test(nothing_found_is_said),
        cmocka_unit_test(pasted_things_get_a_verdict),
        cmocka_unit_test(a_mail_gives_a_report_of_each),
        cmocka_unit_test(spoilt_input_never_passes),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
