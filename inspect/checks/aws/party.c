/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* Recipient, Issuer and the number of subject confirmations. */

static void
recipient_iam(struct check_run *run, const struct check *check)
{
    enum aws_partition partition = aws_target_partition(run);
    struct str posted = aws_posted_url(run);

    for (size_t i = 0; i < run->assertion->confirmation_count; i++) {
        const struct saml_value *recipient = &run->assertion->confirmations[i].recipient;
        struct aws_url url = aws_url_read(recipient->text);
        struct str expected = run->context->acs_url.text;
        struct finding *finding;

        if (!str_present(recipient->text) || str_eq(recipient->text, posted) || str_eq(recipient->text, expected))
            continue;
        if (!str_present(expected))
            expected = str_from(aws_partition_acs(partition));
        if (aws_url_is_iam(&url) && url.exact && url.partition == partition) {
            finding = check_reportf(run, check,
                                    "The Recipient is a sign-in URL of AWS, but not the one that is used. Trust "
                                    "policies see it as saml:aud.");
            finding->severity = SEVERITY_WARNING;
            finding->confidence = CONFIDENCE_POSSIBLE;
            finding->title = STR("the Recipient is another AWS sign-in URL");
        } else {
            finding = check_reportf(run, check, "The Recipient is not a sign-in URL of AWS (partition %s).",
                                    aws_partition_name(partition));
        }
        finding_at(finding_mismatch(finding, expected, recipient->text,
                                    str_present(run->context->acs_url.text) ? run->context->acs_url.source
                                                                            : "the sign-in URL that AWS documents"),
                   recipient->where);
    }
}

static void
recipient_idc(struct check_run *run, const struct check *check)
{
    struct str posted = aws_posted_url(run);
    struct str expected = run->context->acs_url.text;

    for (size_t i = 0; i < run->assertion->confirmation_count; i++) {
        const struct saml_value *recipient = &run->assertion->confirmations[i].recipient;
        struct aws_url url = aws_url_read(recipient->text);

        if (!str_present(recipient->text) || str_eq(recipient->text, posted) || str_eq(recipient->text, expected))
            continue;
        if (!str_present(expected) && url.kind == AWS_URL_IDC_ACS && url.exact)
            continue;
        finding_at(
            finding_mismatch(check_reportf(run, check, "The Recipient is not the endpoint that receives the response."),
                             str_present(expected) ? expected
                                                   : STR("https://REGION.signin.aws.amazon.com/platform/saml/"
                                                         "acs/TENANT"),
                             recipient->text,
                             str_present(expected) ? run->context->acs_url.source
                                                   : "form of the ACS URLs of Identity Center"),
            recipient->where);
    }
}

/* Near misses are said by issuer-near-miss. */
static void
issuer_differs(struct check_run *run, const struct check *check)
{
    struct str expected = run->context->idp_entity_id.text;
    const struct saml_value *issuer = &run->assertion->issuer.value;
    struct str received = str_trim(issuer->text);
    struct finding *finding;

    if (!str_present(issuer->text))
        return;
    if (!str_present(expected)) {
        check_skipped(run, check, "neither metadata nor entity ID of the identity provider was given");
        return;
    }
    if (str_eq(received, expected))
        return;
    switch (near_miss_of(expected, received)) {
    case NEAR_MISS_CASE:
    case NEAR_MISS_TRAILING_SLASH:
    case NEAR_MISS_SCHEME:
        return;
    default:
        break;
    }
    finding = check_reportf(run, check, "The assertion was issued by another entity than the one AWS was told about.");
    finding_at(finding_mismatch(finding, expected, issuer->text, run->context->idp_entity_id.source), issuer->where);
}

static void
confirmation_count(struct check_run *run, const struct check *check)
{
    size_t with_data = 0;

    for (size_t i = 0; i < run->assertion->confirmation_count; i++)
        if (run->assertion->confirmations[i].has_data)
            with_data++;
    if (with_data == 1 && run->assertion->confirmation_count == 1)
        return;
    struct finding *finding = check_reportf(
        run, check, "The subject has %zu SubjectConfirmation element%s, %zu of them with data.",
        run->assertion->confirmation_count, run->assertion->confirmation_count == 1 ? "" : "s", with_data);
    finding->expected = STR("exactly one with SubjectConfirmationData");
    finding->received = arena_printf(run->arena, "%zu", with_data);
    finding->source = STR("AWS's description of the assertion");
    finding_at(finding, run->assertion->where);
}

static const struct check table[] = {
    {
        .id = "recipient-mismatch-iam",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_PARTY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the Recipient is not AWS sign-in",
        .means = "AWS documents that Recipient must match its sign-in endpoint; it becomes saml:aud for trust "
                 "policies.",
        .rule = "Recipient is https://[REGION.]signin.aws.amazon.com/saml, …/saml/acs/ID, or the same of the "
                "partition, byte for byte.",
        .spec = "SAML Profiles 4.1.4.2",
        .source = AWS_GUIDE_ASSERTIONS "; AWS Security Blog on regional SAML endpoints",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Custom app: SAML Settings > Single sign-on URL, with \"Use this for Recipient URL and "
                        "Destination URL\"."),
            FIX("entra", "Basic SAML Configuration > Reply URL: https://signin.aws.amazon.com/saml."),
            FIX("adfs", "Relying party trust > Endpoints: https://signin.aws.amazon.com/saml."),
            FIX("google", "Service provider details > ACS URL: https://signin.aws.amazon.com/saml."),
            FIX("any", "Set ACS URL and Recipient to https://signin.aws.amazon.com/saml or the regional form."),
        },
        .run = recipient_iam,
    },
    {
        .id = "recipient-mismatch-idc",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_PARTY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_STANDARD,
        .title = "the Recipient is not the endpoint that receives",
        .means = "The assertion may be used at one address only, and this is not it.",
        .rule = "Recipient equals the ACS URL the response is posted to, byte for byte.",
        .spec = "SAML Profiles 4.1.4.2",
        .source = "SAML Profiles; " IDC_GUIDE_REGIONS,
        .follows = "acs-wrong-product acs-url-mismatch acs-region-mismatch acs-legacy-endpoint-new-instance",
        .fixes = {
            FIX("okta", "Sign On > AWS SSO ACS URL: it fills Recipient, too."),
            FIX("entra", "Basic SAML Configuration > Reply URL."),
            FIX("any", "Use the same value for ACS URL, Recipient and Destination: the ACS URL of Identity Center."),
        },
        .run = recipient_idc,
    },
    {
        .id = "issuer-mismatch-iam",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_PARTY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "another issuer than the IAM provider's metadata names",
        .means = "AWS answers \"Issuer not present in specified provider\".",
        .rule = "Issuer of the assertion equals entityID of the metadata in the IAM SAML provider.",
        .spec = "SAML Core 2.3.3",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product issuer-near-miss sig-wrong-app-metadata",
        .fixes = {
            FIX("any", "Upload the metadata of the identity provider (and app) that really signs: IAM > Identity "
                       "providers > (the provider) > Replace metadata, or aws iam update-saml-provider."),
        },
        .run = issuer_differs,
    },
    {
        .id = "issuer-mismatch-idc",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_PARTY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_INFERRED,
        .title = "another issuer than Identity Center was told",
        .means = "Identity Center is set up for another identity provider (or another app of it).",
        .rule = "Issuer of the assertion equals the IdP issuer URL in Identity Center.",
        .spec = "SAML Core 2.3.3",
        .source = "inferred from " IDC_GUIDE_EXTERNAL_IDP,
        .follows = "acs-wrong-product issuer-near-miss sig-wrong-app-metadata",
        .fixes = {
            FIX("entra", "The issuer is https://sts.windows.net/TENANT/ with the slash."),
            FIX("okta", "The issuer is http://www.okta.com/exk… of this very app (http, not https)."),
            FIX("adfs", "The issuer is http://HOST/adfs/services/trust (http)."),
            FIX("any", "IAM Identity Center > Settings > Identity source > Actions > Manage authentication: IdP issuer "
                       "URL, or import the metadata again."),
        },
        .run = issuer_differs,
    },
    {
        .id = "subjectconfirmation-count",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_SUBJECT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "not exactly one subject confirmation",
        .means = "AWS documents exactly one SubjectConfirmation element with SubjectConfirmationData.",
        .rule = "The subject has one SubjectConfirmation, and it has SubjectConfirmationData.",
        .spec = "SAML Core 2.4.1; SAML Profiles 4.1.4.2",
        .source = AWS_GUIDE_ASSERTIONS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("shibboleth", "Use the bearer confirmation only; remove holder-of-key confirmations of the profile."),
            FIX("any", "Send one bearer confirmation with NotOnOrAfter and Recipient."),
        },
        .run = confirmation_count,
    },
};

CHECK_SET(checks_aws_party, table);
