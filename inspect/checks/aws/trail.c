/* SPDX-License-Identifier: MIT */
#include "aws_check.h"
#include "aws_evidence.h"
#include "error_texts.h"

/*
 * CloudTrail events that belong to this sign-in. STS notes the ID of the assertion, so its events are
 * told for sure; those of Identity Center are told by user and time.
 */

enum { NEAR_MS = 10 * 60 * 1000, EARLY_MS = 60 * 1000, MAX_REPORTED = 10 };

#define TRAIL_GUIDE                                                                                                    \
    "AWS CloudTrail and IAM User Guides, \"Logging IAM and AWS STS API calls\"; IAM Identity Center User Guide, "      \
    "\"CloudTrail events\" (read 2026)"

enum join { JOIN_NONE, JOIN_LIKELY, JOIN_SURE };

static bool
is_near(const struct check_run *run, const struct trail_event *event)
{
    const struct saml_time *issued = &run->assertion->issue_instant;
    int64_t from = issued->valid ? issued->time.ms : run->context->now_ms;

    return event->has_time && event->time_ms >= from - EARLY_MS && event->time_ms - from <= NEAR_MS;
}

static bool
names_the_session(const struct check_run *run, const struct trail_event *event)
{
    const struct saml_attribute_value *name =
        aws_first_value(aws_attribute_find(run->assertion, AWS_ATTRIBUTE_SESSION_NAME));

    return event->session_name.len > 0 && name != NULL && str_eq(str_trim(name->value.text), event->session_name);
}

static enum join
join_sts(const struct check_run *run, const struct trail_event *event)
{
    if (event->assertion_id.len > 0)
        return str_eq(event->assertion_id, run->assertion->id.text) ? JOIN_SURE : JOIN_NONE;
    return is_near(run, event) && names_the_session(run, event) ? JOIN_LIKELY : JOIN_NONE;
}

/* AWS hides the name of users who are not known; the time has to do then. */
static enum join
join_directory(const struct check_run *run, const struct trail_event *event)
{
    struct str name = str_trim(run->assertion->name_id.value.text);
    bool hidden = event->user.len == 0 || str_starts_c(event->user, "HIDDEN_");

    if (!is_near(run, event) || (!hidden && !str_eq_nocase(event->user, name)))
        return JOIN_NONE;
    return JOIN_LIKELY;
}

static enum join
join_of(const struct check_run *run, const struct trail_event *event)
{
    bool sts = str_eq_c(event->name, "AssumeRoleWithSAML");

    if (run->context->profile == PROFILE_AWS_IAM)
        return sts ? join_sts(run, event) : JOIN_NONE;
    if (str_eq_c(event->name, "ExternalIdPDirectoryLogin") || str_eq_c(event->name, "UserAuthentication"))
        return join_directory(run, event);
    return JOIN_NONE;
}

static bool
is_failure(const struct trail_event *event)
{
    return event->error_code.len > 0 || event->error_message.len > 0 || str_eq_nocase(event->outcome, STR("Failure"));
}

/* "CloudTrail, 2026-01-01T00:00:02Z, AssumeRoleWithSAML (request …)" */
static struct str
event_words(const struct check_run *run, const struct trail_event *event)
{
    struct str request = aws_clip(event->request_id.len > 0 ? event->request_id : event->event_id);

    return arena_printf(run->arena, "CloudTrail, %.*s, %.*s%s%.*s%s", STR_ARG(aws_clip(event->time)),
                        STR_ARG(event->name), request.len > 0 ? " (request " : "", STR_ARG(request),
                        request.len > 0 ? ")" : "");
}

static struct str
reason_of(const struct check_run *run, const struct trail_event *event)
{
    if (event->error_code.len == 0 && event->error_message.len == 0)
        return event->outcome;
    if (event->error_code.len == 0 || event->error_message.len == 0)
        return event->error_code.len > 0 ? event->error_code : event->error_message;
    return arena_printf(run->arena, "%.*s: %.*s", STR_ARG(event->error_code), STR_ARG(event->error_message));
}

/* A reason with one meaning is a finding of that meaning; AWS's word alone makes it likely, not proven. */
static void
report_meaning(struct check_run *run, struct str reason, struct str words)
{
    struct error_match matches[ERROR_MATCHES_MAX];
    size_t count = error_texts_find(reason, matches);
    const struct check *check = count == 1 ? matches[0].check : NULL;
    struct finding *finding;

    if (check == NULL || aws_is_found(run, check) || aws_cause_found(run))
        return;
    finding = check_report(run, check, arena_printf(run->arena, "%.*s gives this reason.", STR_ARG(words)));
    finding->received = reason;
    finding->source = STR("CloudTrail");
    finding->severity = SEVERITY_ERROR;
    finding->confidence = CONFIDENCE_LIKELY;
}

static void
report_event(struct check_run *run, const struct check *check, const struct trail_event *event, enum join join)
{
    struct str words = event_words(run, event), reason = reason_of(run, event), role = aws_clip(event->role_arn);
    struct finding *finding = check_reportf(run, check, "%.*s%s%.*s: %s.", STR_ARG(words), role.len > 0 ? " for " : "",
                                            STR_ARG(role), is_failure(event) ? "refused" : "accepted");

    finding->received = reason;
    finding->source = STR("CloudTrail");
    finding->confidence = join == JOIN_SURE ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY;
    if (is_failure(event))
        report_meaning(run, reason, words);
}

static size_t
report_events(struct check_run *run, const struct check *check, bool failures)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    size_t joined = 0, reported = 0;

    for (size_t i = 0; i < evidence->event_count; i++) {
        const struct trail_event *event = &evidence->events[i];
        enum join join = join_of(run, event);

        joined += join != JOIN_NONE;
        if (join != JOIN_NONE && is_failure(event) == failures && reported++ < MAX_REPORTED)
            report_event(run, check, event, join);
    }
    return joined;
}

static void
refused(struct check_run *run, const struct check *check)
{
    if (!aws_evidence_has(run->context->settings->evidence, AWS_EVIDENCE_TRAIL))
        check_skipped(run, check, "no CloudTrail events given");
    else if (report_events(run, check, true) == 0)
        check_skipped(run, check, "none of the CloudTrail events given belongs to this sign-in");
}

static void
accepted(struct check_run *run, const struct check *check)
{
    if (aws_evidence_has(run->context->settings->evidence, AWS_EVIDENCE_TRAIL))
        report_events(run, check, false);
}

static const struct check table[] = {
    {
        .id = "cloudtrail-refused",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS,
        .rank = RANK_SYMPTOM,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "CloudTrail says that AWS refused this sign-in",
        .means = "What the page in the browser hides, CloudTrail names: the code and the sentence stand here.",
        .rule = "No CloudTrail event of this assertion, or of this user at this time, has an error or says Failure.",
        .spec = "-",
        .source = TRAIL_GUIDE,
        .follows = "",
        .fixes = {
            FIX("any", "Look at the other findings; 'samltap explain --text' explains the sentence."),
        },
        .run = refused,
    },
    {
        .id = "cloudtrail-accepted",
        .severity = SEVERITY_INFO,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS,
        .rank = RANK_NOTE,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "CloudTrail says that AWS accepted this sign-in",
        .means = "If the user still cannot work, the cause lies behind the sign-in: assignments, roles, policies.",
        .rule = "A CloudTrail event of this assertion, or of this user at this time, has no error.",
        .spec = "-",
        .source = TRAIL_GUIDE,
        .follows = "",
        .fixes = {
            FIX("any", "Nothing to do."),
        },
        .run = accepted,
    },
};

CHECK_SET(checks_aws_trail, table);
