/* SPDX-License-Identifier: MIT */
/* AuthnStatement: when and how the user was authenticated (Core 2.7.2). */
#include "facts.h"

#define CORE "OASIS SAML 2.0 Core (2005)"

typedef void judge_statement(struct check_run *run, const struct check *check,
                             const struct saml_authn_statement *statement);

static void
judge_each(struct check_run *run, const struct check *check, judge_statement *judge)
{
    for (size_t i = 0; facts_is_success(run) && i < run->assertion->authn_statement_count; i++) {
        judge(run, check, &run->assertion->authn_statements[i]);
    }
}

static void
judge_instant(struct check_run *run, const struct check *check, const struct saml_authn_statement *statement)
{
    if (!facts_has_text(&statement->authn_instant.raw)) {
        finding_at(check_reportf(run, check, "An AuthnStatement has no AuthnInstant."), statement->where);
    }
}

static void
instant_missing(struct check_run *run, const struct check *check)
{
    judge_each(run, check, judge_instant);
}

static void
judge_future(struct check_run *run, const struct check *check, const struct saml_authn_statement *statement)
{
    const struct saml_time *instant = &statement->authn_instant;
    int64_t ahead = instant->valid ? instant->time.ms - run->context->now_ms : 0;
    if (ahead > run->context->skew_ms) {
        finding_at(check_reportf(run, check,
                                 "AuthnInstant is %.*s, and it is %.*s (%s): the user would have signed in %.*s from "
                                 "now.%.*s",
                                 STR_ARG(instant->raw.text), STR_ARG(facts_time(run, run->context->now_ms)),
                                 run->context->now_source, STR_ARG(facts_duration(run->arena, ahead)),
                                 STR_ARG(check_would_pass(run, ahead))),
                   instant->raw.where);
    }
}

static void
instant_future(struct check_run *run, const struct check *check)
{
    judge_each(run, check, judge_future);
}

static bool
is_true(const struct saml_value *value)
{
    return str_eq_c(value->text, "true") || str_eq_c(value->text, "1");
}

static void
judge_stale(struct check_run *run, const struct check *check, const struct saml_authn_statement *statement)
{
    const struct saml_time *instant = &statement->authn_instant, *asked = &run->request->issue_instant;
    if (!instant->valid || !asked->valid || instant->time.ms >= asked->time.ms - run->context->skew_ms) {
        return;
    }
    struct finding *finding = check_reportf(
        run, check, "The request of %.*s has ForceAuthn=\"true\", but the user was authenticated at %.*s, %.*s before.",
        STR_ARG(asked->raw.text), STR_ARG(instant->raw.text),
        STR_ARG(facts_duration(run->arena, asked->time.ms - instant->time.ms)));
    finding->expected = arena_printf(run->arena, "not before %.*s", STR_ARG(asked->raw.text));
    finding->received = instant->raw.text;
    finding->source = STR("the AuthnRequest");
    finding_at(finding, instant->raw.where);
}

static void
instant_stale(struct check_run *run, const struct check *check)
{
    if (run->request && is_true(&run->request->request.force_authn)) {
        judge_each(run, check, judge_stale);
    }
}

static void
judge_index(struct check_run *run, const struct check *check, const struct saml_authn_statement *statement)
{
    if (!facts_has_text(&statement->session_index)) {
        finding_at(check_reportf(run, check,
                                 "The identity provider's metadata has a SingleLogoutService, but the AuthnStatement "
                                 "has no SessionIndex: a logout cannot say which session it means."),
                   statement->where);
    }
}

static void
session_index_missing(struct check_run *run, const struct check *check)
{
    if (!run->context->idp) {
        return;
    }
    if (run->context->idp->idp.slo_count > 0) {
        judge_each(run, check, judge_index);
    }
}

static void
judge_context(struct check_run *run, const struct check *check, const struct saml_authn_statement *statement)
{
    if (!statement->has_decl && str_trim(statement->class_ref.text).len == 0) {
        finding_at(check_reportf(run, check, "%s.",
                                 statement->has_context ? "AuthnContext holds neither a class nor a declaration"
                                                        : "AuthnStatement has no AuthnContext"),
                   statement->where);
    }
}

static void
context_missing(struct check_run *run, const struct check *check)
{
    judge_each(run, check, judge_context);
}

#define AUTHN_ROW(check_id, how_bad, explains, title)                                                                  \
    CORE_ROW(check_id, how_bad, ASSERTION, explains, IDP_ADMIN, STANDARD, PROVEN, title)

static const struct check table[] = {
    { AUTHN_ROW("authninstant-missing", ERROR, TIME, "the assertion does not say when the user signed in"),
      .means = "The schema demands it: strict service providers refuse the assertion.",
      .rule = "AuthnStatement has AuthnInstant.", .spec = "SAML Core 2.7.2 · saml-verification AUT-01", .source = CORE,
      .follows = "saml-schema-invalid", .fixes = { { "any", "Fix the identity provider's template." } },
      .run = instant_missing },
    { AUTHN_ROW("authninstant-in-future", ERROR, TIME, "the user signed in later than now"),
      .means = "Service providers that look at it refuse the assertion. One of the clocks is wrong.",
      .rule = "AuthnInstant <= now + skew.", .limit = "AuthnInstant is now + skew",
      .spec = "SAML Core 2.7.2 · saml-verification AUT-01, 3.11", .source = CORE,
      .follows = "time-not-yet-valid time-issued-in-future",
      .fixes = { { "any", "Set the identity provider's clock by NTP." } }, .run = instant_future },
    { AUTHN_ROW("authninstant-stale", ERROR, TIME, "the user was not asked again, although the request demands it"),
      .means = "A service provider that asks with ForceAuthn refuses a session that existed before.",
      .rule = "With ForceAuthn=\"true\": AuthnInstant >= IssueInstant of the request - skew.",
      .limit = "AuthnInstant is IssueInstant of the request - skew",
      .spec = "SAML Core 3.4.1; SAML2Int SDP-IDP07 · saml-verification AUT-01", .source = CORE,
      .fixes = { { "entra",
                   "Conditional access: sign-in frequency; some policies keep ForceAuthn from being honoured." },
                 { "okta", "Application → Sign On → \"Disable Force Authentication\" must be off." },
                 { "any", "Let the identity provider honour ForceAuthn, or ask without it." } },
      .run = instant_stale },
    { AUTHN_ROW("sessionindex-missing", WARNING, NOTE, "single logout cannot name the session"),
      .means = "Signing in works; logging out ends the wrong session, all sessions or none.",
      .rule = "AuthnStatement has SessionIndex when the identity provider supports single logout.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification AUT-02", .source = "OASIS SAML 2.0 Profiles (2005)",
      .fixes = { { "any", "Let the identity provider send SessionIndex, or take single logout out of its metadata." } },
      .run = session_index_missing },
    { AUTHN_ROW("authncontext-missing", ERROR, SUBJECT, "the assertion does not say how the user signed in"),
      .means = "The schema demands it: strict service providers refuse the assertion.",
      .rule = "AuthnContext has an AuthnContextClassRef, an AuthnContextDecl or an AuthnContextDeclRef.",
      .spec = "SAML Core 2.7.2.2 · saml-verification AUT-04", .source = CORE, .follows = "saml-schema-invalid",
      .fixes = { { "any",
                   "Fix the template; urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified is always possible." } },
      .run = context_missing },
};

CHECK_SET(core_authn, table);
