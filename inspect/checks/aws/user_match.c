/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "aws_evidence.h"
#include "directory.h"

/* More about a user or a group that was looked for in the lists: why it is not found by its name. */

enum { MAX_ATTRIBUTES = 100, MAX_GROUPS = 200 };

/* The user was looked for and no userName is the NameID. */
static bool
is_unknown_user(const struct directory_end *end)
{
    return end->id != NULL &&
           (strcmp(end->id, "nameid-user-not-found") == 0 || strcmp(end->id, "user-not-provisioned") == 0);
}

/* The user whose ExternalId is that value; NULL: none. Short values are no ids. */
static const struct idc_user *
by_external_id(const struct aws_evidence *evidence, struct str value)
{
    enum { SHORTEST_ID = 4 };

    for (size_t i = 0; value.len >= SHORTEST_ID && i < evidence->user_count; i++)
        if (str_eq(evidence->users[i].external_id, value))
            return &evidence->users[i];
    return NULL;
}

static void
name_changed(struct check_run *run, const struct check *check)
{
    struct directory_end end = directory_walk(run);
    const struct saml_attribute *attributes = run->assertion->attributes;

    if (!is_unknown_user(&end))
        return;
    for (size_t i = 0; i < run->assertion->attribute_count && i < MAX_ATTRIBUTES; i++) {
        const struct saml_attribute_value *value = aws_first_value(&attributes[i]);
        const struct idc_user *user =
            value != NULL ? by_external_id(run->context->settings->evidence, str_trim(value->value.text)) : NULL;
        struct finding *finding;

        if (user == NULL)
            continue;
        finding = check_reportf(run, check,
                                "Attribute \"%.*s\" is the ExternalId of a user in the list, who is called otherwise "
                                "there: it is the same person under an older or newer name.",
                                STR_ARG(aws_clip(attributes[i].name.text)));
        finding_mismatch(finding, user->user_name, str_trim(run->assertion->name_id.value.text),
                         "the userName of the user with that ExternalId");
        finding_at(finding, run->assertion->name_id.value.where);
        return;
    }
}

static void
no_jit(struct check_run *run, const struct check *check)
{
    struct directory_end end = directory_walk(run);
    struct finding *finding;

    if (end.id == NULL || strcmp(end.id, "user-not-provisioned") != 0)
        return;
    finding = check_report(run, check,
                           STR("Identity Center makes neither users nor groups out of an assertion: no "
                               "setting of SAML, at either side, will let this user in."));
    finding->received = end.received;
    finding_at(finding, run->assertion->name_id.value.where);
}

static struct str
domain_of(struct str name)
{
    struct str local, domain;

    str_cut(name, '@', &local, &domain);
    return domain;
}

static struct str
local_of(struct str name)
{
    struct str local, domain;

    str_cut(name, '@', &local, &domain);
    return local;
}

/* No userName has the domain of the NameID, and some user has the same name before the @: all names differ. */
static void
names_differ(struct check_run *run, const struct check *check)
{
    enum { ENOUGH_USERS = 2 };
    const struct aws_evidence *evidence = run->context->settings->evidence;
    struct directory_end end = directory_walk(run);
    struct str name = str_trim(run->assertion->name_id.value.text);
    const struct idc_user *same = NULL;
    struct finding *finding;

    if (!is_unknown_user(&end) || evidence->user_count < ENOUGH_USERS || local_of(name).len == 0)
        return;
    for (size_t i = 0; i < evidence->user_count; i++) {
        struct str other = evidence->users[i].user_name;

        if (str_eq_nocase(domain_of(other), domain_of(name)))
            return;
        if (same == NULL && str_eq_nocase(local_of(other), local_of(name)))
            same = &evidence->users[i];
    }
    if (same == NULL)
        return;
    finding = check_reportf(run, check,
                            "None of the %zu userNames in the list is in the domain of the NameID, so it is not this "
                            "user alone: the identity provider sends other names than those that were provisioned.",
                            evidence->user_count);
    finding_mismatch(finding, same->user_name, name, "the list of users");
    finding_at(finding, run->assertion->name_id.value.where);
}

static bool
is_group_of_list(const struct aws_evidence *evidence, struct str name)
{
    for (size_t i = 0; i < evidence->group_count; i++)
        if (str_eq_nocase(evidence->groups[i].name, name))
            return true;
    return false;
}

/* Object ids and names with a domain cannot be compared with the names in the list. */
static bool
is_plain_name(struct str name)
{
    enum { GUID_LENGTH = 36 };

    return name.len > 0 && name.len != GUID_LENGTH && str_find_byte(name, '\\') == SIZE_MAX &&
           str_find_byte(name, '=') == SIZE_MAX && !str_starts_c(name, "S-1-5-");
}

/* The first group of the attribute that the list does not have; absent when there is none. */
static struct str
unknown_group(const struct aws_evidence *evidence, const struct saml_attribute *groups)
{
    for (size_t i = 0; i < groups->value_count && i < MAX_GROUPS; i++) {
        struct str name = str_trim(groups->values[i].value.text);

        if (is_plain_name(name) && !is_group_of_list(evidence, name))
            return name;
    }
    return (struct str){ 0 };
}

static void
group_not_pushed(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    struct directory_end end = directory_walk(run);

    if (end.id == NULL || !aws_evidence_has(evidence, AWS_EVIDENCE_GROUPS) ||
        aws_evidence_goes_on(evidence, AWS_EVIDENCE_GROUPS) ||
        (strcmp(end.id, "acct-not-member-in-idc") != 0 && strcmp(end.id, "acct-no-assignment") != 0))
        return;
    for (size_t i = 0; i < run->assertion->attribute_count && i < MAX_ATTRIBUTES; i++) {
        const struct saml_attribute *groups = &run->assertion->attributes[i];
        struct str name = aws_is_group_attribute(groups) ? unknown_group(evidence, groups) : (struct str){ 0 };
        struct finding *finding;

        if (!str_present(name))
            continue;
        finding = check_reportf(run, check,
                                "The identity provider has the user in group \"%.*s\"; none of the %zu groups of "
                                "Identity Center is called so.",
                                STR_ARG(aws_clip(name)), evidence->group_count);
        finding->received = name;
        finding->source = STR("the list of groups");
        finding_at(finding, groups->where);
        return;
    }
}

#define MATCH_ROW                                                                                                      \
    .subject = CHECK_ASSERTION, .profiles = PROFILE_AWS_IDENTITY_CENTER, .rank = RANK_DIRECTORY, .spec = "-"

static const struct check table[] = {
    {
        MATCH_ROW,
        .id = "nameid-changed",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the user was renamed, Identity Center has the other name",
        .means = "After a new name or domain the identity provider sends the new one; provisioning did not carry it "
                 "over.",
        .rule = "No user in the list whose userName is not the NameID has an ExternalId that the assertion holds.",
        .source = "IAM Identity Center User Guide, provisioning with SCIM (read 2026)",
        .follows = "",
        .fixes = {
            FIX("okta", "Provisioning > To App: Update User Attributes on; then push the user again."),
            FIX("entra", "Provision on demand for the user; userName must be among the mappings."),
            FIX("any", "Let provisioning update the userName, with an externalId that never changes."),
        },
        .run = name_changed,
    },
    {
        MATCH_ROW,
        .id = "user-no-jit",
        .severity = SEVERITY_INFO,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "signing in makes no user",
        .means = "Users have to exist in Identity Center before they sign in.",
        .rule = "The user is in the list of users.",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "user-not-provisioned",
        .fixes = {
            FIX("any", "Provision the user with SCIM, or make it by hand."),
        },
        .run = no_jit,
    },
    {
        MATCH_ROW,
        .id = "idc-new-idp-names-differ",
        .severity = SEVERITY_WARNING,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "all names differ, as after a move to another identity provider",
        .means = "A change of identity provider keeps users and assignments, but the new one has to send the old "
                 "names.",
        .rule = "Some userName in the list is in the domain of the NameID.",
        .source = "IAM Identity Center User Guide, \"Considerations for changing your identity source\"",
        .follows = "nameid-user-not-found user-not-provisioned nameid-changed",
        .fixes = {
            FIX("any", "Send the old values as NameID, or rename the users in Identity Center (with SCIM: map userName "
                       "to what is sent as NameID)."),
        },
        .run = names_differ,
    },
    {
        MATCH_ROW,
        .id = "acct-group-not-pushed",
        .severity = SEVERITY_WARNING,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "a group of the user exists at the identity provider only",
        .means = "Accounts are assigned to groups of Identity Center; a group that is not there cannot have any.",
        .rule = "A user without accounts is in no group, by the assertion, that the list of groups lacks.",
        .source = "IAM Identity Center User Guide, Okta tutorial (read 2022)",
        .follows = "acct-not-member-in-idc acct-no-assignment",
        .fixes = {
            FIX("okta", "Push Groups > Find groups by name: push the group."),
            FIX("entra", "Users and groups: assign the group; Provisioning > Mappings: groups on."),
            FIX("any", "Provision the group, or make it in Identity Center, then assign accounts to it."),
        },
        .run = group_not_pushed,
    },
};

CHECK_SET(checks_aws_user_match, table);
