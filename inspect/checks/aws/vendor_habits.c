/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "aws_check.h"

/* Why one vendor's identity provider leaves out, or misnames, what AWS looks for. */

enum { MAX_GROUPS = 200, ACCOUNT_DIGITS = 12 };

#define GROUP_CLAIM "the group claim of the assertion"

static bool
has_role(const struct check_run *run)
{
    return aws_has_value(aws_attribute_find(run->assertion, AWS_ATTRIBUTE_ROLE)) ||
           aws_has_value(aws_attribute_find_china(run->assertion, "Role")) ||
           aws_attribute_near(run->assertion, "Role") != NULL || run->assertion->encrypted_attribute_count > 0;
}

/* The first attribute of groups that has a value, or NULL. */
static const struct saml_attribute *
groups_of(const struct saml_assertion *assertion)
{
    for (size_t i = 0; i < assertion->attribute_count; i++)
        if (aws_is_group_attribute(&assertion->attributes[i]) && aws_has_value(&assertion->attributes[i]))
            return &assertion->attributes[i];
    return NULL;
}

static bool
has_account_number(struct str name)
{
    size_t digits = 0;

    for (size_t i = 0; i < name.len; i++) {
        digits = name.ptr[i] >= '0' && name.ptr[i] <= '9' ? digits + 1 : 0;
        if (digits == ACCOUNT_DIGITS)
            return true;
    }
    return false;
}

/* The two documented patterns: aws#ALIAS#ROLE#ACCOUNT and aws_ACCOUNT_ROLE. */
static bool
fits_okta(struct str name)
{
    return (str_starts_c(name, "aws#") || str_starts_c(name, "aws_")) && has_account_number(name);
}

/* The filter of AWS's example: (?i)^AWS-; names may be written DOMAIN\name. */
static bool
fits_adfs(struct str name)
{
    size_t at = str_find_byte(name, '\\');

    name = at == SIZE_MAX ? name : str_from_offset(name, at + 1);
    return name.len >= 4 && str_eq_nocase(str_slice(name, 0, 4), STR("aws-"));
}

/* The first group when none fits; absent when one does. */
static struct str
first_unfit(const struct saml_attribute *groups, bool (*fits)(struct str name))
{
    for (size_t i = 0; i < groups->value_count && i < MAX_GROUPS; i++)
        if (fits(str_trim(groups->values[i].value.text)))
            return (struct str){ 0 };
    return groups->value_count <= MAX_GROUPS ? str_trim(aws_first_value(groups)->value.text) : (struct str){ 0 };
}

static void
group_filter(struct check_run *run, const struct check *check, const char *vendor, bool (*fits)(struct str name),
             const char *pattern)
{
    const struct saml_attribute *groups = groups_of(run->assertion);
    struct finding *finding;
    struct str group;

    if (!aws_is_vendor(run, vendor) || has_role(run) || groups == NULL)
        return;
    group = first_unfit(groups, fits);
    if (!str_present(group))
        return;
    finding = check_reportf(run, check,
                            "The assertion holds no role, and none of the %zu group%s that it names is of the form %s. "
                            "Which filter is set does not show in the message.",
                            groups->value_count, groups->value_count == 1 ? "" : "s", pattern);
    finding->expected = str_from(pattern);
    finding->received = group;
    finding->source = STR(GROUP_CLAIM);
    finding_at(finding, groups->where);
}

static void
okta_filter(struct check_run *run, const struct check *check)
{
    group_filter(run, check, "okta", fits_okta, "aws_ACCOUNT_ROLE or aws#ALIAS#ROLE#ACCOUNT");
}

static void
adfs_filter(struct check_run *run, const struct check *check)
{
    group_filter(run, check, "adfs", fits_adfs, "AWS-…");
}

/* Without visible groups nothing is proven: a hint beside the missing attribute. */
static void
okta_role_filter(struct check_run *run, const struct check *check)
{
    if (!aws_is_vendor(run, "okta") || has_role(run) || groups_of(run->assertion) != NULL)
        return;
    finding_at(check_report(run, check,
                            STR("Okta sent no role. Its app leaves the attribute out or empty when no role is assigned "
                                "to the user and no group of the user passes the group filter.")),
               run->assertion->where);
}

static const char *
entra_form(struct str value)
{
    static const int dashes[] = { 8, 13, 18, 23 };
    bool guid = value.len == 36;

    for (size_t i = 0; guid && i < COUNT_OF(dashes); i++)
        guid = value.ptr[dashes[i]] == '-';
    if (guid)
        return "an object id";
    if (str_starts_c(value, "S-1-5-"))
        return "a security identifier (SID)";
    return str_find_byte(value, '\\') != SIZE_MAX ? "a name with its domain" : NULL;
}

static void
entra_groups(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *groups = groups_of(run->assertion);
    struct str value = groups != NULL ? str_trim(aws_first_value(groups)->value.text) : STR("");
    const char *form = value.len > 0 ? entra_form(value) : NULL;
    struct finding *finding;

    if (!aws_is_vendor(run, "entra") || form == NULL)
        return;
    finding = check_reportf(run, check,
                            "Entra sends groups as %s. What compares them with the plain name of a group does not "
                            "find it.",
                            form);
    finding->received = value;
    finding->source = STR(GROUP_CLAIM);
    finding_at(finding, groups->where);
}

static void
shibboleth_release(struct check_run *run, const struct check *check)
{
    bool iam = run->context->profile == PROFILE_AWS_IAM;
    bool missing = iam ? !has_role(run) || !str_present(run->assertion->name_id.value.text)
                       : !str_eq_c(run->assertion->name_id.format.text, AWS_FORMAT_EMAIL);

    if (!aws_is_vendor(run, "shibboleth") || !missing)
        return;
    finding_at(check_reportf(run, check,
                             "Shibboleth releases to a service provider only what its attribute filter allows by "
                             "entity ID, and %s is not there.",
                             iam ? "what AWS IAM reads (NameID, Role)" : "a NameID of format emailAddress"),
               run->assertion->where);
}

static void
ping_username(struct check_run *run, const struct check *check)
{
    struct str name = str_trim(run->assertion->name_id.value.text);
    struct finding *finding;

    if (!aws_is_vendor(run, "ping") || name.len == 0 || aws_is_address(name))
        return;
    finding = check_report(run, check,
                           STR("AWS's guide for PingFederate has userName and NameID be one value of the form of an "
                               "e-mail address; this one is not."));
    finding->received = name;
    finding_at(finding, run->assertion->name_id.value.where);
}

static void
ping_signature(struct check_run *run, const struct check *check)
{
    if (!aws_is_vendor(run, "ping") || run->saml->signature < 0)
        return;
    for (size_t i = 0; i < run->saml->assertion_count; i++)
        if (run->saml->assertions[i].signature < 0 && !run->saml->assertions[i].was_encrypted) {
            finding_at(check_report(run, check,
                                    STR("The Response is signed, its assertion is not. Metadata of Identity Center "
                                        "was seen to ask for signed assertions.")),
                       run->saml->assertions[i].where);
            return;
        }
}

/* AD FS provisions nothing: shown only where a user was looked up and not found. */
static void
adfs_no_scim(struct check_run *run, const struct check *check)
{
    const struct check *absent = check_find(STR("user-not-provisioned"));

    if (!aws_is_vendor(run, "adfs") || absent == NULL || !aws_is_found(run, absent))
        return;
    finding_at(check_report(run, check,
                            STR("AD FS has no SCIM client, so nothing makes this user in Identity Center "
                                "but a person or a script.")),
               run->assertion->name_id.value.where);
}

#define HABIT(looks_at, for_profiles, sure)                                                                            \
    .subject = CHECK_##looks_at, .profiles = (for_profiles), .owner = OWNER_IDP_ADMIN, .confidence = CONFIDENCE_##sure

static const struct check table[] = {
    {
        HABIT(ASSERTION, PROFILE_AWS_IAM, LIKELY),
        .id = "acct-okta-filter",
        .severity = SEVERITY_ERROR,
        .rank = RANK_ATTRIBUTE,
        .standing = STANDING_DOCUMENTED,
        .title = "no group of the user fits Okta's role pattern",
        .means = "Okta makes roles out of group names. A group that the filter does not match gives no role.",
        .rule = "With groups and no role in the assertion, some group begins with aws_ or aws# and holds an account.",
        .spec = "-",
        .source = "Okta Help, \"Enable group-based role mapping in Okta\"",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Sign On > Group Filter and Role Value Pattern: try them with the real group names; \"Use "
                        "Group Mapping\" on, App Filter not excluding the groups' source."),
        },
        .run = okta_filter,
    },
    {
        HABIT(ASSERTION, PROFILE_AWS_IAM, LIKELY),
        .id = "okta-role-filter",
        .severity = SEVERITY_WARNING,
        .rank = RANK_ATTRIBUTE,
        .standing = STANDING_DOCUMENTED,
        .title = "Okta's app lets no role through",
        .means = "AWS shows an error although Okta says success: the message came without a role.",
        .rule = "A response of Okta to AWS IAM holds a role, or groups that say why not.",
        .spec = "-",
        .source = "Okta Help, \"Enable group-based role mapping in Okta\"; Okta Support, group matching login error",
        .follows = "aws-role-attribute-missing aws-role-empty acs-wrong-product",
        .fixes = {
            FIX("okta", "Assignments > the user: SAML User Roles; or Sign On > Group Filter, Role Value Pattern, \"Use "
                        "Group Mapping\"."),
        },
        .run = okta_role_filter,
    },
    {
        HABIT(ASSERTION, PROFILE_AWS_IAM, LIKELY),
        .id = "acct-adfs-group-filter",
        .severity = SEVERITY_ERROR,
        .rank = RANK_ATTRIBUTE,
        .standing = STANDING_INFERRED,
        .title = "no group of the user fits AD FS's role rule",
        .means = "The usual rules make roles out of groups called AWS-…; others give no role.",
        .rule = "With groups and no role in the assertion, some group begins with AWS- (case ignored).",
        .spec = "-",
        .source = "inferred from AD FS claim rules in AWS documents and public scripts",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("adfs", "Edit Claim Issuance Policy: the rule that reads the groups before the one that makes roles; "
                        "(?i)^AWS- in both; security groups, as distribution groups are not in tokenGroups."),
        },
        .run = adfs_filter,
    },
    {
        HABIT(ASSERTION, PROFILE_AWS, PROVEN),
        .id = "acct-entra-group-format",
        .severity = SEVERITY_INFO,
        .rank = RANK_NOTE,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra sends groups in another form than their names",
        .means = "Entra sends object ids unless told otherwise; names exist for synchronised groups only.",
        .rule = "The group claim holds plain names.",
        .spec = "-",
        .source = "Microsoft Learn, \"Configure group claims\" (read 2026)",
        .follows = "",
        .fixes = {
            FIX("entra", "Token configuration > Groups claim: choose another source attribute, or match on what is "
                         "sent."),
        },
        .run = entra_groups,
    },
    {
        HABIT(ASSERTION, PROFILE_AWS, LIKELY),
        .id = "shibboleth-attribute-not-released",
        .severity = SEVERITY_WARNING,
        .rank = RANK_ATTRIBUTE,
        .standing = STANDING_INFERRED,
        .title = "Shibboleth does not release what AWS reads",
        .means = "An attribute that no filter rule permits for the entity ID of AWS is left out silently.",
        .rule = "IAM: NameID and Role are there. Identity Center: the NameID has format emailAddress.",
        .spec = "-",
        .source = "inferred",
        .follows = "aws-role-attribute-missing aws-role-empty nameid-missing nameid-format-idc acs-wrong-product",
        .fixes = {
            FIX("shibboleth", "conf/attribute-filter.xml: a PermitValueRule for the entity ID of AWS; "
                              "conf/saml-nameid.xml: a generator for emailAddress; bin/aacli.sh shows what goes out."),
        },
        .run = shibboleth_release,
    },
    {
        HABIT(ASSERTION, PROFILE_AWS_IDENTITY_CENTER, LIKELY),
        .id = "ping-username-format",
        .severity = SEVERITY_WARNING,
        .rank = RANK_SUBJECT,
        .standing = STANDING_DOCUMENTED,
        .title = "Ping: the user name is no e-mail address",
        .means = "SCIM provisioning and sign-in then hardly agree on one name.",
        .rule = "The NameID that Ping sends is an address.",
        .spec = "-",
        .source = "IAM Identity Center User Guide, PingFederate tutorial (read 2022)",
        .follows = "nameid-not-address nameid-format-idc",
        .fixes = {
            FIX("ping", "Map one attribute of the form of an e-mail address to SAML_SUBJECT and to the userName of the "
                        "provisioning connection."),
        },
        .run = ping_username,
    },
    {
        HABIT(RESPONSE, PROFILE_AWS_IDENTITY_CENTER, LIKELY),
        .id = "ping-signature-policy",
        .severity = SEVERITY_WARNING,
        .rank = RANK_KEY,
        .standing = STANDING_DOCUMENTED,
        .title = "Ping signs the Response only",
        .means = "PingFederate signs assertions only when the Signature Policy says so; Identity Center asks for them.",
        .rule = "The assertion that Ping sends has a signature of its own.",
        .spec = "SAML Metadata 2.4.4, WantAssertionsSigned",
        .source = "Ping Identity documentation, Signature Policy; an observed SP metadata file of Identity Center",
        .follows = "",
        .fixes = {
            FIX("ping", "SP Connection > Browser SSO > Protocol Settings > Signature Policy: always sign assertions."),
        },
        .run = ping_signature,
    },
    {
        HABIT(ASSERTION, PROFILE_AWS_IDENTITY_CENTER, LIKELY),
        .id = "scim-adfs-none",
        .severity = SEVERITY_WARNING,
        .rank = RANK_DIRECTORY,
        .standing = STANDING_INFERRED,
        .title = "AD FS makes no users in Identity Center",
        .means = "Users and groups have to be made by hand or by a script, or Active Directory has to be the source.",
        .rule = "A user of AD FS is in the list of users.",
        .spec = "-",
        .source = "inferred: AD FS has no SCIM client",
        .follows = "user-not-provisioned",
        .fixes = {
            FIX("adfs", "aws identitystore create-user with the value of the NameID as UserName; or connect Active "
                        "Directory as identity source."),
        },
        .run = adfs_no_scim,
    },
};

CHECK_SET(checks_aws_vendor_habits, table);
