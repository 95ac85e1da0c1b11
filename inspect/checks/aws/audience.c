/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* The Audience of a response for AWS. */

enum verdict_of_audience {
    AUDIENCE_FITS,
    AUDIENCE_FRAGMENT,  /* fits without its #n */
    AUDIENCE_PARTITION, /* of another partition */
    AUDIENCE_OTHER,
};

/* An audience that the user or the metadata names counts like the documented ones. */
static bool
is_stated(const struct check_run *run, struct str value)
{
    return str_present(run->context->sp_entity_id.text) && str_eq(str_trim(value), run->context->sp_entity_id.text);
}

static enum verdict_of_audience
judge_iam(const struct check_run *run, struct str value)
{
    struct aws_audience audience = aws_audience_read(value);
    struct aws_url target = aws_target(run, NULL, NULL);

    if (is_stated(run, value))
        return AUDIENCE_FITS;
    if (audience.product != AWS_PRODUCT_IAM || !audience.exact)
        return AUDIENCE_OTHER;
    if (target.partition != AWS_PARTITION_NONE && audience.partition != target.partition)
        return AUDIENCE_PARTITION;
    return str_present(audience.fragment) ? AUDIENCE_FRAGMENT : AUDIENCE_FITS;
}

static enum verdict_of_audience
judge_idc(const struct check_run *run, struct str value)
{
    struct aws_audience audience = aws_audience_read(value);

    if (is_stated(run, value))
        return AUDIENCE_FITS;
    if (str_present(run->context->sp_entity_id.text))
        return AUDIENCE_OTHER;
    return audience.product == AWS_PRODUCT_IDC && audience.exact ? AUDIENCE_FITS : AUDIENCE_OTHER;
}

/* Best verdict of a restriction's audiences (one that fits is enough, Core 2.5.1.4), and its value. */
static enum verdict_of_audience
judge(const struct check_run *run, const struct saml_audience_restriction *restriction, const struct saml_value **value)
{
    bool iam = run->context->profile == PROFILE_AWS_IAM;
    enum verdict_of_audience best = AUDIENCE_OTHER;

    *value = restriction->audience_count > 0 ? &restriction->audiences[0] : NULL;
    for (size_t i = 0; i < restriction->audience_count; i++) {
        struct str text = restriction->audiences[i].text;
        enum verdict_of_audience verdict = iam ? judge_iam(run, text) : judge_idc(run, text);

        if (verdict < best) {
            best = verdict;
            *value = &restriction->audiences[i];
        }
    }
    return best;
}

typedef void audience_report(struct check_run *run, const struct check *check, const struct saml_value *value);

static void
each_restriction(struct check_run *run, const struct check *check, enum verdict_of_audience verdict,
                 audience_report *report)
{
    for (size_t i = 0; i < run->assertion->restriction_count; i++) {
        const struct saml_value *value;

        if (judge(run, &run->assertion->restrictions[i], &value) == verdict && value != NULL)
            report(run, check, value);
    }
}

static void
report_iam(struct check_run *run, const struct check *check, const struct saml_value *value)
{
    enum aws_partition partition = aws_target_partition(run);
    struct str urn = str_from(aws_partition_audience(partition));
    struct str url = str_from(aws_partition_acs(partition));
    /* Show the accepted value that is nearest to what came. */
    struct str expected = near_miss_of(url, value->text) != NEAR_MISS_NONE || urn.len == 0 ? url : urn;
    const char *source = "an audience that AWS documents (the sign-in URL is the other)";

    if (str_present(run->context->sp_entity_id.text) && !str_eq(run->context->sp_entity_id.text, urn) &&
        str_present(run->context->settings->sp_entity_id)) {
        expected = run->context->sp_entity_id.text;
        source = run->context->sp_entity_id.source;
    }
    finding_at(finding_mismatch(check_reportf(run, check,
                                              "The assertion is not addressed to AWS sign-in: no Audience is one that "
                                              "AWS accepts."),
                                expected, value->text, source),
               value->where);
}

static void
mismatch_iam(struct check_run *run, const struct check *check)
{
    each_restriction(run, check, AUDIENCE_OTHER, report_iam);
}

static void
report_idc(struct check_run *run, const struct check *check, const struct saml_value *value)
{
    struct aws_audience audience = aws_audience_read(value->text);
    struct str expected = run->context->sp_entity_id.text;
    const char *source = run->context->sp_entity_id.source;
    const char *text = "The assertion is not addressed to this instance of IAM Identity Center.";

    if (audience.product == AWS_PRODUCT_IAM)
        text = "The audience is the one of IAM federation; Identity Center has an entity ID for each instance.";
    if (!str_present(expected)) {
        struct aws_url target = aws_target(run, NULL, NULL);
        struct str region = str_present(target.region) ? target.region : STR("REGION");

        expected =
            arena_printf(run->arena, "https://%.*s.signin.aws.amazon.com/platform/saml/d-INSTANCE", STR_ARG(region));
        source = "form of the entity IDs of Identity Center, as observed; the exact one is in the SP metadata";
    }
    struct finding *finding = check_reportf(run, check, "%s", text);
    if (!str_present(run->context->sp_entity_id.text) && audience.product != AWS_PRODUCT_IAM)
        finding->confidence = CONFIDENCE_LIKELY;
    finding_at(finding_mismatch(finding, expected, value->text, source), value->where);
}

static void
mismatch_idc(struct check_run *run, const struct check *check)
{
    each_restriction(run, check, AUDIENCE_OTHER, report_idc);
}

static void
report_fragment(struct check_run *run, const struct check *check, const struct saml_value *value)
{
    struct str base;
    struct str fragment;

    str_cut(value->text, '#', &base, &fragment);
    finding_at(finding_mismatch(check_reportf(run, check,
                                              "The audience ends in #%.*s. Entra uses such endings to tell several "
                                              "apps apart and documents that it removes them before sending.",
                                              STR_ARG(aws_clip(fragment))),
                                str_trim(base), value->text, "an audience that AWS documents"),
               value->where);
}

static void
audience_fragment(struct check_run *run, const struct check *check)
{
    each_restriction(run, check, AUDIENCE_FRAGMENT, report_fragment);
}

static void
report_partition(struct check_run *run, const struct check *check, const struct saml_value *value)
{
    enum aws_partition partition = aws_target_partition(run);
    struct aws_audience audience = aws_audience_read(value->text);
    struct str urn = str_from(aws_partition_audience(partition));

    finding_at(
        finding_mismatch(check_reportf(run, check, "The audience belongs to partition %s, the sign-in endpoint to %s.",
                                       aws_partition_name(audience.partition), aws_partition_name(partition)),
                         urn.len > 0 ? urn : str_from(aws_partition_acs(partition)), value->text,
                         "the host of the sign-in endpoint"),
        value->where);
}

static void
audience_partition(struct check_run *run, const struct check *check)
{
    each_restriction(run, check, AUDIENCE_PARTITION, report_partition);
}

static const struct check table[] = {
    {
        .id = "aud-mismatch-iam",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_PARTY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the audience is not AWS sign-in",
        .means = "AWS answers \"Response does not contain the required audience.\"",
        .rule = "Every AudienceRestriction holds urn:amazon:webservices or the sign-in URL (of the partition), byte "
                "for byte.",
        .spec = "SAML Core 2.5.1.4",
        .source = AWS_GUIDE_ASSERTIONS "; " AWS_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("adfs", "Relying party trust > Identifiers: urn:amazon:webservices."),
            FIX("okta", "Custom app: SAML Settings > Audience URI (SP Entity ID): urn:amazon:webservices; the AWS "
                        "Account Federation app sets it by itself."),
            FIX("entra", "Basic SAML Configuration > Identifier: https://signin.aws.amazon.com/saml (further apps: the "
                         "same with #1, #2 …)."),
            FIX("keycloak", "Client ID: urn:amazon:webservices."),
            FIX("google", "Service provider details > Entity ID: https://signin.aws.amazon.com/saml."),
            FIX("any", "Set the SP entity ID to urn:amazon:webservices."),
        },
        .run = mismatch_iam,
    },
    {
        .id = "aud-mismatch-idc",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_PARTY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_STANDARD,
        .title = "the audience is not this Identity Center instance",
        .means = "A service provider refuses an assertion that is addressed to somebody else; Identity Center shows "
                 "a general error page.",
        .rule = "Every AudienceRestriction holds the entity ID (issuer URL) of the Identity Center instance, byte for "
                "byte.",
        .spec = "SAML Core 2.5.1.4",
        .source = "SAML Core; form of the entity ID observed in public set-ups and Microsoft's tutorial",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Sign On > AWS SSO issuer URL: paste the value from IAM Identity Center > Settings."),
            FIX("entra", "Basic SAML Configuration > Identifier (Entity ID)."),
            FIX("google", "Service provider details > Entity ID."),
            FIX("adfs", "Relying party trust > Identifiers; best update it from the SP metadata."),
            FIX("keycloak", "Client ID = the issuer URL of Identity Center."),
            FIX("any", "Take the issuer URL from the SP metadata of Identity Center (Settings > Identity source > "
                       "Actions > Manage authentication)."),
        },
        .run = mismatch_idc,
    },
    {
        .id = "aud-fragment",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_PARTY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the audience ends in #n",
        .means = "AWS may answer \"Response does not contain the required audience.\"",
        .rule = "The audience has no fragment.",
        .spec = "SAML Core 2.5.1.4",
        .source = "Microsoft Learn, AWS Single-Account Access tutorial (read 2026)",
        .follows = "acs-wrong-product aud-mismatch-iam",
        .fixes = {
            FIX("entra", "Basic SAML Configuration > Identifier: check the form https://signin.aws.amazon.com/saml#1."),
            FIX("any", "Send the audience without #n; only Entra knows this way of writing."),
        },
        .run = audience_fragment,
    },
    {
        .id = "aud-partition",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_PARTY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_OBSERVED,
        .title = "the audience belongs to another AWS partition",
        .means = "aws, aws-us-gov and aws-cn have sign-in endpoints and entity IDs of their own.",
        .rule = "Audience and sign-in endpoint are of one partition: urn:amazon:webservices, "
                "urn:amazon:webservices:govcloud, urn:amazon:webservices:cn-north-1.",
        .spec = "-",
        .source = "docs.amazonaws.cn IAM guide; public GovCloud and China set-ups",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Sign On > AWS Environment."),
            FIX("adfs", "Import the SP metadata of the partition."),
            FIX("any", "Use the entity ID of the partition whose endpoint is used."),
        },
        .run = audience_partition,
    },
};

CHECK_SET(checks_aws_audience, table);
