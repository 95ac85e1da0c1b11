/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* The Role attribute of IAM federation: is it there, and is it called what AWS looks for? */

/* The attribute that AWS will read, also under the name of its China pages; NULL when there is none. */
static const struct saml_attribute *
role_attribute(const struct check_run *run)
{
    const struct saml_attribute *role = aws_attribute_find(run->assertion, AWS_ATTRIBUTE_ROLE);

    if (role == NULL && aws_target_partition(run) == AWS_PARTITION_CN)
        role = aws_attribute_find_china(run->assertion, "Role");
    return role;
}

static void
role_attribute_missing(struct check_run *run, const struct check *check)
{
    if (role_attribute(run) != NULL || aws_attribute_near(run->assertion, "Role") != NULL)
        return;
    if (run->assertion->encrypted_attribute_count > 0) {
        check_skipped(run, check, "the assertion holds attributes that could not be decrypted");
        return;
    }
    finding_at(check_reportf(run, check,
                             "The assertion has %zu attribute%s, none of them is the Role attribute that says which "
                             "IAM role the user may take.",
                             run->assertion->attribute_count, run->assertion->attribute_count == 1 ? "" : "s"),
               run->assertion->where);
}

static void
role_name_near_miss(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *near;
    struct finding *finding;

    if (role_attribute(run) != NULL)
        return;
    near = aws_attribute_near(run->assertion, "Role");
    if (near == NULL)
        return;
    finding = check_reportf(run, check,
                            "Attribute names are compared byte for byte; AWS does not find the Role attribute under "
                            "this name.");
    finding_mismatch(finding, STR(AWS_ATTRIBUTE_ROLE), near->name.text, "AWS's name of the attribute");
    finding_at(finding, near->where);
    if (finding->near_miss == NEAR_MISS_CASE)
        finding->title = STR("attribute name differs in case");
    else if (str_eq_nocase(str_trim(near->friendly_name.text), STR(AWS_ATTRIBUTE_ROLE)))
        finding->title = STR("AWS's attribute name stands in FriendlyName, not in Name");
}

static void
role_empty(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *role = role_attribute(run);

    if (role == NULL || aws_has_value(role))
        return;
    finding_at(check_reportf(run, check,
                             role->value_count == 0 ? "The Role attribute has no value: this user is in no group or "
                                                      "role that the identity provider maps to an AWS role."
                                                    : "Every value of the Role attribute is empty: the mapping at the "
                                                      "identity provider gave nothing for this user."),
               role->where);
}

static void
china_name(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *china = aws_attribute_find_china(run->assertion, "Role");

    if (china == NULL || aws_target_partition(run) != AWS_PARTITION_CN)
        return;
    finding_at(finding_mismatch(check_reportf(run, check,
                                              "AWS's China pages print this name; public set-ups in China send the "
                                              "other one. Which of them is accepted could not be verified."),
                                STR(AWS_ATTRIBUTE_ROLE), china->name.text, "names used by public set-ups in China"),
               china->where);
}

static const struct check table[] = {
    {
        .id = "aws-role-attribute-missing",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the Role attribute is missing",
        .means = "IAM federation learns from the Role attribute which role and which provider to use. Without it AWS "
                 "shows \"Your request included an invalid SAML response. To logout, click here.\"",
        .rule = "There is an Attribute whose Name is exactly " AWS_ATTRIBUTE_ROLE ".",
        .spec = "SAML Core 2.7.3.1",
        .source = AWS_GUIDE_ASSERTIONS "; " AWS_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product aws-role-name-near-miss acct-okta-filter acct-adfs-group-filter "
                   "saml-encrypted-parts saml-no-assertion",
        .fixes = {
            FIX("okta", "AWS Account Federation app > Sign On: fill in Identity Provider ARN; then Assignments > edit "
                        "the user or group > SAML User Roles, or turn on Use Group Mapping."),
            FIX("entra", "Single sign-on > Attributes & Claims: add claim Role, namespace "
                         "https://aws.amazon.com/SAML/Attributes, source user.assignedroles; assign the user an app "
                         "role."),
            FIX("adfs", "Edit Claim Issuance Policy: the rule that reads the user's groups must stand before the rule "
                        "that turns AWS-… groups into Role; check that the user is in such a group."),
            FIX("keycloak", "Clients > (the AWS client) > Client scopes > dedicated scope: add a Role list mapper named "
                            AWS_ATTRIBUTE_ROLE ", and give the user client roles whose names are ARN pairs."),
            FIX("google", "Attribute mapping: map a custom user attribute that holds the ARN pair to "
                          AWS_ATTRIBUTE_ROLE "."),
            FIX("ping", "SP connection > Attribute contract: add " AWS_ATTRIBUTE_ROLE " and fulfil it with ARN pairs."),
            FIX("shibboleth", "attribute-resolver.xml must make the attribute, attribute-filter.xml must release it to "
                              "urn:amazon:webservices."),
            FIX("any", "Send an attribute named " AWS_ATTRIBUTE_ROLE " with one value role-ARN,provider-ARN for each "
                       "role."),
        },
        .run = role_attribute_missing,
    },
    {
        .id = "aws-role-name-near-miss",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the Role attribute has nearly the right name",
        .means = "AWS documents that the name is case-sensitive and must be exact. To AWS the attribute is missing.",
        .rule = "An attribute is named like " AWS_ATTRIBUTE_ROLE " but differs in case, a slash, white space, http for "
                "https, a missing part, or has that name only as FriendlyName.",
        .spec = "SAML Core 2.7.3.1",
        .source = AWS_GUIDE_ASSERTIONS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Sign On > Attribute Statements > Name: type " AWS_ATTRIBUTE_ROLE " exactly."),
            FIX("entra", "Attributes & Claims > the claim: Name is Role, Namespace is "
                         "https://aws.amazon.com/SAML/Attributes without a slash at the end."),
            FIX("adfs", "Edit Claim Issuance Policy > the Role rule: Type = \"" AWS_ATTRIBUTE_ROLE "\"."),
            FIX("keycloak", "Client scopes > the role list mapper: Role attribute name is " AWS_ATTRIBUTE_ROLE
                            " (not the friendly name)."),
            FIX("google", "Attribute mapping > App attributes: " AWS_ATTRIBUTE_ROLE "."),
            FIX("any", "Type the name exactly, best by copy and paste: " AWS_ATTRIBUTE_ROLE),
        },
        .run = role_name_near_miss,
    },
    {
        .id = "aws-role-empty",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_INFERRED,
        .title = "the Role attribute has no value for this user",
        .means = "The set-up may be right; this user simply has no AWS role at the identity provider.",
        .rule = "The Role attribute has at least one AttributeValue that is not empty.",
        .spec = "SAML Core 2.7.3.1.1",
        .source = AWS_GUIDE_ASSERTIONS " asks for at least one pair; the outcome is inferred",
        .follows = "acs-wrong-product aws-role-name-near-miss acct-okta-filter acct-adfs-group-filter",
        .fixes = {
            FIX("okta", "Assignments: give the user SAML User Roles; with group mapping, check that the group name "
                        "fits the Group Filter and that App Filter does not exclude it."),
            FIX("entra", "Users and groups: assign the user (nested group members do not count) an app role whose "
                         "Value is the ARN pair."),
            FIX("adfs", "Add the user to an AWS-… security group; distribution groups are not in tokenGroups."),
            FIX("keycloak", "Give the user a client role of the AWS client (Role mapping)."),
            FIX("google", "Fill in the user's custom role attribute."),
            FIX("any", "Add the user to a group that is mapped to an AWS role."),
        },
        .run = role_empty,
    },
    {
        .id = "aws-china-attribute-name",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_OBSERVED,
        .title = "attribute name as printed on AWS's China pages",
        .means = "If AWS in China refuses the response, the attribute names are the first thing to try.",
        .rule = "For signin.amazonaws.cn: attributes are named " AWS_ATTRIBUTES "…; www.amazonaws.cn names are accepted "
                "with a warning.",
        .spec = "SAML Core 2.7.3.1",
        .source = "docs.amazonaws.cn IAM guide (the site replaces domain names); public set-ups for AWS China",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Try the aws.amazon.com names first; take the names from the SP metadata of AWS China."),
        },
        .run = china_name,
    },
};

CHECK_SET(checks_aws_role_name, table);
