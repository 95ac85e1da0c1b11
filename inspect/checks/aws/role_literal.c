/* SPDX-License-Identifier: MIT */
#include "attributes.h"
#include "aws_check.h"

/* Role values that show how the identity provider's mapping failed. */

static const char *const okta_marks[] = { "appuser.", "user.", "${", "{{" };

/* 8-4-4-4-12 hex digits. */
static bool
is_guid(struct str text)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (text.len != sizeof(shape) - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

        if (shape[i] == '-' ? c != '-' : !hex)
            return false;
    }
    return true;
}

enum aws_literal
aws_role_literal(struct str value)
{
    struct str text = str_trim(value);

    for (size_t i = 0; i < COUNT_OF(okta_marks); i++)
        if (str_find_c(text, okta_marks[i]) != SIZE_MAX &&
            (i >= 2 || str_starts_c(text, okta_marks[i]) || str_find_c(text, "arn:") == SIZE_MAX))
            return AWS_LITERAL_OKTA;
    if (str_find_c(text, "$1") != SIZE_MAX || str_find_c(text, "$2") != SIZE_MAX ||
        (str_starts_nocase(text, STR("AWS-")) && str_find_c(text, "arn:") == SIZE_MAX))
        return AWS_LITERAL_ADFS;
    return is_guid(text) ? AWS_LITERAL_GUID : AWS_LITERAL_NONE;
}

static void
each_literal(struct check_run *run, const struct check *check, enum aws_literal kind, const char *sentence)
{
    const struct saml_attribute *role = aws_attribute_find(run->assertion, AWS_ATTRIBUTE_ROLE);

    for (size_t i = 0; role != NULL && i < role->value_count; i++) {
        struct saml_value value = role->values[i].value;

        if (aws_role_literal(value.text) != kind)
            continue;
        struct finding *finding = check_reportf(run, check, "%s", sentence);
        finding->received = value.text;
        finding_at(finding, value.where);
    }
}

static void
okta_literal(struct check_run *run, const struct check *check)
{
    each_literal(run, check, AWS_LITERAL_OKTA,
                 "The value is an expression that was sent as it stands: nothing was put in its place.");
}

static void
adfs_literal(struct check_run *run, const struct check *check)
{
    each_literal(run, check, AWS_LITERAL_ADFS,
                 "The value is the group name or a replacement mark as it stands: the pattern of the rule did not "
                 "match.");
}

static void
entra_role_guid(struct check_run *run, const struct check *check)
{
    each_literal(run, check, AWS_LITERAL_GUID,
                 "The value is an object id: groups are emitted as roles, or the app role's value is not the pair.");
}

static const struct check table[] = {
    {
        .id = "aws-okta-literal",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_OBSERVED,
        .title = "a Role value holds an unresolved expression",
        .means = "The identity provider sent its own template instead of ARNs.",
        .rule = "No Role value holds appuser., user., ${…} or {{…}}.",
        .spec = "-",
        .source = "Okta community threads on appuser.idpRolePairs",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Provisioning > Integration: enable API, then Update attributes, so that roles are imported; "
                        "with group mapping the Group Filter needs the named groups (?{{accountid}}…) and "
                        "(?{{role}}…)."),
            FIX("any", "Find the template that makes the Role value and see why its variables are empty."),
        },
        .run = okta_literal,
    },
    {
        .id = "aws-adfs-literal",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_INFERRED,
        .title = "a Role value is the raw group name",
        .means = "The claim rule's replacement did not match this group, so the name went out unchanged.",
        .rule = "No Role value is a plain AWS-… group name or holds $1 or $2.",
        .spec = "-",
        .source = "AD FS claim rules in AWS documentation and public scripts",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("adfs", "Edit Claim Issuance Policy > the Role rule: RegExReplace is case-sensitive while the =~ "
                        "filter used (?i): put (?i)^ in both, and capture account id and role name."),
            FIX("any", "Correct the pattern that turns group names into ARN pairs."),
        },
        .run = adfs_literal,
    },
    {
        .id = "aws-entra-role-guid",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_INFERRED,
        .title = "a Role value is an object id",
        .means = "AWS cannot use directory object ids as roles.",
        .rule = "No Role value is a bare GUID.",
        .spec = "-",
        .source = "Microsoft Learn, AWS Single-Account Access tutorial and group claims (read 2026)",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("entra", "App roles: Value = roleArn,providerArn, and claim Role = user.assignedroles. Do not use "
                         "\"Emit groups as role claims\"."),
            FIX("any", "Send ARN pairs, not ids."),
        },
        .run = entra_role_guid,
    },
};

CHECK_SET(checks_aws_role_literal, table);
