/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* Session name, duration and source identity of IAM federation. */

/* The attribute as AWS finds it, or under the name of its China pages. */
static const struct saml_attribute *
session_attribute(const struct check_run *run, const char *name, const char *short_name)
{
    const struct saml_attribute *attribute = aws_attribute_find(run->assertion, name);

    if (attribute == NULL && aws_target_partition(run) == AWS_PARTITION_CN)
        attribute = aws_attribute_find_china(run->assertion, short_name);
    return attribute;
}

static void
session_name_missing(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *attribute = session_attribute(run, AWS_ATTRIBUTE_SESSION_NAME, "RoleSessionName");
    const struct saml_attribute *near;

    if (aws_has_value(attribute))
        return;
    if (attribute != NULL) {
        finding_at(check_reportf(run, check,
                                 "The attribute is there without a value: its source at the identity provider is empty "
                                 "for this user."),
                   attribute->where);
        return;
    }
    if (run->assertion->encrypted_attribute_count > 0) {
        check_skipped(run, check, "the assertion holds attributes that could not be decrypted");
        return;
    }
    near = aws_attribute_near(run->assertion, "RoleSessionName");
    if (near == NULL) {
        finding_at(check_reportf(run, check, "The assertion has no RoleSessionName attribute."), run->assertion->where);
        return;
    }
    finding_at(finding_mismatch(
                   check_reportf(run, check, "An attribute has nearly this name; names are compared byte for byte."),
                   STR(AWS_ATTRIBUTE_SESSION_NAME), near->name.text, "AWS's name of the attribute"),
               near->where);
}

/* Judges one value against the pattern that session names and source identities share. */
static struct finding *
name_value(struct check_run *run, const struct check *check, struct saml_value value)
{
    struct str offender;
    const char *problem = aws_session_name_problem(value.text, &offender);
    struct finding *finding;

    if (problem == NULL)
        return NULL;
    if (str_present(offender))
        finding = check_reportf(run, check, "The value does not fit: %s, first \"%.*s\" at byte %zu.", problem,
                                STR_ARG(offender), (size_t)(offender.ptr - value.text.ptr));
    else
        finding =
            check_reportf(run, check, "The value does not fit: %s (it has %zu).", problem, aws_characters(value.text));
    finding->expected = STR("[a-zA-Z_0-9+=,.@-]{2,64}");
    finding->received = value.text;
    finding->source = STR("pattern documented by AWS");
    if (str_present(offender))
        finding->first_difference = (size_t)(offender.ptr - value.text.ptr);
    return finding_at(finding, value.where);
}

static void
session_name_invalid(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *attribute = session_attribute(run, AWS_ATTRIBUTE_SESSION_NAME, "RoleSessionName");

    for (size_t i = 0; aws_has_value(attribute) && i < attribute->value_count; i++)
        name_value(run, check, attribute->values[i].value);
}

static void
session_name_multi(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *attribute = session_attribute(run, AWS_ATTRIBUTE_SESSION_NAME, "RoleSessionName");

    if (attribute != NULL && attribute->value_count > 1)
        finding_at(
            check_reportf(run, check, "The attribute has %zu values; AWS describes one.", attribute->value_count),
            attribute->where);
}

static void
session_duration(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *attribute = session_attribute(run, AWS_ATTRIBUTE_SESSION_DURATION, "SessionDuration");
    const struct saml_attribute_value *first = aws_first_value(attribute);
    struct str text = first != NULL ? first->value.text : STR("");
    struct finding *finding;
    uint64_t seconds;

    if (attribute == NULL)
        return;
    if (attribute->value_count > 1) {
        finding_at(
            check_reportf(run, check, "The attribute has %zu values; there must be one.", attribute->value_count),
            attribute->where);
        return;
    }
    if (str_trim(text).len == 0)
        finding = check_reportf(run, check, "The attribute has no value.");
    else if (!str_to_u64(text, &seconds))
        finding = check_reportf(run, check, "The value is not a plain number of seconds.");
    else if (seconds < AWS_SESSION_SECONDS_MIN || seconds > AWS_SESSION_SECONDS_MAX)
        finding = check_reportf(run, check, "%llu seconds are %s than AWS allows.", (unsigned long long)seconds,
                                seconds < AWS_SESSION_SECONDS_MIN ? "less" : "more");
    else
        return;
    finding->expected = STR("900 to 43200, digits only");
    finding->received = text;
    finding->source = STR("range documented by AWS, in seconds");
    finding_at(finding, first != NULL ? first->value.where : attribute->where);
}

static void
source_identity(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *attribute = session_attribute(run, AWS_ATTRIBUTE_SOURCE_IDENTITY, "SourceIdentity");

    for (size_t i = 0; attribute != NULL && i < attribute->value_count; i++) {
        struct saml_value value = attribute->values[i].value;

        if (name_value(run, check, value) != NULL || !str_starts_c(value.text, "aws:"))
            continue;
        struct finding *finding =
            check_reportf(run, check, "The value begins with \"aws:\", which AWS keeps for itself.");
        finding->received = value.text;
        finding_at(finding, value.where);
    }
    if (attribute != NULL && attribute->value_count == 0)
        finding_at(check_reportf(run, check, "The attribute has no value."), attribute->where);
}

static const struct check table[] = {
    {
        .id = "aws-rolesessionname-missing",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "RoleSessionName is missing",
        .means = "AWS names the session after this attribute and refuses without it: \"RoleSessionName is required in "
                 "AuthnResponse\".",
        .rule = "There is an Attribute named exactly " AWS_ATTRIBUTE_SESSION_NAME " with a value.",
        .spec = "SAML Core 2.7.3.1",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product saml-encrypted-parts saml-no-assertion",
        .fixes = {
            FIX("okta", "Built in with the AWS Account Federation app; in a custom app add it under Attribute "
                        "Statements with user.login."),
            FIX("entra", "Attributes & Claims: claim RoleSessionName, namespace "
                         "https://aws.amazon.com/SAML/Attributes, source user.userprincipalname."),
            FIX("adfs", "Edit Claim Issuance Policy: LDAP attribute E-Mail-Addresses to " AWS_ATTRIBUTE_SESSION_NAME
                        "; users without mail in AD get none."),
            FIX("keycloak", "Client scopes > dedicated scope: User Property mapper username to "
                            AWS_ATTRIBUTE_SESSION_NAME "."),
            FIX("google", "Attribute mapping: Primary email to " AWS_ATTRIBUTE_SESSION_NAME "."),
            FIX("any", "Send " AWS_ATTRIBUTE_SESSION_NAME " with the user's login name or e-mail address."),
        },
        .run = session_name_missing,
    },
    {
        .id = "aws-rolesessionname-invalid",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "RoleSessionName has a value that AWS does not allow",
        .means = "AWS refuses with \"RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}\". Usual "
                 "culprits: a display name with a space, #EXT# of Entra guests, a backslash, accents.",
        .rule = "The whole value matches [a-zA-Z_0-9+=,.@-]{2,64}.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("entra", "Attributes & Claims > RoleSessionName: use user.mail or user.employeeid, or a "
                         "transformation (RegexReplace) that removes what is not allowed."),
            FIX("adfs", "Use a rule with RegExReplace, or another LDAP attribute (mail, sAMAccountName)."),
            FIX("okta", "Sign On > the RoleSessionName statement: user.login or user.email."),
            FIX("any", "Send a login name, e-mail address or employee number, 2 to 64 characters."),
        },
        .run = session_name_invalid,
    },
    {
        .id = "aws-rolesessionname-multi",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "RoleSessionName has more than one value",
        .means = "Which of them names the session is not documented.",
        .rule = "The attribute has one AttributeValue.",
        .spec = "-",
        .source = AWS_GUIDE_ASSERTIONS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("adfs", "Users with several mail addresses: use a rule that issues one value."),
            FIX("any", "Send one value."),
        },
        .run = session_name_multi,
    },
    {
        .id = "aws-sessionduration-invalid",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "SessionDuration is out of range",
        .means = "The attribute is optional, but a value outside AWS's range makes the sign-in fail.",
        .rule = "One value, decimal digits only, 900 to 43200 (seconds).",
        .spec = "-",
        .source = AWS_GUIDE_ASSERTIONS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Sign On > Session Duration: in seconds, 900 to 43200."),
            FIX("entra", "Attributes & Claims: remove the SessionDuration claim when its source attribute is empty."),
            FIX("any", "Send whole seconds between 900 and 43200, or leave the attribute out."),
        },
        .run = session_duration,
    },
    {
        .id = "aws-sourceidentity-invalid",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "SourceIdentity has a value that AWS does not allow",
        .means = "AWS refuses with \"Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "
                 "\\\"aws:\\\"\".",
        .rule = "The value matches [a-zA-Z_0-9+=,.@-]{2,64} and does not begin with aws:.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Send a login name or e-mail address, or leave the attribute out. The role's trust policy needs "
                       "sts:SetSourceIdentity when it is sent."),
        },
        .run = source_identity,
    },
};

CHECK_SET(checks_aws_session, table);
