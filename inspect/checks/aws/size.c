/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* Size limits of the two products. */

/* Length of the base64 text without line breaks. */
static size_t
base64_length(struct str xml)
{
    return (xml.len + 2) / 3 * 4;
}

static void
too_large_sts(struct check_run *run, const struct check *check)
{
    size_t length = base64_length(run->message->xml);
    struct finding *finding;

    if (length < AWS_STS_RESPONSE_MAX / 10 * 8)
        return;
    if (length > AWS_STS_RESPONSE_MAX) {
        finding = check_reportf(run, check, "The response has %zu characters in base64, more than the limit.", length);
    } else {
        finding =
            check_reportf(run, check, "The response has %zu characters in base64: over 80 %% of the limit.", length);
        finding->severity = SEVERITY_WARNING;
        finding->title = STR("the response is near the size limit");
    }
    finding->expected = STR("at most 100000 characters");
    finding->received = arena_printf(run->arena, "%zu characters", length);
    finding->source = STR("limit of SAMLAssertion in AssumeRoleWithSAML");
}

static void
too_large_idc(struct check_run *run, const struct check *check)
{
    size_t xml = run->message->xml.len;
    size_t base64 = base64_length(run->message->xml);

    if (base64 <= AWS_IDC_RESPONSE_MAX)
        return;
    struct finding *finding = check_reportf(run, check,
                                            "The response has %zu bytes of XML, %zu characters in base64. AWS lists a "
                                            "quota of 50,000 characters for SAML assertions without saying which of "
                                            "them is counted, or whether it holds for this direction.",
                                            xml, base64);
    finding->expected = STR("at most 50000 characters");
    finding->received = arena_printf(run->arena, "%zu characters", base64);
    finding->source = STR("quota \"SAML assertion limit\" of Identity Center");
}

static const struct check table[] = {
    {
        .id = "saml-too-large-sts",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_DECODE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the response is larger than AWS STS takes",
        .means = "AWS STS refuses a SAML response of more than 100,000 characters in base64.",
        .rule = "The base64 text has 4 to 100,000 characters; a warning from 80,000 on.",
        .spec = "-",
        .source = AWS_STS_MODEL "; AWS IAM User Guide, \"IAM and AWS STS quotas\" (read 2023-05)",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Narrow the Group Filter so that fewer roles are sent."),
            FIX("entra", "Token configuration > Groups: \"Groups assigned to the application\"."),
            FIX("adfs", "Make the group rule's filter narrower."),
            FIX("any", "Send fewer attributes and roles."),
        },
        .run = too_large_sts,
    },
    {
        .id = "saml-too-large-idc",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DECODE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_DOCUMENTED,
        .title = "the response may be too large for Identity Center",
        .means = "A general error page without a better cause may come from this.",
        .rule = "The response has at most 50,000 characters in base64.",
        .spec = "-",
        .source = "IAM Identity Center User Guide, \"Quotas and limits\" (read 2026)",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Leave group claims out (Identity Center does not use them), and attributes nobody needs."),
        },
        .run = too_large_idc,
    },
};

CHECK_SET(checks_aws_size, table);
