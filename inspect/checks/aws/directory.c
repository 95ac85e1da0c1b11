/* SPDX-License-Identifier: MIT */
#include "directory.h"

#include <string.h>

void
directory_report(struct check_run *run, const struct check *check, const struct directory_end *end)
{
    struct finding *finding = check_report(run, check, end->text);

    if (str_present(end->expected))
        finding_mismatch(finding, end->expected, end->received, end->source);
    finding->received = end->received;
    finding->source = str_from(end->source);
    finding->confidence = end->confidence;
    finding_at(finding, run->assertion->name_id.value.where);
}

void
directory_row(struct check_run *run, const struct check *check)
{
    struct directory_end end = directory_walk(run);

    if (end.id != NULL && strcmp(end.id, check->id) == 0)
        directory_report(run, check, &end);
}

/* These rows look at the answers of AWS; with lists, what they suspect is known before there is one. */
static const char *const suspects[] = { "nameid-user-not-found", "user-not-provisioned", "acct-no-assignment" };

static void
skip(struct check_run *run, const struct check *check, const struct directory_end *end)
{
    const struct check *no_assignment = check_find(STR("acct-no-assignment")),
                       *not_found = check_find(STR("nameid-user-not-found"));

    if (end->user == NULL) {
        check_skipped(run, check, end->not_walked);
        if (not_found != NULL)
            check_skipped(run, not_found, end->not_walked);
    }
    if (no_assignment != NULL)
        check_skipped(run, no_assignment, end->not_walked);
}

static void
directory_main(struct check_run *run, const struct check *check)
{
    struct directory_end end = directory_walk(run);

    if (end.not_walked != NULL)
        skip(run, check, &end);
    if (end.id == NULL)
        return;
    if (strcmp(end.id, check->id) == 0)
        directory_report(run, check, &end);
    for (size_t i = 0; i < COUNT_OF(suspects); i++)
        if (strcmp(end.id, suspects[i]) == 0 && check_find(str_from(suspects[i])) != NULL)
            directory_report(run, check_find(str_from(suspects[i])), &end);
}

static const struct check table[] = {
    {
        .id = "nameid-email-not-username",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the NameID is the user's e-mail, but not the userName",
        .means = "Identity Center compares with the userName only.",
        .rule = "The NameID equals the userName, not only the e-mail address, of a user.",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT "; an issue of Microsoft's tutorial, which makes userName B.Simon",
        .follows = "scim-username-vs-nameid",
        .fixes = {
            FIX("okta", "Sign On > Application username and the userName that provisioning sends must be one value."),
            FIX("entra", "Use one attribute for Unique User Identifier and for userName in Provisioning > Mappings."),
            FIX("any", "Set the userName in Identity Center to the value of the NameID."),
        },
        .run = directory_main,
    },
    {
        .id = "nameid-case-differs",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_INFERRED,
        .title = "NameID and userName differ in case",
        .means = "AWS says that they must match exactly and does not document how it treats case, so this is probably "
                 "the cause, not surely.",
        .rule = "The NameID equals a userName byte for byte.",
        .spec = "-",
        .source = "inferred from " IDC_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "Send and provision lower case on both sides: toLower() at the identity provider, the "
                       "userName likewise."),
        },
        .run = directory_row,
    },
    {
        .id = "user-disabled-idc",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_INFERRED,
        .title = "the user is disabled in Identity Center",
        .means = "A disabled user cannot sign in, whatever the assertion says.",
        .rule = "UserStatus of the user is not DISABLED.",
        .spec = "-",
        .source = "inferred; IAM Identity Center User Guide, SCIM with Okta (read 2026): unassigning a user in Okta "
                  "disables it",
        .follows = "",
        .fixes = {
            FIX("okta", "Assign the user to the app again: unassigning disabled it."),
            FIX("entra", "Assign the user to the app again and run Provision on demand."),
            FIX("any", "IAM Identity Center > Users > the user > Enable user access; with provisioning, enable it at "
                       "the identity provider."),
        },
        .run = directory_row,
    },
    {
        .id = "acct-not-member-in-idc",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the user is in no group of Identity Center",
        .means = "Accounts are assigned to groups of Identity Center; a membership that exists only at the identity "
                 "provider does not count, and groups in the assertion are ignored.",
        .rule = "The user is a member, in Identity Center, of a group that has an assignment.",
        .spec = "-",
        .source = "IAM Identity Center User Guide, \"Single sign-on access to AWS accounts\" (read 2026)",
        .follows = "",
        .fixes = {
            FIX("okta", "Push Groups: push the group, and look for failed membership updates."),
            FIX("entra", "Assign the group to the app (direct members only) and provision again."),
            FIX("any", "Add the user to the group in Identity Center, by provisioning or by hand."),
        },
        .run = directory_row,
    },
    {
        .id = "acct-stale-principal",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "an assignment points to a user or group that exists no more",
        .means = "An assignment keeps the internal id. Who was deleted and made anew has another one, though the name "
                 "is the same.",
        .rule = "The PrincipalId of every assignment is a user or group in the lists.",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "IAM Identity Center > AWS accounts > the account: remove the assignment and add it again."),
        },
        .run = directory_row,
    },
    {
        .id = "acct-wrong-instance",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_INFERRED,
        .title = "lists and sign-in are of different instances",
        .means = "Each instance has users and accounts of its own.",
        .rule = "The IdentityStoreId of the lists is the one in the Audience of the assertion.",
        .spec = "-",
        .source = "inferred from " IDC_GUIDE_REGIONS,
        .follows = "",
        .fixes = {
            FIX("any", "Compare the d-… id in the Audience with IAM Identity Center > Settings; read the lists with "
                       "its --identity-store-id and Region, or correct the app at the identity provider."),
        },
        .run = directory_row,
    },
    {
        .id = "acct-provisioning-failed",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_INFERRED,
        .title = "a permission set could not be provisioned",
        .means = "The assignment exists, but the role in the account could not be made or changed: often a customer "
                 "managed policy or boundary that the account lacks, a service control policy or a quota.",
        .rule = "No provisioning status given is FAILED.",
        .spec = "-",
        .source = "inferred; IAM Identity Center API, DescribePermissionSetProvisioningStatus",
        .follows = "",
        .fixes = {
            FIX("any", "Create what FailureReason names in the account, then IAM Identity Center > AWS accounts > "
                       "Reapply access configuration."),
        },
        .run = directory_row,
    },
    {
        .id = "acct-assignment-pending",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "an assignment is being made",
        .means = "It takes some minutes until the account appears in the portal.",
        .rule = "No provisioning status given is IN_PROGRESS.",
        .spec = "-",
        .source = "IAM Identity Center User Guide, \"Single sign-on access to AWS accounts\" (read 2026)",
        .follows = "",
        .fixes = {
            FIX("any", "Wait a few minutes and load the portal again."),
        },
        .run = directory_row,
    },
};

CHECK_SET(checks_aws_directory, table);
