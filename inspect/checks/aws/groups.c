/* SPDX-License-Identifier: MIT */
#include "aws_check.h"
#include "aws_evidence.h"

/* Groups: those that the identity provider leaves out, and more than Identity Center looks at. */

enum { GROUPS_EVALUATED = 1000 };

#define GROUPS_LINK "http://schemas.microsoft.com/claims/groups.link"

static void
overage(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *link = aws_attribute_find(run->assertion, GROUPS_LINK);
    struct finding *finding;

    if (link == NULL)
        return;
    finding = check_report(run, check,
                           STR("Entra left out the groups, because the user is in more than 150, and sent a link to "
                               "Microsoft Graph instead."));
    finding->received = link->name.text;
    finding_at(finding, link->where);
}

/* The user whose userName is the NameID; NULL when there is none, or no list. */
static const struct idc_user *
user_of(const struct check_run *run)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    struct str name = str_trim(run->assertion->name_id.value.text);

    for (size_t i = 0; name.len > 0 && aws_evidence_has(evidence, AWS_EVIDENCE_USERS) && i < evidence->user_count; i++)
        if (str_eq(evidence->users[i].user_name, name))
            return &evidence->users[i];
    return NULL;
}

static void
group_limit(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    const struct idc_user *user = user_of(run);
    size_t count = 0;

    for (size_t i = 0; user != NULL && i < evidence->membership_count; i++)
        count += str_eq(evidence->memberships[i].user_id, user->user_id);
    if (count > GROUPS_EVALUATED)
        check_reportf(run, check, "The user is in %zu groups of Identity Center.", count);
}

static bool
has_email(const struct idc_user *user, struct str email)
{
    for (size_t i = 0; i < user->email_count; i++)
        if (str_eq_nocase(user->emails[i], email))
            return true;
    return false;
}

static void
matched_other(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    const struct idc_user *user = user_of(run);

    for (size_t i = 0; user != NULL && i < evidence->user_count; i++) {
        const struct idc_user *other = &evidence->users[i];
        struct finding *finding;

        if (other == user || !has_email(other, user->user_name) || has_email(user, user->user_name))
            continue;
        finding =
            check_reportf(run, check,
                          "The NameID is the userName of one user and the e-mail address of another, \"%.*s\". The "
                          "sign-in goes to the first.",
                          STR_ARG(aws_clip(other->user_name)));
        finding->received = user->user_name;
        finding_at(finding, run->assertion->name_id.value.where);
        return;
    }
}

static const struct check table[] = {
    {
        .id = "acct-entra-overage",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_ANY,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra sent a link instead of groups",
        .means = "Roles or tags that are made from groups are missing. For assignments in Identity Center groups in "
                 "the assertion do not matter.",
        .rule = "No attribute is called " GROUPS_LINK ".",
        .spec = "-",
        .source = "Microsoft Learn, \"Configure group claims for applications\" (read 2026)",
        .follows = "",
        .fixes = {
            FIX("entra", "Attributes & Claims > the group claim: Groups assigned to the application, or a filter; or "
                         "app roles instead of groups."),
        },
        .run = overage,
    },
    {
        .id = "acct-group-limit",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the user is in more groups than are evaluated",
        .means = "Identity Center looks at 1,000 groups of a user at most; accounts of further ones may be missing.",
        .rule = "The user is a member of at most 1,000 groups.",
        .spec = "-",
        .source = "IAM Identity Center User Guide, quotas (read 2026)",
        .follows = "",
        .fixes = {
            FIX("any", "Provision only the groups that have accounts."),
        },
        .run = group_limit,
    },
    {
        .id = "acct-matched-other-user",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_INFERRED,
        .title = "the sign-in may go to another user than meant",
        .means = "Often an old user made by hand took the name; it has no groups, so the portal is empty.",
        .rule = "No other user has the NameID as e-mail address while the user of that name has not.",
        .spec = "-",
        .source = "inferred from " IDC_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "Compare the name that the portal shows; delete the duplicate in IAM Identity Center > Users."),
        },
        .run = matched_other,
    },
};

CHECK_SET(checks_aws_groups, table);
