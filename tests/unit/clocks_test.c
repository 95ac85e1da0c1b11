/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clocks.h"
#include "examination.h"
#include "examine.h"
#include "saml_maker.h"

/* The clocks of the parties, and the sentences that rest on them (saml-verification 3.11). */

#define ACS "https://sp.example.com/acs"
#define IDP "https://idp.example.com"
#define MINUTE_MS INT64_C(60000)
#define NOON_MS INT64_C(1767268800000) /* 2026-01-01T12:00:00Z */

struct world {
    struct arena *arena;
    struct settings settings;
    struct signin_table *table;
    int made;
};

static void
world_init(struct world *world)
{
    *world = (struct world){ .arena = arena_new(16 << 20), .settings = { .clock_skew_s = 180 } };
    assert_non_null(world->arena);
    world->settings.arena = world->arena;
    world->table = signin_table_new(&world->settings);
    assert_non_null(world->table);
}

static void
world_release(struct world *world)
{
    signin_table_free(world->table);
    arena_free(world->arena);
}

/* A Response issued at that time, which ends five minutes later; zone "Z", or "" for none. */
static struct str
response(struct world *world, int64_t issued_ms, const char *zone)
{
    struct str issued = xstime_format(world->arena, issued_ms), ends = xstime_format(world->arena, issued_ms + 300000);
    int number = ++world->made;

    issued.len--; /* without its Z */
    ends.len--;
    return arena_printf(
        world->arena,
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
        "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r0123456789abcdef%04d\" Version=\"2.0\" "
        "IssueInstant=\"%.*s%s\"><saml:Issuer>" IDP "</saml:Issuer><samlp:Status>"
        "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"
        "<saml:Assertion ID=\"_a0123456789abcdef%04d\" Version=\"2.0\" IssueInstant=\"%.*s%s\"><saml:Issuer>" IDP
        "</saml:Issuer><saml:Subject><saml:NameID>jdoe@example.com</saml:NameID><saml:SubjectConfirmation "
        "Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData NotOnOrAfter=\"%.*s%s\" "
        "Recipient=\"" ACS "\"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore=\"%.*s%s\" "
        "NotOnOrAfter=\"%.*s%s\"/></saml:Assertion></samlp:Response>",
        number, STR_ARG(issued), zone, number, STR_ARG(issued), zone, STR_ARG(ends), zone, STR_ARG(issued), zone,
        STR_ARG(ends), zone);
}

static void
set_date(struct world *world, struct exchange *exchange, int64_t at_ms, int64_t ahead_ms)
{
    static const char days[][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
    struct str time = xstime_format(world->arena, (at_ms + ahead_ms) / 1000 * 1000);
    char date[64];

    snprintf(date, sizeof(date), "%s, %.2s Jan %.4s %.8s GMT", days[(at_ms + ahead_ms) / 86400000 % 7], time.ptr + 8,
             time.ptr, time.ptr + 11);
    saml_maker_answer_header(world->arena, exchange, "Date", date);
}

/* The page of the identity provider with the message. */
static void
see_page(struct world *world, struct str xml, int64_t at_ms, int64_t idp_ahead_ms)
{
    struct exchange *exchange = saml_maker_exchange(world->arena, "GET", IDP "/sso", (struct str){ 0 });
    struct buf page;

    buf_init(&page, 1 << 20);
    saml_maker_page(ACS, "SAMLResponse", xml, (struct str){ 0 }, &page);
    saml_maker_answer(world->arena, exchange, 200, "text/html", buf_str(&page));
    buf_release(&page);
    set_date(world, exchange, at_ms, idp_ahead_ms);
    exchange->started_ms = exchange->finished_ms = at_ms;
    report_release(examine_exchange(&world->settings, world->table, exchange, STR("test")));
}

static struct report *
post(struct world *world, struct str xml, int64_t at_ms, int64_t sp_ahead_ms)
{
    struct exchange *exchange = saml_maker_post(world->arena, ACS, "SAMLResponse", xml, (struct str){ 0 });
    struct report *report;

    saml_maker_answer(world->arena, exchange, 200, "text/html", STR("hello"));
    set_date(world, exchange, at_ms, sp_ahead_ms);
    exchange->connection = 1;
    exchange->started_ms = exchange->finished_ms = at_ms;
    report = examine_exchange(&world->settings, world->table, exchange, STR("test"));
    assert_non_null(report);
    return report;
}

static const struct finding *
finding_of(const struct report *report, const char *id)
{
    for (size_t i = 0; i < report->findings.count; i++)
        if (strcmp(report->findings.items[i]->check->id, id) == 0)
            return report->findings.items[i];
    return NULL;
}

static void
says(const struct report *report, const char *id, const char *words, bool wanted)
{
    const struct finding *finding = finding_of(report, id);

    if (finding == NULL)
        fail_msg("there is no %s", id);
    if ((str_find_c(finding->text, words) != SIZE_MAX) != wanted)
        fail_msg("%s: %.*s\n%s: %s", id, STR_ARG(finding->text), wanted ? "want" : "do not want", words);
}

/* --- the memory ------------------------------------------------------------------------------------------ */

static void
the_quickest_message_tells_most(void **state)
{
    struct clocks *clocks = clocks_new();
    struct clock_reading reading;

    (void)state;
    assert_non_null(clocks);
    assert_false(clocks_of_entity(clocks, STR(IDP), &reading));
    clocks_note_issue(clocks, STR(IDP), NOON_MS, NOON_MS + 40000);
    clocks_note_issue(clocks, STR(IDP), NOON_MS + 60000, NOON_MS + 58000);
    clocks_note_issue(clocks, STR(IDP), NOON_MS + 90000, NOON_MS + 97000);
    assert_true(clocks_of_entity(clocks, STR(IDP), &reading));
    assert_int_equal(reading.ahead_ms, 2000);
    assert_int_equal(reading.stamps, 3);
    assert_false(reading.by_date);
    assert_false(clocks_of_host(clocks, STR(IDP), &reading));
    /* The best one is forgotten after eight others. */
    for (int i = 0; i < CLOCKS_STAMPS; i++)
        clocks_note_issue(clocks, STR(IDP), NOON_MS + 1000 + i, NOON_MS + 6000 + i);
    assert_true(clocks_of_entity(clocks, STR(IDP), &reading));
    assert_int_equal(reading.ahead_ms, -5000);
    assert_int_equal(reading.stamps, CLOCKS_STAMPS);
    /* The same message once more is no other message: its first arrival stays. */
    clocks_note_issue(clocks, STR("b"), NOON_MS, NOON_MS + 3000);
    clocks_note_issue(clocks, STR("b"), NOON_MS, NOON_MS + 600000);
    assert_true(clocks_of_entity(clocks, STR("b"), &reading));
    assert_int_equal(reading.ahead_ms, -3000);
    assert_int_equal(reading.stamps, 1);
    clocks_free(clocks);
}

static void
old_answers_are_no_clocks(void **state)
{
    struct world world;
    struct clocks *clocks = clocks_new();
    struct clock_reading reading;

    (void)state;
    world_init(&world);
    for (int i = 0; i < 4; i++) {
        struct exchange *exchange = saml_maker_exchange(world.arena, "GET", ACS, (struct str){ 0 });

        exchange->started_ms = exchange->finished_ms = NOON_MS;
        exchange->status = i == 1 ? 304 : 200;
        set_date(&world, exchange, NOON_MS, -60000);
        if (i == 0)
            saml_maker_answer_header(world.arena, exchange, "Age", "60");
        if (i == 2)
            exchange->finished_ms = 0; /* a file without times */
        clocks_note_answer(clocks, exchange);
        assert_int_equal(clocks_of_host(clocks, exchange->host, &reading), i == 3);
    }
    assert_int_equal(reading.ahead_ms, -60000);
    assert_true(reading.by_date);
    clocks_free(clocks);
    world_release(&world);
}

static void
the_memory_is_bounded(void **state)
{
    struct clocks *clocks = clocks_new();
    struct clock_reading reading;
    char name[300];

    (void)state;
    for (int i = 0; i < 10 * CLOCKS_PARTIES; i++) {
        snprintf(name, sizeof(name), "party %d", i);
        clocks_note_issue(clocks, str_from(name), NOON_MS + i, NOON_MS + i);
    }
    assert_true(clocks_of_entity(clocks, str_from(name), &reading)); /* the newest is there */
    assert_false(clocks_of_entity(clocks, STR("party 0"), &reading));
    memset(name, 'x', sizeof(name));
    clocks_note_issue(clocks, (struct str){ name, sizeof(name) }, NOON_MS, NOON_MS);
    assert_false(clocks_of_entity(clocks, (struct str){ name, sizeof(name) }, &reading));
    clocks_free(clocks);
}

/* --- the sentences --------------------------------------------------------------------------------------- */

static void
both_clocks_are_named(void **state)
{
    struct world world;
    struct report *report;

    (void)state;
    world_init(&world);
    report = post(&world, response(&world, NOON_MS + 240000, "Z"), NOON_MS, -3000);
    says(report, "time-not-yet-valid", "It would pass with a clock skew of 240 s or more (now 180 s).", true);
    says(report, "time-not-yet-valid",
         "The IdP clock is about 4 min ahead of this machine; the SP at sp.example.com is about 3 s behind it.", true);
    says(report, "time-issued-in-future", "The IdP clock is about 4 min ahead of this machine", true);
    assert_int_equal(report->context.clocks->idp.ahead_ms, 240000);
    report_release(report);
    /* A later, slower message does not change what is known. */
    report = post(&world, response(&world, NOON_MS + 300000, "Z"), NOON_MS + 120000, 0);
    says(report, "time-idp-skew",
         "The IdP clock is about 4 min ahead of this machine; the SP at sp.example.com is the "
         "same as it.",
         true);
    report_release(report);
    world_release(&world);
}

static void
one_late_message_is_no_clock(void **state)
{
    struct world world;
    struct report *report;

    (void)state;
    world_init(&world);
    report = post(&world, response(&world, NOON_MS, "Z"), NOON_MS + 10 * MINUTE_MS, 0);
    says(report, "time-idp-skew", "the identity provider's clock is behind, or the page waited", true);
    says(report, "time-expired", "IdP clock", false);
    says(report, "time-expired", "because", false);
    assert_int_equal(report->context.clocks->waited_ms, -1);
    report_release(report);
    world_release(&world);
}

static void
a_page_that_stayed_open_is_the_reason(void **state)
{
    struct world world;
    struct report *report;
    struct str xml;

    (void)state;
    world_init(&world);
    xml = response(&world, NOON_MS, "Z");
    see_page(&world, xml, NOON_MS + 1000, 0);
    report = post(&world, xml, NOON_MS + 10 * MINUTE_MS, 0);
    says(report, "time-expired",
         "Expired because the page was open for 9 min 59 s between issue and POST: the browser sat on the page with "
         "the form.",
         true);
    says(report, "time-scd-expired", "because the page was open for 9 min 59 s", true);
    assert_null(finding_of(report, "time-idp-skew"));
    assert_true(report->context.clocks->page_seen);
    report_release(report);
    world_release(&world);
}

/* The identity provider's page was not seen, but an earlier answer of it came quickly. */
static void
known_clocks_tell_who_waited(void **state)
{
    struct world world;
    struct report *report;

    (void)state;
    world_init(&world);
    report_release(post(&world, response(&world, NOON_MS, "Z"), NOON_MS + 2000, 0));
    report = post(&world, response(&world, NOON_MS + MINUTE_MS, "Z"), NOON_MS + 11 * MINUTE_MS, 0);
    says(report, "time-expired",
         "because the page was open for 9 min 58 s between issue and POST: by the clocks that were seen", true);
    report_release(report);
    world_release(&world);
}

/* Even without the wait it would have been too late: the wait is not the reason. */
static void
a_short_wait_explains_nothing(void **state)
{
    struct world world;
    struct report *report;
    struct str xml;

    (void)state;
    world_init(&world);
    xml = response(&world, NOON_MS, "Z");
    see_page(&world, xml, NOON_MS + 20 * MINUTE_MS, -20 * MINUTE_MS);
    report = post(&world, xml, NOON_MS + 21 * MINUTE_MS, 0);
    says(report, "time-expired", "because", false);
    says(report, "time-expired", "The IdP clock is about 20 min behind this machine", true);
    report_release(report);
    world_release(&world);
}

static void
times_without_zone(void **state)
{
    struct world world;
    struct report *report;

    (void)state;
    world_init(&world);
    world.settings.zone_minutes = 120;
    report = post(&world, response(&world, NOON_MS, ""), NOON_MS + 1000, 0);
    says(
        report, "time-bad-format",
        "Read as UTC it is right; a service provider in your zone (UTC+02:00) that takes it for local time is 2 h off.",
        true);
    report_release(report);
    report = post(&world, response(&world, NOON_MS + 120 * MINUTE_MS, ""), NOON_MS + 1000, 0);
    says(
        report, "time-bad-format",
        "Read as UTC it is 2 h ahead of this clock: the sender writes the local time of UTC+02:00, which is your zone.",
        true);
    report_release(report);
    report = post(&world, response(&world, NOON_MS - 210 * MINUTE_MS, ""), NOON_MS + 1000, 0);
    says(report, "time-bad-format",
         "Read as UTC it is 3 h 30 min behind this clock: the sender writes the local time of UTC-03:30.", true);
    report_release(report);
    /* Seven minutes from a full quarter: no zone makes that. */
    report = post(&world, response(&world, NOON_MS + 127 * MINUTE_MS, ""), NOON_MS, 0);
    says(report, "time-bad-format", "Read as UTC", false);
    report_release(report);
    world_release(&world);
}

/* A recording: Date and the times of its entries. */
static void
recordings_have_clocks_too(void **state)
{
    struct world world;
    struct str xml, har, problem;
    struct buf form;
    struct arena *keep;
    size_t count;
    struct report **reports;

    (void)state;
    world_init(&world);
    xml = response(&world, NOON_MS + 200000, "Z");
    buf_init(&form, 1 << 20);
    saml_maker_form("SAMLResponse", xml, (struct str){ 0 }, &form);
    har = arena_printf(
        world.arena,
        "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"x\",\"version\":\"1\"},\"entries\":[{"
        "\"startedDateTime\":\"2026-01-01T13:00:00.000+01:00\",\"time\":500,\"request\":{\"method\":\"POST\","
        "\"url\":\"" ACS "\",\"httpVersion\":\"HTTP/1.1\",\"headers\":[],\"queryString\":[],\"cookies\":[],"
        "\"headersSize\":-1,\"bodySize\":-1,\"postData\":{\"mimeType\":\"application/x-www-form-urlencoded\","
        "\"text\":\"%.*s\"}},\"response\":{\"status\":200,\"statusText\":\"OK\",\"httpVersion\":\"HTTP/1.1\","
        "\"headers\":[{\"name\":\"Date\",\"value\":\"Thu, 01 Jan 2026 11:59:00 GMT\"}],\"cookies\":[],"
        "\"content\":{\"size\":0,\"mimeType\":\"text/html\"},\"redirectURL\":\"\",\"headersSize\":-1,"
        "\"bodySize\":-1},\"cache\":{},\"timings\":{}}]}}",
        STR_ARG(buf_str(&form)));
    buf_release(&form);
    reports = examine_input(&world.settings, NULL, har, STR("x.har"), &count, &keep, &problem);
    assert_int_equal(count, 1);
    says(reports[0], "time-not-yet-valid",
         "The IdP clock is about 3 min 20 s ahead of the recording machine; the SP at sp.example.com is about 61 s "
         "behind it.",
         true);
    report_release(reports[0]);
    free(reports);
    arena_free(keep);
    world_release(&world);
}

/* The skew that is named lets it pass, and one second less does not. */
static void
the_skew_that_is_named_is_the_least(void **state)
{
    static const int64_t gaps[] = { 181000, 200000, 200001, 299999 };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(gaps); i++) {
        bool late = i % 2 != 0;
        int64_t gap = gaps[i / 2], issued = late ? NOON_MS - 300000 - gap : NOON_MS + gap;
        const char *id = late ? "time-expired" : "time-not-yet-valid";
        int64_t least = (gap + (late ? 1000 : 999)) / 1000;
        char words[80];

        for (int64_t skew = least - 1; skew <= least; skew++) {
            struct world world;
            struct report *report;

            world_init(&world);
            world.settings.clock_skew_s = (int)skew;
            report = post(&world, response(&world, issued, "Z"), NOON_MS, 0);
            snprintf(words, sizeof(words), "with a clock skew of %lld s or more", (long long)least);
            if (skew < least)
                says(report, id, words, true);
            else
                assert_null(finding_of(report, id));
            if (skew < least && late)
                says(report, "time-scd-expired", words, true);
            report_release(report);
            world_release(&world);
        }
    }
}

/* xs:dateTime as saml-verification 3.11 wants it read. */
static void
forms_of_time(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } rows[] = {
        { "2026-01-01T12:00:00Z", NOON_MS },
        { "2026-01-01T12:00:00.1Z", NOON_MS + 100 },
        { "2026-01-01T12:00:00.1234567Z", NOON_MS + 123 },
        { "2026-01-01T12:00:00.999999999Z", NOON_MS + 999 },
        { "2026-01-01T12:00:00.1234567890Z", -1 },
        { "2026-01-01T12:00:00.Z", -1 },
        { "2025-12-31T24:00:00Z", NOON_MS - INT64_C(43200000) },
        { "2025-12-31T24:00:00.0Z", NOON_MS - INT64_C(43200000) },
        { "2025-12-31T24:00:00.001Z", -1 },
        { "2025-12-31T24:00:01Z", -1 },
        { "2025-12-31T25:00:00Z", -1 },
        { "2016-12-31T23:59:60Z", -1 }, /* a real leap second */
        { "9999-12-31T23:59:59.999Z", INT64_C(253402300799999) },
        { "10000-01-01T00:00:00Z", -1 },
        { "0000-01-01T00:00:00Z", -1 },
        { "-2026-01-01T00:00:00Z", -1 },
        { "0001-01-01T00:00:00Z", INT64_C(-62135596800000) },
        { "1901-12-13T20:45:51Z", INT64_C(-2147483649000) }, /* one second past 32 bits, both ways */
        { "2038-01-19T03:14:08Z", INT64_C(2147483648000) },
        { "2024-02-29T00:00:00Z", INT64_C(1709164800000) },
        { "2023-02-29T00:00:00Z", -1 },
        { "2026-01-01T13:00:00+01:00", NOON_MS },
        { "2026-01-02T02:00:00+14:00", NOON_MS },
        { "2026-01-02T02:01:00+14:01", -1 },
        { "2026-01-01T12:00:00 Z", -1 },
        { "2026-01-01", -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct xstime time = { .ms = -1 };
        bool read = xstime_parse(str_from(rows[i].text), &time);

        if (read != (rows[i].ms != -1) || time.ms != rows[i].ms)
            fail_msg("%s: %lld, want %lld", rows[i].text, (long long)time.ms, (long long)rows[i].ms);
    }
}

static int
teardown(void **state)
{
    (void)state;
    saml_maker_release();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_quickest_message_tells_most),
        cmocka_unit_test(old_answers_are_no_clocks),
        cmocka_unit_test(the_memory_is_bounded),
        cmocka_unit_test(both_clocks_are_named),
        cmocka_unit_test(one_late_message_is_no_clock),
        cmocka_unit_test(a_page_that_stayed_open_is_the_reason),
        cmocka_unit_test(known_clocks_tell_who_waited),
        cmocka_unit_test(a_short_wait_explains_nothing),
        cmocka_unit_test(times_without_zone),
        cmocka_unit_test(recordings_have_clocks_too),
        cmocka_unit_test(the_skew_that_is_named_is_the_least),
        cmocka_unit_test(forms_of_time),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
