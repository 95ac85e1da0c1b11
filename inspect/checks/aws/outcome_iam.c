/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* What AWS sign-in or STS said about a response to IAM federation. */

/*
 * Sentences that name one cause. AWS's word is not a proof of ours, so the finding is "likely", and
 * is made only when the check of that id did not find it by itself. Sentences, not service names,
 * are matched: those have changed over the years.
 */
static const struct {
    const char *sentence;
    const char *id;
    const char *text;
} causes[] = {
    { .sentence = "Issuer not present in specified provider",
      .id = "issuer-mismatch-iam",
      .text = "AWS says that the Issuer is not the entityID of the metadata in the IAM SAML provider. No metadata was "
              "given here to compare with." },
    { .sentence = "Response signature invalid",
      .id = "sig-wrong-key",
      .text = "AWS says that the signature is invalid. As far as it could be checked here it is intact, so most likely "
              "the IAM SAML provider has another certificate than the one that signed." },
    { .sentence = "Response does not contain the required audience",
      .id = "aud-mismatch-iam",
      .text = "AWS says that the audience is not one it accepts." },
    { .sentence = "RoleSessionName is required in AuthnResponse",
      .id = "aws-rolesessionname-missing",
      .text = "AWS says that it found no RoleSessionName." },
    { .sentence = "RoleSessionName in AuthnResponse must match",
      .id = "aws-rolesessionname-invalid",
      .text = "AWS says that the RoleSessionName is not allowed." },
    { .sentence = "Source Identity must match",
      .id = "aws-sourceidentity-invalid",
      .text = "AWS says that the SourceIdentity is not allowed." },
    { .sentence = "Token must be redeemed within 5 minutes",
      .id = "time-sts-five-minutes",
      .text = "AWS says that the response is older than five minutes." },
    { .sentence = "Response has expired",
      .id = "time-expired",
      .text = "AWS says that the response has expired; by the clock used here it has not." },
    { .sentence = "Invalid base64 SAMLResponse",
      .id = "saml-base64-invalid",
      .text = "AWS says that it could not decode the response." },
};

static void
report_causes(struct check_run *run)
{
    for (size_t i = 0; i < COUNT_OF(causes); i++) {
        const struct check *cause = check_find(str_from(causes[i].id));

        if (cause == NULL || !aws_said(run, causes[i].sentence) || aws_is_found(run, cause) || aws_cause_found(run))
            continue;
        struct finding *finding = check_report(run, cause, str_from(causes[i].text));
        finding->severity = SEVERITY_ERROR;
        finding->confidence = CONFIDENCE_LIKELY;
    }
}

static bool
is_refused(const struct check_run *run)
{
    return run->signin->outcome == OUTCOME_REFUSED && run->signin->quote.len > 0;
}

static void
refused(struct check_run *run, const struct check *check)
{
    if (!is_refused(run))
        return;
    report_causes(run);
    struct finding *finding = check_reportf(run, check, "AWS refused the response.");
    finding->received = run->signin->quote;
    finding->source = run->signin->quote_from;
}

static void
rejected_claim(struct check_run *run, const struct check *check)
{
    if (aws_said(run, "IDPRejectedClaim"))
        check_report(run, check, STR("STS says that the identity provider itself reported a failure."))->received =
            run->signin->quote;
}

static void
provider_not_found(struct check_run *run, const struct check *check)
{
    if (aws_said(run, "Specified provider doesn't exist") || aws_said(run, "AuthSamlManifestNotFoundException"))
        check_report(run, check,
                     STR("AWS says that the account has no SAML provider of the name in the Role attribute."))
            ->received = run->signin->quote;
}

static void
over_role_maximum(struct check_run *run, const struct check *check)
{
    if (aws_said(run, "exceeds the MaxSessionDuration"))
        check_report(run, check, STR("AWS says that the session would be longer than the role allows."))->received =
            run->signin->quote;
}

static void
packed_too_large(struct check_run *run, const struct check *check)
{
    if (aws_said(run, "PackedPolicyTooLarge"))
        check_report(run, check, STR("AWS says that session tags and policies together are too large."))->received =
            run->signin->quote;
}

static void
region_disabled(struct check_run *run, const struct check *check)
{
    if (aws_said(run, "RegionDisabledException"))
        check_report(run, check, STR("AWS says that STS is not active in the Region of this endpoint."))->received =
            run->signin->quote;
}

/*
 * The eight or more causes behind AccessDenied matter only when the message shows none itself, and roles
 * that the user gave were not judged already.
 */
static const struct saml_assertion *
denied_without_cause(const struct check_run *run)
{
    if (!aws_said(run, "Not authorized to perform sts:AssumeRoleWithSAML") || aws_cause_found(run) ||
        aws_is_found(run, check_find(STR("aws-roles-usable"))) || run->saml == NULL || run->saml->assertion_count == 0)
        return NULL;
    return &run->saml->assertions[0];
}

static struct str
first_role(const struct saml_assertion *assertion)
{
    const struct saml_attribute_value *value = aws_first_value(aws_attribute_find(assertion, AWS_ATTRIBUTE_ROLE));

    return value != NULL ? value->value.text : (struct str){ NULL, 0 };
}

static void
role_not_found(struct check_run *run, const struct check *check)
{
    const struct saml_assertion *assertion = denied_without_cause(run);

    if (assertion == NULL)
        return;
    check_report(run, check,
                 STR("The response is in order, so the cause lies in the account: the role of this ARN may not exist "
                     "(path and case count)."))
        ->received = first_role(assertion);
}

static void
trust_principal(struct check_run *run, const struct check *check)
{
    const struct saml_assertion *assertion = denied_without_cause(run);

    if (assertion != NULL)
        check_report(run, check,
                     STR("The role's trust policy may name another SAML provider than the one in the pair."))
            ->received = first_role(assertion);
}

static void
trust_action(struct check_run *run, const struct check *check)
{
    if (denied_without_cause(run) != NULL)
        check_report(run, check, STR("The role's trust policy may not allow sts:AssumeRoleWithSAML."));
}

static void
trust_condition(struct check_run *run, const struct check *check)
{
    if (denied_without_cause(run) != NULL)
        check_report(run, check,
                     STR("A condition of the role's trust policy (saml:sub, saml:iss, saml:edupersonaffiliation …) may "
                         "not hold for this assertion."));
}

static void
tag_session(struct check_run *run, const struct check *check)
{
    const struct saml_assertion *assertion = denied_without_cause(run);

    for (size_t i = 0; assertion != NULL && i < assertion->attribute_count; i++)
        if (str_present(aws_attribute_tag_key(&assertion->attributes[i], AWS_ATTRIBUTE_PRINCIPAL_TAG))) {
            finding_at(check_report(run, check,
                                    STR("The assertion carries session tags; the role's trust policy may lack "
                                        "sts:TagSession.")),
                       assertion->attributes[i].where);
            return;
        }
}

static void
set_source_identity(struct check_run *run, const struct check *check)
{
    const struct saml_assertion *assertion = denied_without_cause(run);
    const struct saml_attribute *attribute =
        assertion != NULL ? aws_attribute_find(assertion, AWS_ATTRIBUTE_SOURCE_IDENTITY) : NULL;

    if (attribute != NULL)
        finding_at(check_report(run, check,
                                STR("The assertion carries a SourceIdentity; the role's trust policy may lack "
                                    "sts:SetSourceIdentity.")),
                   attribute->where);
}

static void
recipient_and_policy(struct check_run *run, const struct check *check)
{
    const struct saml_assertion *assertion = denied_without_cause(run);

    for (size_t i = 0; assertion != NULL && i < assertion->confirmation_count; i++) {
        const struct saml_value *recipient = &assertion->confirmations[i].recipient;
        struct aws_url url = aws_url_read(recipient->text);
        struct str global = str_from(aws_partition_acs(url.partition));

        if (!aws_url_is_iam(&url) || str_eq(recipient->text, global))
            continue;
        finding_at(finding_mismatch(check_report(run, check,
                                                 STR("saml:aud is filled from Recipient. Roles made in the console "
                                                     "allow the global sign-in URL only, and this is another one.")),
                                    global, recipient->text,
                                    "the condition that the console writes into trust policies"),
                   recipient->where);
        return;
    }
}

static void
encrypted_without_key(struct check_run *run, const struct check *check)
{
    if (run->saml == NULL || run->saml->encrypted_assertion_count == 0 || run->signin->outcome == OUTCOME_SIGNED_IN)
        return;
    if (!is_refused(run)) {
        check_skipped(run, check, "the private keys of the IAM SAML provider cannot be seen from here");
        return;
    }
    check_report(run, check,
                 STR("The assertion is encrypted and AWS refused it: the IAM SAML provider most likely has no private "
                     "key, or not the one for this certificate."));
}

static const struct check table[] = {
    {
        .id = "iam-symptom-refused",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_SYMPTOM,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "AWS sign-in refused the response",
        .means = "The sentence of AWS is general; the first cause that is found here is the one to fix.",
        .rule = "The answer of the sign-in endpoint is no error page.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "Look at the other findings. When there is none, compare the IAM SAML provider and the "
                        "role's trust policy with the response."),
        },
        .run = refused,
    },
    {
        .id = "sts-idp-rejected-claim",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_SYMPTOM,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "STS says that the identity provider failed",
        .means = "The SAML status of the response is not Success.",
        .rule = "The answer holds the error code IDPRejectedClaim.",
        .spec = "-",
        .source = AWS_STS_MODEL,
        .follows = "status-requester status-responder status-authn-failed status-request-denied "
                   "status-version-mismatch status-unknown-principal status-no-authn-context "
                   "status-invalid-nameid-policy",
        .fixes = {
            FIX("any", "Read the status code of the response, correct that at the identity provider and get a new "
                        "response."),
        },
        .run = rejected_claim,
    },
    {
        .id = "aws-provider-not-found",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the account has no SAML provider of this name",
        .means = "The provider ARN of the pair names nothing in its account.",
        .rule = "The provider named in the Role attribute exists in its account.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product aws-role-arn-malformed aws-role-partition-mismatch",
        .fixes = {
            FIX("okta", "Role Value Pattern: put the real name in place of [SAML Provider Name]."),
            FIX("any", "Correct the provider's name in the Role value, or create the SAML provider in the account."),
        },
        .run = provider_not_found,
    },
    {
        .id = "aws-sessionduration-over-role-max",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the session is longer than the role allows",
        .means = "SessionDuration or DurationSeconds is above MaxSessionDuration of the role (1 to 12 hours, default "
                 "1 hour).",
        .rule = "SessionDuration is at most MaxSessionDuration of the role.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "Raise the role's maximum session duration, or lower SessionDuration at the identity "
                        "provider."),
        },
        .run = over_role_maximum,
    },
    {
        .id = "aws-packed-too-large",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ATTRIBUTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "session tags and policies are too large together",
        .means = "AWS packs tags and session policies; the message gives a percentage of a limit that is not "
                 "published.",
        .rule = "The answer does not hold PackedPolicyTooLarge.",
        .spec = "-",
        .source = AWS_STS_MODEL,
        .follows = "",
        .fixes = {
            FIX("any", "Send fewer or shorter session tags."),
        },
        .run = packed_too_large,
    },
    {
        .id = "aws-region-disabled",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_WRONG_ENDPOINT,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "STS is not active in this Region",
        .means = "The regional endpoint answers RegionDisabledException.",
        .rule = "STS is active in the Region of the endpoint.",
        .spec = "-",
        .source = AWS_STS_MODEL,
        .follows = "",
        .fixes = {
            FIX("any", "Use the endpoint of another Region, or activate STS there: IAM > Account settings."),
        },
        .run = region_disabled,
    },
    {
        .id = "aws-role-not-found",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_DOCUMENTED,
        .title = "the role may not exist under this ARN",
        .means = "AWS answers AccessDenied for roles that are absent or spelt differently; AWS documents that names "
                 "are case-sensitive here.",
        .rule = "The role of the pair exists; path and case are part of the ARN.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "aws-permission-set-role-used nameid-missing",
        .fixes = {
            FIX("any", "Compare the ARN with aws iam get-role; copy it exactly, path included."),
        },
        .run = role_not_found,
    },
    {
        .id = "aws-trust-principal-mismatch",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_DOCUMENTED,
        .title = "the trust policy may name another provider",
        .means = "The role trusts one SAML provider by ARN; after deleting and creating it anew, or with two "
                 "providers, they differ.",
        .rule = "Principal.Federated of the trust policy is the provider ARN of the pair.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "Read the trust policy (aws iam get-role) and name the provider that the Role attribute "
                        "names."),
        },
        .run = trust_principal,
    },
    {
        .id = "aws-trust-action-missing",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_DOCUMENTED,
        .title = "the trust policy may not allow sts:AssumeRoleWithSAML",
        .means = "Without this action nobody can take the role by SAML.",
        .rule = "Action of the trust policy holds sts:AssumeRoleWithSAML.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "Add sts:AssumeRoleWithSAML to the trust policy."),
        },
        .run = trust_action,
    },
    {
        .id = "aws-trust-condition-failed",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_DOCUMENTED,
        .title = "a condition of the trust policy may not hold",
        .means = "Conditions on saml: keys are compared with the assertion; keys come from listed attributes only, "
                 "one claim for each.",
        .rule = "Every condition of the trust policy holds for the assertion.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "Compare the conditions with NameID, Issuer and attributes shown here; send the attribute or "
                        "relax the condition."),
        },
        .run = trust_condition,
    },
    {
        .id = "aws-tagsession-missing",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_DOCUMENTED,
        .title = "the trust policy may lack sts:TagSession",
        .means = "Session tags need this action in the trust policy of every role behind the identity provider.",
        .rule = "When PrincipalTag attributes are sent, Action holds sts:TagSession.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT "; " AWS_GUIDE_TAGS,
        .follows = "",
        .fixes = {
            FIX("any", "Add sts:TagSession to the trust policies, or use a separate app for sign-ins with tags."),
        },
        .run = tag_session,
    },
    {
        .id = "aws-setsourceidentity-missing",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_DOCUMENTED,
        .title = "the trust policy may lack sts:SetSourceIdentity",
        .means = "SourceIdentity needs this action in the trust policy.",
        .rule = "When SourceIdentity is sent, Action holds sts:SetSourceIdentity.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "Add sts:SetSourceIdentity to the trust policy."),
        },
        .run = set_source_identity,
    },
    {
        .id = "recipient-vs-trust-policy",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_DOCUMENTED,
        .title = "the trust policy may allow the global sign-in URL only",
        .means = "saml:aud is filled from Recipient, not from Audience; a policy with StringEquals on the global URL "
                 "refuses regional and /acs/ URLs.",
        .rule = "The condition on SAML:aud lists the Recipient.",
        .spec = "-",
        .source = AWS_GUIDE_ASSERTIONS "; AWS Security Blog, \"How to use regional SAML endpoints for failover\" (read 2026)",
        .follows = "",
        .fixes = {
            FIX("any", "Add every sign-in URL in use to the condition SAML:aud of the trust policy."),
        },
        .run = recipient_and_policy,
    },
    {
        .id = "saml-encrypted-iam-nokey",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_ENCRYPTION,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "IAM lacks the key to the assertion",
        .means = "IAM opens encrypted assertions only with a private key that was uploaded to the SAML provider.",
        .rule = "The IAM SAML provider has the private key (PEM; at most two) of the certificate used to encrypt.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT "; AWS IAM User Guide, \"Creating IAM SAML identity providers\" (read 2026)",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Upload the private key (IAM > Identity providers > the provider > SAML encryption), or turn "
                        "encryption off at the identity provider."),
        },
        .run = encrypted_without_key,
    },
};

CHECK_SET(checks_aws_outcome_iam, table);
