/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

#include "attributes.h"

/* Attributes in a response to Identity Center: what it does not read, and connectors made for IAM. */

static const char *const iam_attributes[] = {
    AWS_ATTRIBUTE_ROLE,
    AWS_ATTRIBUTE_SESSION_NAME,
    AWS_ATTRIBUTE_SESSION_DURATION,
};

static const struct saml_attribute *
first_iam_attribute(const struct saml_assertion *assertion)
{
    for (size_t i = 0; i < COUNT_OF(iam_attributes); i++) {
        const struct saml_attribute *attribute = aws_attribute_find(assertion, iam_attributes[i]);

        if (attribute != NULL)
            return attribute;
    }
    return NULL;
}

/* Role attribute and a NameID that Identity Center does not take: the app was made for IAM. */
static void
wrong_connector(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *role = aws_attribute_find(run->assertion, AWS_ATTRIBUTE_ROLE);

    if (role == NULL || str_eq_c(run->assertion->name_id.format.text, AWS_FORMAT_EMAIL))
        return;
    finding_at(check_reportf(run, check,
                             "The response carries the Role attribute of IAM federation and a NameID whose format "
                             "Identity Center does not take: the app at the identity provider was made for IAM."),
               role->where);
}

static void
role_attributes(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *attribute = first_iam_attribute(run->assertion);

    if (attribute == NULL)
        return;
    struct finding *finding = check_reportf(run, check,
                                            "Identity Center takes access from its own assignments, not from this "
                                            "attribute.");
    finding->received = attribute->name.text;
    finding_at(finding, attribute->where);
}

static void
groups(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];

        if (!aws_is_group_attribute(attribute))
            continue;
        struct finding *finding = check_reportf(run, check,
                                                "The assertion lists %zu group%s. Identity Center does not read them: "
                                                "groups come from SCIM or are made by hand.",
                                                attribute->value_count, attribute->value_count == 1 ? "" : "s");
        finding->received = attribute->name.text;
        finding_at(finding, attribute->where);
        return;
    }
}

static const struct check table[] = {
    {
        .id = "idc-wrong-connector",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_WRONG_ENDPOINT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the app at the identity provider was made for IAM",
        .means = "AWS warns that catalogue items called \"AWS\" or \"AWS federation\" may not work with Identity Center.",
        .rule = "A response to Identity Center has no Role attribute together with a NameID of another format than "
                "emailAddress.",
        .spec = "-",
        .source = IDC_GUIDE_EXTERNAL_IDP,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Use the app \"AWS IAM Identity Center\", not \"AWS Account Federation\"."),
            FIX("entra", "Use the gallery app \"AWS IAM Identity Center\", not \"AWS Single-Account Access\"."),
            FIX("any", "Use the catalogue item made for IAM Identity Center."),
        },
        .run = wrong_connector,
    },
    {
        .id = "idc-role-attributes-ignored",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_NOTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_INFERRED,
        .title = "role attributes of IAM federation have no effect here",
        .means = "The user signs in but gets no account from them: access comes only from assignments of permission "
                 "sets.",
        .rule = "A response to Identity Center has no Role, RoleSessionName or SessionDuration attribute of AWS.",
        .spec = "-",
        .source = IDC_GUIDE_EXTERNAL_IDP "; " IDC_GUIDE_ABAC,
        .follows = "acs-wrong-product idc-wrong-connector",
        .fixes = {
            FIX("any", "Remove the attributes; assign users or groups to accounts: IAM Identity Center > AWS accounts > "
                       "Assign users or groups."),
        },
        .run = role_attributes,
    },
    {
        .id = "idc-groups-ignored",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "groups in the assertion have no effect",
        .means = "A user who is in groups at the identity provider only signs in and sees no account.",
        .rule = "A response to Identity Center carries no group claim.",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT "; \"Users, groups, and provisioning\" (read 2022)",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "The app > Push Groups: push the groups by SCIM; drop the group attribute statement."),
            FIX("entra", "Provisioning: assign the groups to the app and map groups; drop the group claim."),
            FIX("adfs", "AD FS has no SCIM: create the groups and members in Identity Center by hand or by a script."),
            FIX("any", "Provision groups by SCIM or by hand, then assign them to accounts."),
        },
        .run = groups,
    },
};

CHECK_SET(checks_aws_idc, table);
