/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* The values of the Role attribute: pairs of a role ARN and a provider ARN. */

typedef void value_check(struct check_run *run, const struct check *check, struct saml_value value);

/* Calls judge for every value that is not blank, of the attribute as AWS finds it. */
static void
each_value(struct check_run *run, const struct check *check, value_check *judge)
{
    const struct saml_attribute *role = aws_attribute_find(run->assertion, AWS_ATTRIBUTE_ROLE);

    if (role == NULL)
        role = aws_attribute_find_china(run->assertion, "Role");
    for (size_t i = 0; role != NULL && i < role->value_count; i++)
        if (str_trim(role->values[i].value.text).len > 0)
            judge(run, check, role->values[i].value);
}

/* Literals and GUIDs have findings of their own, which say more than "not a pair". */
static bool
is_literal(struct str value)
{
    return aws_role_literal(value) != AWS_LITERAL_NONE;
}

static void
value_not_pair(struct check_run *run, const struct check *check, struct saml_value value)
{
    struct aws_role_pair pair = aws_role_pair_read(value.text);
    const char *what = "The value holds no ARN.";

    if (is_literal(value.text))
        return;
    if (pair.arn_count == 2) {
        enum aws_arn_kind first = aws_arn_read(pair.first).kind;
        enum aws_arn_kind second = aws_arn_read(pair.second).kind;

        if (first == AWS_ARN_NONE || second == AWS_ARN_NONE || first != second)
            return;
        what = first == AWS_ARN_ROLE ? "Both ARNs are roles; one must be the SAML provider."
                                     : "Both ARNs are SAML providers; one must be the role.";
    } else if (pair.arn_count == 1) {
        what = aws_arn_read(str_trim(value.text)).kind == AWS_ARN_PROVIDER
                   ? "The value holds the provider ARN alone; the role ARN is missing."
                   : "The value holds one ARN alone; the ARN of the SAML provider is missing.";
    } else if (pair.arn_count > 2) {
        what = "The value holds more than two ARNs; every pair needs an AttributeValue of its own.";
    }
    finding_at(finding_mismatch(check_reportf(run, check, "%s", what),
                                STR("arn:aws:iam::ACCOUNT:role/ROLE,arn:aws:iam::ACCOUNT:saml-provider/PROVIDER"),
                                value.text, "AWS's form of the value"),
               value.where);
}

static void
report_arn(struct check_run *run, const struct check *check, struct saml_value value, struct str arn)
{
    struct aws_arn facts = aws_arn_read(arn);
    bool role = facts.kind != AWS_ARN_PROVIDER;

    if (facts.problem == NULL)
        return;
    finding_at(finding_mismatch(check_reportf(run, check, "%s: %s.",
                                              facts.kind == AWS_ARN_NONE ? "The ARN"
                                              : role                     ? "The role ARN"
                                                                         : "The provider ARN",
                                              facts.problem),
                                role ? STR("arn:aws:iam::ACCOUNT:role/ROLE")
                                     : STR("arn:aws:iam::ACCOUNT:saml-provider/PROVIDER"),
                                arn, "form of an IAM ARN"),
               value.where);
}

static void
arn_malformed(struct check_run *run, const struct check *check, struct saml_value value)
{
    struct aws_role_pair pair = aws_role_pair_read(value.text);

    if (pair.arn_count == 2 && !is_literal(value.text)) {
        report_arn(run, check, value, pair.first);
        report_arn(run, check, value, pair.second);
    }
}

/* Both ARNs of a value, role first; false when it is no well-formed pair. */
static bool
pair_arns(struct str value, struct aws_arn *role, struct aws_arn *provider)
{
    struct aws_role_pair pair = aws_role_pair_read(value);

    if (pair.arn_count != 2)
        return false;
    *role = aws_arn_read(pair.first);
    *provider = aws_arn_read(pair.second);
    if (role->kind == AWS_ARN_PROVIDER) {
        struct aws_arn swap = *role;

        *role = *provider;
        *provider = swap;
    }
    return role->problem == NULL && provider->problem == NULL && role->kind == AWS_ARN_ROLE &&
           provider->kind == AWS_ARN_PROVIDER;
}

static void
value_order(struct check_run *run, const struct check *check, struct saml_value value)
{
    struct aws_role_pair pair = aws_role_pair_read(value.text);

    if (pair.arn_count != 2 || aws_arn_read(pair.first).kind != AWS_ARN_PROVIDER ||
        aws_arn_read(pair.second).kind != AWS_ARN_ROLE)
        return;
    finding_at(
        check_reportf(run, check, "The provider ARN stands before the role ARN. Both orders are in use and work."),
        value.where);
}

static void
value_space(struct check_run *run, const struct check *check, struct saml_value value)
{
    struct aws_role_pair pair = aws_role_pair_read(value.text);

    if (!pair.has_space || is_literal(value.text))
        return;
    finding_at(finding_mismatch(check_reportf(run, check,
                                              "There is white space around the value or its comma. AWS does not say "
                                              "whether it trims."),
                                pair.arn_count == 2
                                    ? arena_printf(run->arena, "%.*s,%.*s", STR_ARG(pair.first), STR_ARG(pair.second))
                                    : str_trim(value.text),
                                value.text, "the value without white space"),
               value.where);
}

static void
account_mismatch(struct check_run *run, const struct check *check, struct saml_value value)
{
    struct aws_arn role;
    struct aws_arn provider;

    if (!pair_arns(value.text, &role, &provider) || str_eq(role.account, provider.account))
        return;
    finding_at(finding_mismatch(check_reportf(run, check,
                                              "The role is in account %.*s, the provider in account %.*s. A role can "
                                              "be taken only through a provider of its own account.",
                                              STR_ARG(role.account), STR_ARG(provider.account)),
                                role.account, provider.account, "the account of the role ARN"),
               value.where);
}

static void
partition_mismatch(struct check_run *run, const struct check *check, struct saml_value value)
{
    struct aws_url target = aws_target(run, NULL, NULL);
    struct aws_arn role;
    struct aws_arn provider;

    if (!pair_arns(value.text, &role, &provider))
        return;
    if (role.partition != provider.partition) {
        finding_at(finding_mismatch(check_reportf(run, check, "The two ARNs of the pair are of different partitions."),
                                    str_from(aws_partition_name(role.partition)),
                                    str_from(aws_partition_name(provider.partition)), "the partition of the role ARN"),
                   value.where);
    } else if (target.partition != AWS_PARTITION_NONE && target.partition != role.partition) {
        finding_at(finding_mismatch(
                       check_reportf(run, check, "The sign-in endpoint and the ARNs are of different partitions."),
                       str_from(aws_partition_name(target.partition)), str_from(aws_partition_name(role.partition)),
                       "the host of the sign-in endpoint"),
                   value.where);
    }
}

static void
permission_set_role(struct check_run *run, const struct check *check, struct saml_value value)
{
    struct aws_arn role;
    struct aws_arn provider;

    if (!pair_arns(value.text, &role, &provider) || (!aws_arn_is_reserved(&role) && !aws_arn_is_reserved(&provider)))
        return;
    struct str name = aws_arn_is_reserved(&role) ? role.name : provider.name;
    struct str clip = aws_clip(name);
    struct finding *finding = check_reportf(run, check,
                                            "%.*s was made by IAM Identity Center for its own use; it can be taken "
                                            "only by users who sign in through Identity Center.",
                                            STR_ARG(clip));
    finding->received = value.text;
    finding_at(finding, value.where);
}

static void
check_not_pair(struct check_run *run, const struct check *check)
{
    each_value(run, check, value_not_pair);
}

static void
check_arn_malformed(struct check_run *run, const struct check *check)
{
    each_value(run, check, arn_malformed);
}

static void
check_order(struct check_run *run, const struct check *check)
{
    each_value(run, check, value_order);
}

static void
check_space(struct check_run *run, const struct check *check)
{
    each_value(run, check, value_space);
}

static void
check_account(struct check_run *run, const struct check *check)
{
    each_value(run, check, account_mismatch);
}

static void
check_partition(struct check_run *run, const struct check *check)
{
    each_value(run, check, partition_mismatch);
}

static void
check_permission_set(struct check_run *run, const struct check *check)
{
    each_value(run, check, permission_set_role);
}

static const struct check table[] = {
    {
        .id = "aws-role-value-not-pair",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "a Role value is not a pair of role and provider",
        .means = "Each value must name one role and one SAML provider. Command line tools then say \"Principal ARN is "
                 "invalid\" or \"Request ARN is invalid\".",
        .rule = "Each value divides at a comma before \"arn:\" into exactly two ARNs: one role, one saml-provider, in "
                "any order.",
        .spec = "SAML Core 2.7.3.1.1",
        .source = AWS_GUIDE_ASSERTIONS "; sentences observed in public threads",
        .follows = "acs-wrong-product aws-okta-literal aws-adfs-literal aws-entra-role-guid",
        .fixes = {
            FIX("keycloak", "The client role's name must be the whole pair: roleArn,providerArn."),
            FIX("okta", "Sign On > Role Value Pattern: arn:aws:iam::${accountid}:saml-provider/NAME,"
                        "arn:aws:iam::${accountid}:role/${role}."),
            FIX("entra", "App roles > the role: Value is roleArn,providerArn without spaces."),
            FIX("adfs", "Edit Claim Issuance Policy > the Role rule: the replacement must make both ARNs."),
            FIX("google", "The user's custom attribute must hold roleArn,providerArn."),
            FIX("any", "Send one AttributeValue for each pair: roleArn,providerArn."),
        },
        .run = check_not_pair,
    },
    {
        .id = "aws-role-arn-malformed",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "an ARN in the Role attribute is malformed",
        .means = "AWS cannot find a role or provider under this name.",
        .rule = "arn:PARTITION:iam::12-DIGIT-ACCOUNT:role/[PATH/]NAME or …:saml-provider/NAME; role names up to 64, "
                "provider names up to 128, ARNs up to 2048 characters.",
        .spec = "-",
        .source = AWS_STS_MODEL "; AWS IAM User Guide, \"IAM and AWS STS quotas\" (read 2023-05); the exact pattern is "
                                "inferred from these",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Copy both ARNs from the IAM console. Look for one colon instead of two after iam, and for a "
                       "lost leading zero of the account id."),
        },
        .run = check_arn_malformed,
    },
    {
        .id = "aws-role-order",
        .severity = SEVERITY_INFO,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_NOTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "provider ARN before role ARN",
        .means = "Nothing is wrong: both orders work. It is said because some command line tools expect one of them.",
        .rule = "AWS's assertion guide shows role,provider; AWS's AD FS examples and Okta's pattern use provider,role.",
        .spec = "-",
        .source = AWS_GUIDE_ASSERTIONS "; Okta Help on group-based role mapping",
        .follows = "",
        .fixes = {
            FIX("any", "Nothing needs to be changed."),
        },
        .run = check_order,
    },
    {
        .id = "aws-role-whitespace",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_INFERRED,
        .title = "white space in a Role value",
        .means = "The role may not be listed, or an ARN may count as invalid.",
        .rule = "No space, tab or line break around the value or around its comma.",
        .spec = "-",
        .source = "inferred: AWS documents no trimming",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("entra", "App roles > the role: remove the blanks from Value."),
            FIX("keycloak", "Rename the client role without the blanks."),
            FIX("any", "Remove the white space."),
        },
        .run = check_space,
    },
    {
        .id = "aws-role-account-mismatch",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_INFERRED,
        .title = "role and provider are in different accounts",
        .means = "AWS answers AccessDenied when this role is chosen.",
        .rule = "The account ids of the two ARNs of a pair are equal.",
        .spec = "-",
        .source = "inferred from how IAM SAML providers and trust policies work",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Role Value Pattern: use ${accountid} in both ARNs; make the provider in every account."),
            FIX("adfs", "Use the same capture group for both account ids of the replacement."),
            FIX("any", "Create the SAML provider in the role's account and name it in the pair."),
        },
        .run = check_account,
    },
    {
        .id = "aws-role-partition-mismatch",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_INFERRED,
        .title = "ARNs of another AWS partition",
        .means = "aws, aws-us-gov and aws-cn are separate worlds: a role of one cannot be taken at the endpoint of "
                 "another.",
        .rule = "Both ARNs and the sign-in endpoint are of one partition.",
        .spec = "-",
        .source = "docs.amazonaws.cn IAM guide; inferred",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Sign On > AWS Environment: choose the partition of the account."),
            FIX("entra", "Use one enterprise application for each partition."),
            FIX("any", "Use ARNs and sign-in endpoint of the same partition."),
        },
        .run = check_partition,
    },
    {
        .id = "aws-permission-set-role-used",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "a role of Identity Center is used for IAM federation",
        .means = "Roles named AWSReservedSSO_… belong to permission sets. IAM federation with them ends in "
                 "AccessDenied.",
        .rule = "The pair names no role AWSReservedSSO_… or under path aws-reserved/sso.amazonaws.com, and no provider "
                "AWSSSO_…_DO_NOT_DELETE.",
        .spec = "-",
        .source = "IAM Identity Center User Guide, \"Set session duration\" (read 2026); names observed",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Use an IAM role of your own with a trust policy for your SAML provider, or sign in through "
                       "Identity Center and assign the permission set there."),
        },
        .run = check_permission_set,
    },
};

CHECK_SET(checks_aws_role_value, table);
