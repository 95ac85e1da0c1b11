/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "aws_check.h"

/* How long AWS gives a response, and a session. */

/* The older IssueInstant of response and assertion; which one AWS reads is not documented. */
static bool
issued(const struct check_run *run, int64_t *ms, struct where *where)
{
    const struct saml_time *assertion = &run->assertion->issue_instant;
    const struct saml_time *response = &run->saml->issue_instant;

    if (!assertion->valid && !response->valid)
        return false;
    if (assertion->valid && (!response->valid || assertion->time.ms <= response->time.ms)) {
        *ms = assertion->time.ms;
        *where = assertion->raw.where;
    } else {
        *ms = response->time.ms;
        *where = response->raw.where;
    }
    return true;
}

static void
five_minutes(struct check_run *run, const struct check *check)
{
    int64_t now = run->context->now_ms;
    struct where where;
    int64_t start;

    if (!issued(run, &start, &where) || now - start <= AWS_STS_REDEEM_SECONDS * INT64_C(1000))
        return;
    struct finding *finding = check_reportf(run, check,
                                            "The response was %" PRId64 " seconds old (by %s). AWS STS was seen to "
                                            "refuse responses that are older than 5 minutes, whatever NotOnOrAfter "
                                            "says.",
                                            (now - start) / 1000, run->context->now_source);
    finding->expected = arena_printf(run->arena, "not before %.*s",
                                     STR_ARG(xstime_format(run->arena, now - AWS_STS_REDEEM_SECONDS * INT64_C(1000))));
    finding->received = xstime_format(run->arena, start);
    finding->source = str_from(run->context->now_source);
    /* A saved response that is read later is old by nature: that is no cause. */
    if (run->exchange == NULL && !run->context->settings->has_now)
        finding->severity = SEVERITY_WARNING;
    finding_at(finding, where);
}

/* Seconds the identity provider allows the session, from now; false when it sets no end. */
static bool
session_end(const struct check_run *run, int64_t *seconds, const struct saml_time **time)
{
    const struct saml_assertion *assertion = run->assertion;

    *time = NULL;
    for (size_t i = 0; i < assertion->authn_statement_count; i++) {
        const struct saml_time *end = &assertion->authn_statements[i].session_not_on_or_after;

        if (end->valid && (*time == NULL || end->time.ms < (*time)->time.ms))
            *time = end;
    }
    if (*time == NULL)
        return false;
    int64_t start = assertion->issue_instant.valid ? assertion->issue_instant.time.ms : run->context->now_ms;
    *seconds = ((*time)->time.ms - start) / 1000;
    return true;
}

static int64_t
seconds_wanted(const struct check_run *run)
{
    const struct saml_attribute_value *value =
        aws_first_value(aws_attribute_find(run->assertion, AWS_ATTRIBUTE_SESSION_DURATION));
    uint64_t seconds;

    if (run->context->profile == PROFILE_AWS_IDENTITY_CENTER)
        return AWS_PORTAL_SECONDS_DEFAULT;
    if (value == NULL || !str_to_u64(value->value.text, &seconds) || seconds > AWS_SESSION_SECONDS_MAX)
        return AWS_SESSION_SECONDS_DEFAULT;
    return (int64_t)seconds;
}

static void
session_short(struct check_run *run, const struct check *check)
{
    bool idc = run->context->profile == PROFILE_AWS_IDENTITY_CENTER;
    const struct saml_time *end;
    int64_t seconds;

    if (!session_end(run, &seconds, &end) || seconds >= seconds_wanted(run))
        return;
    struct finding *finding = check_reportf(
        run, check,
        "The identity provider ends the session after %" PRId64 " minutes; %s is "
        "%" PRId64 " minutes. The shorter of the two counts.",
        seconds / 60, idc ? "the portal's default" : "the session duration for the console", seconds_wanted(run) / 60);
    finding->received = end->raw.text;
    finding_at(finding, end->raw.where);
}

static const struct check table[] = {
    {
        .id = "time-sts-five-minutes",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_TIME,
        .owner = OWNER_USER,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_OBSERVED,
        .title = "the response is older than five minutes",
        .means = "AWS STS answers \"Token must be redeemed within 5 minutes of issuance\" (ExpiredTokenException).",
        .rule = "Now minus the older IssueInstant of response and assertion is at most 300 seconds.",
        .spec = "-",
        .source = "error text in public threads; not in AWS's documentation",
        .follows = "time-expired time-scd-expired time-idp-skew acs-wrong-product",
        .fixes = {
            FIX("any", "Sign in again and use the response at once. Scripts that take many roles need a fresh response "
                       "for each batch. When a fresh response is this old, set the identity provider's clock."),
        },
        .run = five_minutes,
    },
    {
        .id = "time-session-short",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS,
        .rank = RANK_NOTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the identity provider ends the session early",
        .means = "The sign-in works, but console or portal sessions end sooner than set in AWS.",
        .rule = "SessionNotOnOrAfter leaves at least SessionDuration (IAM; default 1 hour) or 8 hours (default of the "
                "access portal).",
        .spec = "SAML Core 2.7.2",
        .source = AWS_GUIDE_ASSERTIONS "; IAM Identity Center User Guide, \"Set session duration\" (read 2026)",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Sign On > Maximum App Session Lifetime: raise it (Send value in response)."),
            FIX("adfs", "Set-AdfsRelyingPartyTrust -TokenLifetime for the trust."),
            FIX("keycloak", "Realm settings > Sessions: SSO Session Max."),
            FIX("any", "Raise the session lifetime that the identity provider puts into SessionNotOnOrAfter."),
        },
        .run = session_short,
    },
};

CHECK_SET(checks_aws_session_time, table);
