/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* Attributes for access control in a response to Identity Center. */

static struct str
abac_key(const struct saml_attribute *attribute)
{
    return aws_attribute_tag_key(attribute, AWS_ATTRIBUTE_ACCESS_CONTROL);
}

static void
not_enabled(struct check_run *run, const struct check *check)
{
    if (aws_uses_access_control(run->assertion))
        check_skipped(run, check, "whether attributes for access control are enabled cannot be seen from here");
}

/* What is wrong with a name that was meant to be …AccessControl:KEY; NULL when it is right or another. */
static const char *
name_problem(struct str name)
{
    size_t at = str_find_nocase(name, STR("AccessControl:"));

    if (str_starts_c(name, AWS_ATTRIBUTE_PRINCIPAL_TAG))
        return "PrincipalTag: is the name IAM federation uses.";
    if (at == SIZE_MAX || str_starts_c(name, AWS_ATTRIBUTE_ACCESS_CONTROL))
        return NULL;
    if (at == 0)
        return "The part before AccessControl: is missing.";
    return str_find_c(name, "Attributes//") != SIZE_MAX
               ? "There are two slashes before AccessControl: (a namespace that ends in a slash)."
               : "The name differs from AWS's.";
}

static void
name_wrong(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];
        const char *problem = name_problem(attribute->name.text);
        struct str head;
        struct str key;

        if (problem == NULL)
            continue;
        /* The key stands behind the last-but-scheme colon: behind "PrincipalTag:" or "AccessControl:". */
        size_t at = str_find_nocase(attribute->name.text, STR("AccessControl:"));
        if (at == SIZE_MAX)
            at = str_find_nocase(attribute->name.text, STR("PrincipalTag:"));
        str_cut(str_from_offset(attribute->name.text, at), ':', &head, &key);
        finding_at(finding_mismatch(check_reportf(run, check, "%s Identity Center does not read it as a tag.", problem),
                                    arena_printf(run->arena, AWS_ATTRIBUTE_ACCESS_CONTROL "%.*s", STR_ARG(key)),
                                    attribute->name.text, "AWS's name of attributes for access control"),
                   attribute->where);
    }
}

static void
too_many(struct check_run *run, const struct check *check)
{
    if (run->assertion->attribute_count <= AWS_ABAC_ATTRIBUTES_MAX)
        return;
    struct finding *finding = check_reportf(run, check,
                                            "The assertion has %zu attributes, all of them counted. With attributes "
                                            "for access control enabled AWS allows 50.",
                                            run->assertion->attribute_count);
    finding->expected = STR("at most 50");
    finding->received = arena_printf(run->arena, "%zu", run->assertion->attribute_count);
    finding->source = STR("limit that AWS documents");
    if (!aws_uses_access_control(run->assertion))
        finding->severity = SEVERITY_WARNING;
    finding_at(finding, run->assertion->where);
}

static void
multivalue(struct check_run *run, const struct check *check)
{
    if (!aws_uses_access_control(run->assertion))
        return;
    for (size_t i = 0; i < run->assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];

        if (attribute->value_count < 2)
            continue;
        struct finding *finding = check_reportf(run, check,
                                                "The attribute has %zu values. With attributes for access control "
                                                "enabled every attribute may have one.",
                                                attribute->value_count);
        finding->received = attribute->name.text;
        finding_at(finding, attribute->where);
    }
}

static void
duplicate_name(struct check_run *run, const struct check *check)
{
    if (!aws_uses_access_control(run->assertion))
        return;
    for (size_t i = 1; i < aws_compared_attributes(run->assertion); i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];

        for (size_t k = 0; k < i; k++) {
            if (!str_eq(attribute->name.text, run->assertion->attributes[k].name.text))
                continue;
            struct finding *finding = check_reportf(run, check, "Two attributes have the same name.");
            finding->received = attribute->name.text;
            finding_at(finding, attribute->where);
            break;
        }
    }
}

static void
structured_value(struct check_run *run, const struct check *check)
{
    if (!aws_uses_access_control(run->assertion))
        return;
    for (size_t i = 0; i < run->assertion->attribute_count; i++)
        for (size_t k = 0; k < run->assertion->attributes[i].value_count; k++) {
            const struct saml_attribute_value *value = &run->assertion->attributes[i].values[k];

            if (!value->structured)
                continue;
            struct finding *finding = check_reportf(run, check, "The value holds XML elements instead of text.");
            finding->received = run->assertion->attributes[i].name.text;
            finding_at(finding, value->value.where);
        }
}

static bool
is_saml_name_format(struct str format)
{
    return str_eq_c(format, "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified") ||
           str_eq_c(format, "urn:oasis:names:tc:SAML:2.0:attrname-format:uri") ||
           str_eq_c(format, "urn:oasis:names:tc:SAML:2.0:attrname-format:basic");
}

static void
name_format(struct check_run *run, const struct check *check)
{
    if (!aws_uses_access_control(run->assertion))
        return;
    for (size_t i = 0; i < run->assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];

        /* No NameFormat means unspecified (Core 2.7.3.1). */
        if (!str_present(attribute->name_format.text) || is_saml_name_format(attribute->name_format.text))
            continue;
        finding_at(finding_mismatch(check_reportf(run, check, "The NameFormat is none of SAML's own."),
                                    STR("urn:oasis:names:tc:SAML:2.0:attrname-format:uri"), attribute->name_format.text,
                                    "the three formats of SAML Core 8.2"),
                   attribute->where);
    }
}

static void
line_break(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];

        for (size_t k = 0; str_present(abac_key(attribute)) && k < attribute->value_count; k++) {
            struct saml_value value = attribute->values[k].value;

            if (str_eq(str_trim(value.text), value.text))
                continue;
            finding_at(finding_mismatch(check_reportf(run, check,
                                                      "The value begins or ends with white space, which becomes part "
                                                      "of the tag."),
                                        str_trim(value.text), value.text, "the value without white space"),
                       value.where);
        }
    }
}

static const struct check table[] = {
    {
        .id = "idc-abac-not-enabled",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_NOTE,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_DOCUMENTED,
        .title = "attributes for access control may be off",
        .means = "Then the tags never reach the account.",
        .rule = "When AccessControl: attributes are sent, the feature is enabled in Identity Center.",
        .spec = "-",
        .source = IDC_GUIDE_ABAC,
        .follows = "",
        .fixes = {
            FIX("any", "IAM Identity Center > Settings > Attributes for access control > Enable."),
        },
        .run = not_enabled,
    },
    {
        .id = "idc-abac-name-wrong",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "an attribute for access control has nearly the right name",
        .means = "The tag is missing in the session, and policies that ask for it deny.",
        .rule = "Names are exactly " AWS_ATTRIBUTE_ACCESS_CONTROL "KEY.",
        .spec = "SAML Core 2.7.3.1",
        .source = IDC_GUIDE_ABAC,
        .follows = "acs-wrong-product idc-wrong-connector",
        .fixes = {
            FIX("entra", "Attributes & Claims: Name AccessControl:KEY, Namespace "
                         "https://aws.amazon.com/SAML/Attributes without a slash at the end."),
            FIX("okta", "Attribute Statements: Name " AWS_ATTRIBUTE_ACCESS_CONTROL "KEY, Name format URI Reference."),
            FIX("any", "Name the attribute " AWS_ATTRIBUTE_ACCESS_CONTROL "KEY."),
        },
        .run = name_wrong,
    },
    {
        .id = "idc-abac-too-many",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "more than 50 attributes",
        .means = "With attributes for access control enabled the user sees \"An unexpected error has occurred\".",
        .rule = "The assertion has at most 50 attributes.",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("entra", "Entra sends several claims by default; count and remove what nobody needs."),
            FIX("any", "Send fewer attributes."),
        },
        .run = too_many,
    },
    {
        .id = "idc-abac-multivalue",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "an attribute has several values",
        .means = "With attributes for access control enabled the user sees \"An unexpected error has occurred\". "
                 "Usually it is a group claim.",
        .rule = "When AccessControl: attributes are sent, no attribute has more than one value.",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Remove the attribute (Identity Center ignores groups), or join its values to one."),
        },
        .run = multivalue,
    },
    {
        .id = "idc-abac-duplicate-name",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "two attributes have the same name",
        .means = "With attributes for access control enabled the user sees \"An unexpected error has occurred\".",
        .rule = "When AccessControl: attributes are sent, no two attributes have the same Name.",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Send the attribute once."),
        },
        .run = duplicate_name,
    },
    {
        .id = "idc-abac-structured-value",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "an attribute value holds XML elements",
        .means = "With attributes for access control enabled the user sees \"An unexpected error has occurred\".",
        .rule = "When AccessControl: attributes are sent, every AttributeValue is plain text.",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("shibboleth", "Do not release eduPersonTargetedID with a NameID inside to Identity Center."),
            FIX("any", "Send plain text."),
        },
        .run = structured_value,
    },
    {
        .id = "idc-abac-nameformat",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_DOCUMENTED,
        .title = "a NameFormat that is not SAML's",
        .means = "AWS asks for a \"SAML specified format, not generic format\" when attributes for access control are "
                 "enabled.",
        .rule = "When AccessControl: attributes are sent, NameFormat is absent or attrname-format:unspecified, uri or "
                "basic.",
        .spec = "SAML Core 8.2",
        .source = IDC_GUIDE_TROUBLESHOOT "; that the three URIs are meant is inferred",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Use urn:oasis:names:tc:SAML:2.0:attrname-format:uri."),
        },
        .run = name_format,
    },
    {
        .id = "idc-abac-value-linebreak",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_INFERRED,
        .title = "white space around the value of an access control attribute",
        .means = "A policy that compares the tag may not match.",
        .rule = "Values of AccessControl: attributes neither begin nor end with white space.",
        .spec = "-",
        .source = "inferred; AWS's own sample has a line break inside AttributeValue",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Trim the value at the identity provider."),
        },
        .run = line_break,
    },
};

CHECK_SET(checks_aws_abac, table);
