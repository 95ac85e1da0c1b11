/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* Session tags (PrincipalTag:*), transitive keys and the claims behind trust policy keys. */

static struct str
tag_key(const struct saml_attribute *attribute)
{
    return aws_attribute_tag_key(attribute, AWS_ATTRIBUTE_PRINCIPAL_TAG);
}

static void
tags_too_many(struct check_run *run, const struct check *check)
{
    size_t count = 0;

    for (size_t i = 0; i < run->assertion->attribute_count; i++)
        if (str_present(tag_key(&run->assertion->attributes[i])))
            count++;
    if (count <= AWS_TAGS_MAX)
        return;
    struct finding *finding = check_reportf(run, check, "The assertion carries %zu session tags.", count);
    finding->expected = STR("at most 50");
    finding->received = arena_printf(run->arena, "%zu", count);
    finding->source = STR("limit documented by AWS");
    finding_at(finding, run->assertion->where);
}

static void
tag_key_length(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];
        struct str key = tag_key(attribute);
        size_t length = aws_characters(key);

        if (!str_present(key) || (length > 0 && length <= AWS_TAG_KEY_MAX))
            continue;
        struct finding *finding =
            length == 0 ? check_reportf(run, check, "There is no key after PrincipalTag: in the attribute's name.")
                        : check_reportf(run, check, "The key has %zu characters, AWS allows 128.", length);
        finding->received = key;
        finding_at(finding, attribute->where);
    }
}

static void
tag_value_length(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];

        for (size_t k = 0; str_present(tag_key(attribute)) && k < attribute->value_count; k++) {
            struct saml_value value = attribute->values[k].value;
            size_t length = aws_characters(value.text);

            if (length <= AWS_TAG_VALUE_MAX)
                continue;
            struct finding *finding =
                check_reportf(run, check, "The value has %zu characters, AWS allows 256.", length);
            finding->received = value.text;
            finding_at(finding, value.where);
        }
    }
}

static void
tag_multivalue(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];
        struct str key = aws_clip(tag_key(attribute));

        if (str_present(key) && attribute->value_count > 1)
            finding_at(check_reportf(run, check, "The tag %.*s has %zu values; a tag has one.", STR_ARG(key),
                                     attribute->value_count),
                       attribute->where);
    }
}

static void
report_charset(struct check_run *run, const struct check *check, struct str text, const char *what, struct where where)
{
    struct str offender = aws_tag_offender(text);
    struct finding *finding;

    if (str_present(offender))
        finding = check_reportf(run, check, "The %s holds \"%.*s\", which tags may not hold.", what, STR_ARG(offender));
    else if (str_starts_nocase(text, STR("aws:")) && what[0] == 'k')
        finding = check_reportf(run, check, "The key begins with \"aws:\", which AWS keeps for itself.");
    else
        return;
    finding->expected = STR("letters, digits, spaces and _ . : / = + - @");
    finding->received = text;
    finding->source = STR("characters documented by AWS");
    if (str_present(offender))
        finding->first_difference = (size_t)(offender.ptr - text.ptr);
    finding_at(finding, where);
}

static void
tag_charset(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];

        if (!str_present(tag_key(attribute)))
            continue;
        report_charset(run, check, tag_key(attribute), "key", attribute->where);
        for (size_t k = 0; k < attribute->value_count; k++)
            report_charset(run, check, attribute->values[k].value.text, "value", attribute->values[k].value.where);
    }
}

static void
tag_case_collision(struct check_run *run, const struct check *check)
{
    for (size_t i = 1; i < aws_compared_attributes(run->assertion); i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];
        struct str key = tag_key(attribute);

        for (size_t k = 0; str_present(key) && k < i; k++) {
            struct str other = tag_key(&run->assertion->attributes[k]);

            if (!str_present(other) || !str_eq_nocase(key, other))
                continue;
            finding_at(finding_mismatch(check_reportf(run, check,
                                                      "Two tags have the same key when case is ignored; only one of "
                                                      "them can win."),
                                        other, key, "the earlier tag of this assertion"),
                       attribute->where);
            break;
        }
    }
}

static bool
has_tag(const struct saml_assertion *assertion, struct str key)
{
    for (size_t i = 0; i < aws_compared_attributes(assertion); i++) {
        struct str other = tag_key(&assertion->attributes[i]);

        if (str_present(other) && str_eq(other, key))
            return true;
    }
    return false;
}

static void
transitive_unknown(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *keys = aws_attribute_find(run->assertion, AWS_ATTRIBUTE_TRANSITIVE_KEYS);

    for (size_t i = 0; keys != NULL && i < keys->value_count && i < AWS_TAGS_MAX; i++) {
        struct saml_value value = keys->values[i].value;

        if (has_tag(run->assertion, value.text))
            continue;
        struct finding *finding =
            check_reportf(run, check, "The key is declared transitive, but no PrincipalTag of this assertion has it.");
        finding->received = value.text;
        finding_at(finding, value.where);
    }
}

static void
context_key_duplicate(struct check_run *run, const struct check *check)
{
    for (size_t i = 1; i < aws_compared_attributes(run->assertion); i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];
        const char *key = aws_context_key(attribute->name.text);

        for (size_t k = 0; key != NULL && k < i; k++) {
            const char *other = aws_context_key(run->assertion->attributes[k].name.text);

            if (other == NULL || !str_eq_c(str_from(other), key))
                continue;
            finding_at(finding_mismatch(check_reportf(run, check,
                                                      "Both attributes map to the context key saml:%s; AWS maps only "
                                                      "one claim for each key.",
                                                      key),
                                        run->assertion->attributes[k].name.text, attribute->name.text,
                                        "the earlier attribute for this key"),
                       attribute->where);
            break;
        }
    }
}

static const struct check table[] = {
    {
        .id = "aws-tags-too-many",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "more than 50 session tags",
        .means = "AWS STS refuses the request.",
        .rule = "At most 50 attributes named …PrincipalTag:KEY.",
        .spec = "-",
        .source = AWS_GUIDE_TAGS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Send fewer PrincipalTag attributes."),
        },
        .run = tags_too_many,
    },
    {
        .id = "aws-tag-key-too-long",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "a session tag key is empty or too long",
        .means = "AWS STS refuses the request.",
        .rule = "The text after PrincipalTag: has 1 to 128 characters.",
        .spec = "-",
        .source = AWS_GUIDE_TAGS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Name the attribute " AWS_ATTRIBUTE_PRINCIPAL_TAG "KEY with a key of 1 to 128 characters."),
        },
        .run = tag_key_length,
    },
    {
        .id = "aws-tag-value-too-long",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "a session tag value is too long",
        .means = "AWS STS refuses the request.",
        .rule = "A tag value has at most 256 characters; it may be empty.",
        .spec = "-",
        .source = AWS_GUIDE_TAGS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Shorten the value at the identity provider."),
        },
        .run = tag_value_length,
    },
    {
        .id = "aws-tag-multivalue",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "a session tag has more than one value",
        .means = "AWS STS refuses the request.",
        .rule = "Each PrincipalTag attribute has at most one AttributeValue.",
        .spec = "-",
        .source = AWS_GUIDE_TAGS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Join the values in the attribute statement's expression, for example with Arrays.toCsvString "
                        "and a separator that tags allow (:)."),
            FIX("entra", "Use the Join transformation with : as separator."),
            FIX("any", "Join the values to one, for example with a colon between them."),
        },
        .run = tag_multivalue,
    },
    {
        .id = "aws-tag-charset",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "a session tag holds a character that is not allowed",
        .means = "AWS STS refuses the request. Usual culprits: & , ( | ;",
        .rule = "Keys and values hold letters, digits, spaces and _ . : / = + - @ only; keys do not begin with aws:.",
        .spec = "-",
        .source = AWS_GUIDE_TAGS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Replace the character at the identity provider by a transformation."),
        },
        .run = tag_charset,
    },
    {
        .id = "aws-tag-key-case-collision",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "two session tags differ only in case",
        .means = "AWS treats the keys as one; which value wins is not documented.",
        .rule = "No two PrincipalTag keys are equal when case is ignored.",
        .spec = "-",
        .source = AWS_GUIDE_TAGS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Keep one of the two attributes."),
        },
        .run = tag_case_collision,
    },
    {
        .id = "aws-transitive-unknown",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_INFERRED,
        .title = "a transitive key without a tag",
        .means = "AWS STS is expected to refuse keys that are no session tag of the same request.",
        .rule = "Each value of TransitiveTagKeys is the key of a PrincipalTag of the assertion.",
        .spec = "-",
        .source = "inferred from " AWS_GUIDE_ASSERTIONS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Send the tag, too, or take the key out of TransitiveTagKeys. Mind upper and lower case."),
        },
        .run = transitive_unknown,
    },
    {
        .id = "aws-context-key-duplicate",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "two attributes for one trust policy key",
        .means = "A condition of a trust policy on this key may see the other value.",
        .rule = "No two attributes map to the same context key of AWS's tables.",
        .spec = "-",
        .source = AWS_GUIDE_ASSERTIONS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Send one claim for each key."),
        },
        .run = context_key_duplicate,
    },
};

CHECK_SET(checks_aws_tags, table);
