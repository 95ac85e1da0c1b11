/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "directory.h"

/* The identity provider's log, and other lists, held against one sign-in. */

enum { NEAR_MS = 10 * 60 * 1000 };

static const struct aws_evidence *
lists_of(const struct check_run *run)
{
    static const struct aws_evidence nothing = { 0 };
    const struct aws_evidence *evidence = run->context->settings->evidence;

    return evidence != NULL ? evidence : &nothing;
}

static struct str
name_of(const struct saml_assertion *assertion)
{
    return str_trim(assertion->name_id.value.text);
}

/* --- provisioning --------------------------------------------------------------------------------- */

static const char *
vendor_title(const struct idp_log_entry *entry)
{
    return strcmp(entry->vendor, "okta") == 0 ? "Okta" : "Entra";
}

/* The user was provisioned, but only after this sign-in. An earlier success says that it was there. */
static void
not_yet_synced(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *lists = lists_of(run);
    struct str name = name_of(run->assertion);
    const struct idp_log_entry *first = NULL;
    struct finding *finding;

    for (size_t i = 0; name.len > 0 && i < lists->log_count; i++) {
        const struct idp_log_entry *entry = &lists->log[i];
        bool same = str_eq_nocase(entry->user, name) || str_eq_nocase(entry->sent_name, name);

        if (entry->kind == IDP_LOG_PROVISIONING && entry->result == IDP_LOG_SUCCESS && entry->has_time && same &&
            (first == NULL || entry->time_ms < first->time_ms))
            first = entry;
    }
    if (first == NULL || first->time_ms <= run->context->now_ms || aws_evidence_goes_on(lists, AWS_EVIDENCE_IDP_LOG))
        return;
    finding = check_reportf(run, check,
                            "%s provisioned the user %" PRId64 " minutes after this sign-in, and the log given has no "
                            "earlier entry for the user.",
                            vendor_title(first), (first->time_ms - run->context->now_ms) / 60000);
    finding->expected =
        arena_printf(run->arena, "before %.*s", STR_ARG(xstime_format(run->arena, run->context->now_ms)));
    finding->received = first->time;
    finding->source = STR("the identity provider's log");
    finding_at(finding, run->assertion->name_id.value.where);
}

/* The log has the user under the NameID, and another name went to Identity Center. */
static void
username_differs(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *lists = lists_of(run);
    struct str name = name_of(run->assertion);
    const struct idp_log_entry *last = NULL;
    struct finding *finding;

    for (size_t i = 0; name.len > 0 && i < lists->log_count; i++) {
        const struct idp_log_entry *entry = &lists->log[i];

        if (entry->kind == IDP_LOG_PROVISIONING && entry->result == IDP_LOG_SUCCESS && entry->sent_name.len > 0 &&
            str_eq_nocase(entry->user, name) && (last == NULL || entry->time_ms >= last->time_ms))
            last = entry;
    }
    if (last == NULL || str_eq(last->sent_name, name))
        return;
    finding = check_reportf(run, check, "%s calls the user as the NameID does, and provisioned another userName.",
                            vendor_title(last));
    finding_mismatch(finding, last->sent_name, name, "userName in the identity provider's log");
    finding_at(finding, run->assertion->name_id.value.where);
}

/* --- Okta says success ---------------------------------------------------------------------------- */

static void
okta_success(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *lists = lists_of(run);
    struct str name = run->saml != NULL && run->saml->assertion_count > 0 ? name_of(run->saml->assertions) : STR("");

    if (run->signin->outcome != OUTCOME_REFUSED || name.len == 0)
        return;
    for (size_t i = 0; i < lists->log_count; i++) {
        const struct idp_log_entry *entry = &lists->log[i];
        int64_t apart = entry->time_ms - run->context->now_ms;

        if (entry->kind != IDP_LOG_SIGN_IN || strcmp(entry->vendor, "okta") != 0 || !entry->has_time ||
            entry->result != IDP_LOG_SUCCESS || !str_eq_nocase(entry->user, name) || apart > NEAR_MS ||
            apart < -NEAR_MS)
            continue;
        struct finding *finding =
            check_reportf(run, check,
                          "Okta's log has this sign-in as a success (%.*s): what AWS refused is what Okta "
                          "was set up to send.",
                          STR_ARG(entry->time));
        finding->received = entry->application;
        finding->source = STR("the Okta System Log");
        return;
    }
}

/* --- settings of Identity Center ------------------------------------------------------------------ */

static void
abac_overridden(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *lists = lists_of(run);
    size_t count = aws_compared_attributes(run->assertion);

    for (size_t i = 0; i < count; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];
        struct str key = aws_attribute_tag_key(attribute, AWS_ATTRIBUTE_ACCESS_CONTROL);

        for (size_t k = 0; str_present(key) && k < lists->abac_key_count; k++)
            if (str_eq(lists->abac_keys[k], key)) {
                finding_at(check_reportf(run, check,
                                         "Attribute \"%.*s\" is also set in Identity Center, whose value replaces this "
                                         "one.",
                                         STR_ARG(aws_clip(key))),
                           attribute->where);
                return;
            }
    }
}

static bool
is_source_change(const struct trail_event *event)
{
    return str_eq_c(event->source, "sso.amazonaws.com") &&
           (str_eq_c(event->name, "AssociateDirectory") || str_eq_c(event->name, "DisassociateDirectory"));
}

static void
source_change(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *lists = lists_of(run);
    struct directory_end end = directory_walk(run);

    /* With complete lists that lead to an account nothing was lost. */
    if (end.user != NULL && end.id == NULL && end.not_walked == NULL)
        return;
    for (size_t i = 0; i < lists->event_count; i++) {
        const struct trail_event *event = &lists->events[i];

        if (!is_source_change(event) || !event->has_time || event->time_ms > run->context->now_ms ||
            event->error_code.len > 0)
            continue;
        struct finding *finding = check_reportf(
            run, check, "CloudTrail has %.*s at %.*s: the identity source was changed to or from Active Directory.",
            STR_ARG(event->name), STR_ARG(event->time));
        finding->received = event->name;
        finding->source = STR("CloudTrail");
        return;
    }
}

#define LOG_ROW(looks_at, for_profiles, how_bad, explains, fixer, sure, rests_on)                                      \
    .subject = CHECK_##looks_at, .profiles = (for_profiles), .severity = SEVERITY_##how_bad, .rank = RANK_##explains,  \
    .owner = OWNER_##fixer, .confidence = CONFIDENCE_##sure, .standing = STANDING_##rests_on, .spec = "-"

static const struct check table[] = {
    {
        LOG_ROW(ASSERTION, PROFILE_AWS_IDENTITY_CENTER, ERROR, DIRECTORY, IDP_ADMIN, PROVEN, DOCUMENTED),
        .id = "scim-not-yet-synced",
        .title = "the user was provisioned after the sign-in",
        .means = "The account was not there yet. Entra provisions in cycles of about 40 minutes.",
        .rule = "The identity provider's log has the user provisioned before the sign-in.",
        .source = "Microsoft Learn, AWS IAM Identity Center provisioning tutorial (read 2026)",
        .follows = "",
        .fixes = {
            FIX("entra", "Provisioning > Provision on demand for new users."),
            FIX("any", "Sign in again; provision new users at once when they are in a hurry."),
        },
        .run = not_yet_synced,
    },
    {
        LOG_ROW(ASSERTION, PROFILE_AWS_IDENTITY_CENTER, ERROR, DIRECTORY, IDP_ADMIN, PROVEN, DOCUMENTED),
        .id = "scim-username-vs-nameid",
        .title = "provisioning and sign-in send different names",
        .means = "The user was made under one name and signs in under another; Identity Center compares them exactly.",
        .rule = "userName that the log has provisioned for the user equals the NameID.",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("okta", "Sign On > Application username, and Provisioning > To App > userName: the same attribute."),
            FIX("entra", "Single sign-on > Unique User Identifier, and Provisioning > Mappings > userName: the same "
                         "attribute."),
            FIX("any", "Use one attribute for the NameID and for userName."),
        },
        .run = username_differs,
    },
    {
        LOG_ROW(SIGNIN, PROFILE_AWS, WARNING, NOTE, IDP_ADMIN, LIKELY, OBSERVED),
        .id = "okta-success-but-fails",
        .title = "Okta counts this sign-in as a success",
        .means = "Its log ends where the response leaves Okta; what AWS makes of it does not show there.",
        .rule = "A sign-in that AWS refused is no success in the Okta System Log.",
        .source = "a public walkthrough of Okta with Identity Center",
        .follows = "",
        .fixes = {
            FIX("okta", "Look at the cause that is named beside this one; the System Log will not show it."),
        },
        .run = okta_success,
    },
    {
        LOG_ROW(ASSERTION, PROFILE_AWS_IDENTITY_CENTER, WARNING, NOTE, SP_ADMIN, LIKELY, DOCUMENTED),
        .id = "idc-abac-overridden",
        .title = "an attribute is replaced by Identity Center",
        .means = "A tag then has another value than the identity provider sent. AWS's pages differ about other orders "
                 "of precedence.",
        .rule = "No AccessControl attribute of the assertion is set in Identity Center itself.",
        .source = IDC_GUIDE_ABAC,
        .follows = "",
        .fixes = {
            FIX("any", "Set each key in one place: remove it under Settings > Attributes for access control, or stop "
                       "sending it."),
        },
        .run = abac_overridden,
    },
    {
        LOG_ROW(ASSERTION, PROFILE_AWS_IDENTITY_CENTER, WARNING, DIRECTORY, SP_ADMIN, LIKELY, DOCUMENTED),
        .id = "idc-source-change-lost-assignments",
        .title = "the identity source was changed",
        .means = "A change to or from Active Directory deletes users, groups and assignments.",
        .rule = "CloudTrail has no change of the directory before a sign-in that reaches no account.",
        .source = "IAM Identity Center User Guide, \"Considerations for changing your identity source\"; names of the "
                  "events from a public detection rule",
        .follows = "acct-no-assignment acct-not-member-in-idc acct-stale-principal user-not-provisioned",
        .fixes = {
            FIX("any", "Provision users and groups again and assign the accounts anew."),
        },
        .run = source_change,
    },
};

CHECK_SET(checks_aws_idp_log, table);
