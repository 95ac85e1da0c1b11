/* SPDX-License-Identifier: MIT */
/* Clocks and validity. Start times include their instant, end times do not (Core 2.5.1.2). */
#include <stdlib.h>

#include "facts.h"

#define CORE "OASIS SAML 2.0 Core (2005)"
#define MINUTE_MS INT64_C(60000)
#define DAY_MS INT64_C(86400000)

static struct str
instant(const struct check_run *run)
{
    return arena_printf(run->arena, "%.*s (%s)", STR_ARG(facts_time(run, run->context->now_ms)),
                        run->context->now_source ? run->context->now_source : "clock");
}

static void
not_yet_valid(struct check_run *run, const struct check *check)
{
    const struct saml_time *start = &run->assertion->not_before;
    if (!start->valid || !facts_signs_in(run)) {
        return;
    }
    int64_t early = start->time.ms - run->context->now_ms;
    if (early > run->context->skew_ms) {
        struct finding *finding =
            check_reportf(run, check, "Conditions/@NotBefore is %.*s, and it is %.*s: %.*s too early.%.*s%.*s",
                          STR_ARG(start->raw.text), STR_ARG(instant(run)), STR_ARG(facts_duration(run->arena, early)),
                          STR_ARG(check_would_pass(run, early)), STR_ARG(facts_clocks(run)));
        finding->expected = arena_printf(run->arena, "not later than %.*s", STR_ARG(instant(run)));
        finding->received = start->raw.text;
        finding->source = str_from(run->context->now_source);
        finding_at(finding, start->raw.where);
    }
}

static void
expired(struct check_run *run, const struct check *check)
{
    const struct saml_time *end = &run->assertion->not_on_or_after;
    if (!end->valid || !facts_signs_in(run)) {
        return;
    }
    int64_t late = run->context->now_ms - end->time.ms;
    if (late < run->context->skew_ms) {
        return;
    }
    struct str copy = facts_old_copy(run);
    /* An exclusive end: a skew of exactly the gap is one millisecond short. */
    struct finding *finding =
        check_reportf(run, check, "Conditions/@NotOnOrAfter is %.*s, and it is %.*s: expired for %.*s.%.*s%.*s%.*s%.*s",
                      STR_ARG(end->raw.text), STR_ARG(instant(run)), STR_ARG(facts_duration(run->arena, late)),
                      STR_ARG(check_would_pass(run, late + 1)), STR_ARG(facts_waited(run, late)),
                      STR_ARG(facts_clocks(run)), STR_ARG(copy));
    finding->expected = arena_printf(run->arena, "later than %.*s", STR_ARG(instant(run)));
    finding->received = end->raw.text;
    finding->source = str_from(run->context->now_source);
    if (str_present(copy)) {
        finding->severity = SEVERITY_WARNING;
    }
    finding_at(finding, end->raw.where);
}

static void
session_expired(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; facts_signs_in(run) && i < run->assertion->authn_statement_count; i++) {
        const struct saml_time *end = &run->assertion->authn_statements[i].session_not_on_or_after;
        if (!end->valid || end->time.ms > run->context->now_ms) {
            continue;
        }
        struct str copy = facts_old_copy(run);
        struct finding *finding =
            check_reportf(run, check, "SessionNotOnOrAfter is %.*s, and it is %.*s: the session would end at once.%.*s",
                          STR_ARG(end->raw.text), STR_ARG(instant(run)), STR_ARG(copy));
        if (str_present(copy)) {
            finding->severity = SEVERITY_WARNING;
        }
        finding_at(finding, end->raw.where);
        return;
    }
}

/* The IdP clock by what was seen of it is right: then a late message is the browser's doing. */
static bool
clock_is_right(const struct check_run *run)
{
    const struct clock_view *view = run->context->clocks;
    return view && view->idp.stamps > 0 && view->idp.ahead_ms >= -3 * MINUTE_MS && view->idp.ahead_ms <= MINUTE_MS;
}

static void
idp_skew(struct check_run *run, const struct check *check)
{
    const struct saml_time *issued = &run->saml->issue_instant;
    if (!issued->valid || facts_clock_is_guess(run)) {
        return;
    }
    int64_t ahead = issued->time.ms - run->context->now_ms;
    if (ahead > MINUTE_MS) {
        finding_at(check_reportf(run, check,
                                 "IssueInstant %.*s lies %.*s in the future of %.*s: the identity provider's clock is "
                                 "ahead, or this one is behind.%.*s",
                                 STR_ARG(issued->raw.text), STR_ARG(facts_duration(run->arena, ahead)),
                                 STR_ARG(instant(run)), STR_ARG(facts_clocks(run))),
                   issued->raw.where);
    } else if (-ahead > 3 * MINUTE_MS && !clock_is_right(run)) {
        struct finding *finding = check_reportf(
            run, check,
            "The message was issued %.*s before %.*s: the identity provider's clock is behind, or the page waited that "
            "long in the browser.%.*s",
            STR_ARG(facts_duration(run->arena, -ahead)), STR_ARG(instant(run)), STR_ARG(facts_clocks(run)));
        finding->confidence = CONFIDENCE_POSSIBLE;
        finding_at(finding, issued->raw.where);
    }
}

static void
issued_in_future(struct check_run *run, const struct check *check)
{
    bool sso =
        facts_brings_token(run) || facts_is_logout(run) || (run->saml && run->saml->kind == MESSAGE_AUTHN_REQUEST);
    if (!sso || !run->saml->issue_instant.valid) {
        return;
    }
    const struct saml_time *issued = &run->saml->issue_instant;
    int64_t ahead = issued->time.ms - run->context->now_ms;
    if (ahead > run->context->skew_ms) {
        finding_at(check_reportf(run, check, "IssueInstant is %.*s, and it is %.*s: %.*s in the future.%.*s%.*s",
                                 STR_ARG(issued->raw.text), STR_ARG(instant(run)),
                                 STR_ARG(facts_duration(run->arena, ahead)), STR_ARG(check_would_pass(run, ahead)),
                                 STR_ARG(facts_clocks(run))),
                   issued->raw.where);
    }
}

static void
window_empty(struct check_run *run, const struct check *check)
{
    const struct saml_time *start = &run->assertion->not_before;
    const struct saml_time *end = &run->assertion->not_on_or_after;
    if (start->valid && end->valid && end->time.ms <= start->time.ms) {
        finding_at(check_reportf(run, check,
                                 "NotOnOrAfter %.*s is not later than NotBefore %.*s: there is no moment at "
                                 "which the assertion is valid.",
                                 STR_ARG(end->raw.text), STR_ARG(start->raw.text)),
                   run->assertion->conditions_where);
    }
}

static void
window_too_short(struct check_run *run, const struct check *check)
{
    const struct saml_time *start = &run->assertion->not_before;
    const struct saml_time *end = &run->assertion->not_on_or_after;
    if (start->valid && end->valid && end->time.ms > start->time.ms && end->time.ms - start->time.ms < MINUTE_MS) {
        finding_at(check_reportf(run, check,
                                 "The assertion is valid for %.*s only: a slow page or a small clock "
                                 "difference is enough to miss it.",
                                 STR_ARG(facts_duration(run->arena, end->time.ms - start->time.ms))),
                   run->assertion->conditions_where);
    }
}

static void
window_too_long(struct check_run *run, const struct check *check)
{
    const struct saml_time *start =
        run->assertion->not_before.valid ? &run->assertion->not_before : &run->assertion->issue_instant;
    const struct saml_time *end = &run->assertion->not_on_or_after;
    if (start->valid && end->valid && end->time.ms - start->time.ms > DAY_MS) {
        finding_at(check_reportf(run, check,
                                 "The assertion is valid for %.*s: whoever gets hold of it can use it that "
                                 "long.",
                                 STR_ARG(facts_duration(run->arena, end->time.ms - start->time.ms))),
                   run->assertion->conditions_where);
    }
}

/* --- form of times ------------------------------------------------------------------------------- */

enum { ZONE_STEP_MS = 15 * 60000, ZONE_MOST_MS = 14 * 60 * 60000, ZONE_SLACK_MS = 5 * 60000 };

/* "UTC+02:00" */
static struct str
zone_name(const struct check_run *run, int64_t minutes)
{
    int64_t size = llabs(minutes);
    return arena_printf(run->arena, "UTC%c%02d:%02d", minutes < 0 ? '-' : '+', (int)(size / 60), (int)(size % 60));
}

static struct str
hours(const struct check_run *run, int64_t minutes)
{
    int64_t size = llabs(minutes);
    return size % 60 == 0 ? arena_printf(run->arena, "%d h", (int)(size / 60))
                          : arena_printf(run->arena, "%d h %d min", (int)(size / 60), (int)(size % 60));
}

/*
 * A time without zone is read as UTC or as local time. Where a message was issued just now by either reading, the gap
 * to the clock tells which one its writer meant.
 */
static struct str
zone_words(const struct check_run *run, const struct saml_time *time)
{
    int64_t own = run->context->settings->zone_minutes;
    if (time != &run->saml->issue_instant || facts_clock_is_guess(run)) {
        return STR("");
    }
    int64_t gap = time->time.ms - run->context->now_ms, size = llabs(gap);
    int64_t steps = (size + ZONE_STEP_MS / 2) / ZONE_STEP_MS, off = size - steps * ZONE_STEP_MS;
    if (size < ZONE_SLACK_MS && own != 0) {
        return arena_printf(run->arena,
                            " Read as UTC it is right; a service provider in your zone (%.*s) that takes it for local "
                            "time is %.*s off.",
                            STR_ARG(zone_name(run, own)), STR_ARG(hours(run, own)));
    }
    if (steps == 0 || size > ZONE_MOST_MS + ZONE_SLACK_MS || llabs(off) > ZONE_SLACK_MS) {
        return STR("");
    }
    int64_t minutes = (gap < 0 ? -steps : steps) * 15;
    return arena_printf(run->arena,
                        " Read as UTC it is %.*s %s this clock: the sender writes the local time of %.*s%s.",
                        STR_ARG(hours(run, minutes)), gap < 0 ? "behind" : "ahead of", STR_ARG(zone_name(run, minutes)),
                        minutes == own ? ", which is your zone" : "");
}

static void
judge_form(struct check_run *run, const struct check *check, const char *name, const struct saml_time *time)
{
    if (!str_present(time->raw.text)) {
        return;
    }
    if (!time->valid) {
        finding_at(check_reportf(run, check, "%s is \"%.*s\", which is no xs:dateTime.", name, STR_ARG(time->raw.text)),
                   time->raw.where);
    } else if (time->time.zone != XSTIME_ZONE_Z) {
        struct finding *finding = check_reportf(
            run, check, "%s is \"%.*s\": SAML wants UTC, written with Z. %s%.*s", name, STR_ARG(time->raw.text),
            time->time.zone == XSTIME_ZONE_NONE ? "It has no zone, so your service provider may read it as local time."
                                                : "Some receivers refuse an offset.",
            STR_ARG(time->time.zone == XSTIME_ZONE_NONE ? zone_words(run, time) : STR("")));
        finding->severity = SEVERITY_WARNING;
        finding_at(finding, time->raw.where);
    }
}

static void
bad_format(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    if (!saml) {
        return;
    }
    judge_form(run, check, "IssueInstant", &saml->issue_instant);
    judge_form(run, check, "LogoutRequest/@NotOnOrAfter", &saml->logout.not_on_or_after);
    for (size_t i = 0; i < saml->assertion_count; i++) {
        const struct saml_assertion *assertion = &saml->assertions[i];
        judge_form(run, check, "Assertion/@IssueInstant", &assertion->issue_instant);
        judge_form(run, check, "Conditions/@NotBefore", &assertion->not_before);
        judge_form(run, check, "Conditions/@NotOnOrAfter", &assertion->not_on_or_after);
        for (size_t k = 0; k < assertion->confirmation_count; k++) {
            judge_form(run, check, "SubjectConfirmationData/@NotBefore", &assertion->confirmations[k].not_before);
            judge_form(run, check, "SubjectConfirmationData/@NotOnOrAfter",
                       &assertion->confirmations[k].not_on_or_after);
        }
        for (size_t k = 0; k < assertion->authn_statement_count; k++) {
            judge_form(run, check, "AuthnInstant", &assertion->authn_statements[k].authn_instant);
            judge_form(run, check, "SessionNotOnOrAfter", &assertion->authn_statements[k].session_not_on_or_after);
        }
    }
}

static const struct check table[] = {
    { CORE_ROW("time-not-yet-valid", ERROR, ASSERTION, TIME, IDP_ADMIN, STANDARD, PROVEN,
               "the assertion is not valid yet"),
      .means = "The identity provider's clock is ahead of the service provider's. Often works at the second try.",
      .rule = "now >= Conditions/@NotBefore - skew.", .limit = "NotBefore is now + skew",
      .spec = "SAML Core 2.5.1.2 · saml-verification CON-01, 3.11",
      .source = "OASIS SAML 2.0 Core; Microsoft Entra adds no buffer to NotBefore (documented)",
      .fixes = { { "adfs", "Set-AdfsRelyingPartyTrust -TargetName NAME -NotBeforeSkew 2; and set the clock (NTP)." },
                 { "keycloak", "Set the server's clock (NTP); client: Assertion lifespan." },
                 { "any", "Set the identity provider's clock by NTP." } },
      .run = not_yet_valid },
    { CORE_ROW("time-expired", ERROR, ASSERTION, TIME, USER, STANDARD, PROVEN, "the assertion has expired"),
      .means = "Too late: the page was left open, an old response was used again, or a clock is wrong. STS says "
               "\"Response has expired\".",
      .rule = "now < Conditions/@NotOnOrAfter + skew; the end itself is outside.",
      .limit = "1 ms before NotOnOrAfter + skew", .spec = "SAML Core 2.5.1.2 · saml-verification CON-01",
      .source = CORE,
      .fixes = { { "keycloak", "Client → Advanced: Assertion lifespan (the default is about one minute)." },
                 { "any",
                   "Sign in again and do not reuse a stored response; check the clocks; allow a longer life." } },
      .run = expired },
    { CORE_ROW("time-session-expired", ERROR, ASSERTION, TIME, IDP_ADMIN, STANDARD, PROVEN,
               "the session is over before it begins"),
      .means = "The service provider has to end the session at once.",
      .rule = "now < AuthnStatement/@SessionNotOnOrAfter.", .limit = "SessionNotOnOrAfter is 1 ms after now",
      .spec = "SAML Core 2.7.2, Profiles 4.1.4.3 · saml-verification CON-07", .source = CORE, .follows = "time-expired",
      .fixes = { { "any", "Sign in again at the identity provider; check its session length and clock." } },
      .run = session_expired },
    { CORE_ROW("time-idp-skew", WARNING, RESPONSE, TIME, IDP_ADMIN, INFERRED, LIKELY, "the clocks differ"),
      .means = "Sign-in fails now and then as soon as the difference grows.",
      .rule = "IssueInstant is at most 60 s ahead of, and 180 s behind, the arrival of the message.",
      .limit = "60 s ahead, 180 s behind", .spec = "saml-verification CON-08, 3.11", .source = "measured here",
      .follows = "time-not-yet-valid time-issued-in-future time-expired",
      .fixes = { { "any", "Set the identity provider's clock by NTP; check this machine's clock as well." } },
      .run = idp_skew },
    { CORE_ROW("time-issued-in-future", ERROR, MESSAGE, TIME, IDP_ADMIN, STANDARD, PROVEN,
               "the message is from the future"),
      .means = "Service providers that check IssueInstant refuse it.", .rule = "IssueInstant <= now + skew.",
      .limit = "IssueInstant is now + skew", .spec = "SAML Core 3.2.1, 3.2.2 · saml-verification MSG-03",
      .source = CORE, .follows = "time-not-yet-valid", .fixes = { { "any", "Set the sender's clock by NTP." } },
      .run = issued_in_future },
    { CORE_ROW("time-window-empty", ERROR, ASSERTION, TIME, IDP_ADMIN, STANDARD, PROVEN,
               "the assertion is never valid"),
      .means = "No service provider can accept it.", .rule = "Conditions/@NotBefore < Conditions/@NotOnOrAfter.",
      .limit = "NotBefore is 1 ms before NotOnOrAfter", .spec = "SAML Core 2.5.1.2 · saml-verification CON-02",
      .source = CORE, .fixes = { { "any", "Fix the life time in the identity provider's settings or template." } },
      .run = window_empty },
    { CORE_ROW("time-window-too-short", WARNING, ASSERTION, TIME, IDP_ADMIN, OBSERVED, PROVEN,
               "the assertion lives less than a minute"),
      .means = "Sign-in fails now and then with \"Response has expired\".",
      .rule = "NotOnOrAfter - NotBefore is 60 s or more.", .limit = "60 s", .spec = "saml-verification CON-01",
      .source = "public issue reports",
      .fixes = { { "keycloak", "Client → Advanced: Assertion lifespan." },
                 { "auth0", "SAML settings: lifetimeInSeconds." },
                 { "any", "Raise the life time to five minutes." } },
      .run = window_too_short },
    { CORE_ROW("time-window-too-long", WARNING, ASSERTION, NOTE, IDP_ADMIN, INFERRED, PROVEN,
               "the assertion lives more than a day"),
      .means = "A stolen response stays usable that long.", .rule = "The window is 24 h or less.", .limit = "24 h",
      .spec = "saml-verification CON-06", .source = "security practice",
      .fixes = { { "any", "Shorten it to 5 to 70 minutes." } }, .run = window_too_long },
    { CORE_ROW("time-bad-format", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "a time is not written as SAML wants"),
      .means = "Receivers refuse it, or read another time.",
      .rule = "xs:dateTime in UTC, with Z; fractions of a second are allowed.",
      .spec = "SAML Core 1.3.3 · saml-verification MSG-03, 3.11", .source = CORE,
      .fixes = { { "any", "Write times like 2026-01-01T00:00:00Z." } }, .run = bad_format },
};

CHECK_SET(core_time, table);
