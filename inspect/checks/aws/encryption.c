/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* Encryption, signing and number of assertions, as the two products take them. */

static const struct saml_encrypted *
first_encrypted(const struct saml_message *saml, bool assertion)
{
    for (size_t i = 0; i < saml->encrypted_count; i++)
        if (str_eq_c(saml->encrypted[i].element, "EncryptedAssertion") == assertion)
            return &saml->encrypted[i];
    return NULL;
}

static void
encrypted_idc(struct check_run *run, const struct check *check)
{
    const struct saml_encrypted *encrypted = first_encrypted(run->saml, true);

    if (run->saml->encrypted_assertion_count == 0)
        return;
    struct finding *finding = check_reportf(run, check, "The assertion is encrypted; Identity Center cannot open it.");
    if (encrypted != NULL)
        finding_at(finding, encrypted->where);
}

static void
encrypted_parts(struct check_run *run, const struct check *check)
{
    const struct saml_encrypted *encrypted = first_encrypted(run->saml, false);

    if (encrypted == NULL)
        return;
    finding_at(check_reportf(run, check, "The message holds an %.*s element.", STR_ARG(encrypted->element)),
               encrypted->where);
}

static void
encryption_endpoint(struct check_run *run, const struct check *check)
{
    struct str text;
    const char *source;
    struct aws_url url = aws_target(run, &text, &source);

    if (run->saml->encrypted_assertion_count == 0 || (url.kind != AWS_URL_IAM_ACS && url.kind != AWS_URL_IAM_OLD_ACS))
        return;
    finding_mismatch(
        check_reportf(run, check,
                      "The assertion is encrypted, but goes to the common sign-in URL. With encryption AWS "
                      "documents the sign-in URL of the provider."),
        arena_printf(run->arena, "%s/acs/PROVIDER-ID", aws_partition_acs(url.partition)), text, source);
}

static void
encryption_mode_unknown(struct check_run *run, const struct check *check)
{
    struct aws_url url = aws_target(run, NULL, NULL);

    if (run->saml->encrypted_assertion_count == 0 && run->saml->assertion_count > 0 &&
        url.kind == AWS_URL_IAM_PROVIDER_ACS)
        check_skipped(run, check,
                      "whether the IAM SAML provider requires encryption cannot be seen from here (the assertion is "
                      "not encrypted)");
}

static void
assertion_unsigned(struct check_run *run, const struct check *check)
{
    const struct metadata_entity *sp = run->context->sp;

    if (run->assertion->signature >= 0 || run->saml->signature < 0)
        return;
    finding_at(check_reportf(run, check, "Only the Response is signed, not the Assertion. %s",
                             sp != NULL && sp->sp.want_signed
                                 ? "The given SP metadata asks for signed assertions (WantAssertionsSigned)."
                                 : "SP metadata of Identity Center was seen to ask for signed assertions."),
               run->assertion->where);
}

static void
multiple_assertions(struct check_run *run, const struct check *check)
{
    size_t count = run->saml->encrypted_assertion_count;

    for (size_t i = 0; i < run->saml->assertion_count; i++)
        if (!run->saml->assertions[i].was_encrypted)
            count++;
    if (count < 2)
        return;
    struct finding *finding = check_reportf(run, check, "The response holds %zu assertions.", count);
    finding->expected = STR("1");
    finding->received = arena_printf(run->arena, "%zu", count);
    finding->source = STR("AWS's description of external identity providers");
    if (run->saml->assertion_count > 1)
        finding_at(finding, run->saml->assertions[1].where);
}

static const struct check table[] = {
    {
        .id = "saml-encrypted-idc",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_ENCRYPTION,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the assertion is encrypted",
        .means = "AWS documents that Identity Center does not support encrypted assertions; the user sees \"An "
                 "unexpected error has occurred\".",
        .rule = "The response holds no EncryptedAssertion.",
        .spec = "SAML Core 2.3.4",
        .source = IDC_GUIDE_TROUBLESHOOT "; " IDC_GUIDE_EXTERNAL_IDP,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Sign On > Advanced: Assertion Encryption: Unencrypted."),
            FIX("entra", "Token encryption: remove (deactivate) the certificate."),
            FIX("adfs", "Relying party trust > Encryption > Remove."),
            FIX("keycloak", "Client > Keys: Encrypt assertions off."),
            FIX("any", "Turn assertion encryption off for Identity Center."),
        },
        .run = encrypted_idc,
    },
    {
        .id = "saml-encrypted-parts",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS,
        .rank = RANK_ENCRYPTION,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_INFERRED,
        .title = "NameID or attributes are encrypted",
        .means = "AWS documents no support for EncryptedID and EncryptedAttribute: user or role may not be recognised.",
        .rule = "The assertion holds no EncryptedID and no EncryptedAttribute.",
        .spec = "SAML Core 2.2.4, 2.7.3.2",
        .source = "inferred: absent from AWS's documentation",
        .follows = "acs-wrong-product saml-encrypted-idc",
        .fixes = {
            FIX("any", "Turn off encryption of NameID and attributes."),
        },
        .run = encrypted_parts,
    },
    {
        .id = "saml-encryption-endpoint",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ENCRYPTION,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_DOCUMENTED,
        .title = "an encrypted assertion goes to the common sign-in URL",
        .means = "With assertion encryption AWS documents a sign-in URL of the provider's own, …/saml/acs/ID.",
        .rule = "An EncryptedAssertion is posted to https://[REGION.]signin.aws.amazon.com/saml/acs/ID.",
        .spec = "-",
        .source = AWS_GUIDE_ASSERTIONS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Put the provider's sign-in URL (IAM > Identity providers > the provider) into ACS URL and "
                       "Recipient at the identity provider, or turn encryption off."),
        },
        .run = encryption_endpoint,
    },
    {
        .id = "saml-encryption-required-plain",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ENCRYPTION,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_INFERRED,
        .title = "IAM may require encryption",
        .means = "A provider whose encryption mode is Required refuses assertions that are not encrypted.",
        .rule = "With mode Required the assertion is an EncryptedAssertion.",
        .spec = "-",
        .source = "inferred from AWS IAM User Guide, \"Creating IAM SAML identity providers\" (read 2026)",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Turn on encryption at the identity provider with the provider's certificate, or set the mode "
                       "to Allowed."),
        },
        .run = encryption_mode_unknown,
    },
    {
        .id = "sig-assertion-unsigned-idc",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_KEY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_OBSERVED,
        .title = "the assertion is not signed, only the response",
        .means = "Identity Center may refuse it with a general error; AWS's guides do not say so.",
        .rule = "The Assertion has a signature of its own.",
        .spec = "SAML Metadata 2.4.4 (WantAssertionsSigned)",
        .source = "SP metadata of Identity Center in a public file",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("entra", "SAML Signing Certificate > Signing Option: Sign SAML response and assertion."),
            FIX("keycloak", "Client > Settings: Sign assertions on."),
            FIX("ping", "SP connection > Signature Policy: Always sign the SAML Assertion."),
            FIX("google", "Service provider details: leave \"Signed response\" unticked, then the assertion is signed."),
            FIX("any", "Sign the assertion, or both."),
        },
        .run = assertion_unsigned,
    },
    {
        .id = "saml-multiple-assertions",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_SUBJECT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "more than one assertion",
        .means = "AWS documents that Identity Center takes exactly one; the user sees \"An unexpected error has "
                 "occurred\".",
        .rule = "The response holds one assertion.",
        .spec = "SAML Core 3.3.3",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product sig-wrapping-suspect",
        .fixes = {
            FIX("any", "Send authentication and attributes in one assertion."),
        },
        .run = multiple_assertions,
    },
};

CHECK_SET(checks_aws_encryption, table);
