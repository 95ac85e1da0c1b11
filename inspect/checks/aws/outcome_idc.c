/* SPDX-License-Identifier: MIT */
#include "aws_check.h"
#include "aws_evidence.h"

/* What Identity Center said, and what that most likely means when the message itself is in order. */

#define SAID_UNEXPECTED "An unexpected error has occurred"
#define SAID_NOT_YOU "It's not you, it"
#define SAID_CODE "Looks like this code isn"
#define SAID_MFA "Invalid MFA credentials"

static void
report_said(struct check_run *run, const struct check *check, const char *sentence, const char *text)
{
    if (!aws_said(run, sentence))
        return;
    struct finding *finding = check_report(run, check, str_from(text));
    finding->received = run->signin->quote;
    finding->source = run->signin->quote_from;
}

static void
unexpected_error(struct check_run *run, const struct check *check)
{
    report_said(run, check, SAID_UNEXPECTED,
                "AWS names these causes, in this order: NameID format, NameID no address, no user with that userName, "
                "not exactly one plain assertion, the rules for access control attributes, ACS URL not equal. Those "
                "that the message can show are listed here when they apply. Host names: instances made from February "
                "2026 on do not use REGION.signin.aws.amazon.com.");
}

static void
not_you(struct check_run *run, const struct check *check)
{
    report_said(run, check, SAID_NOT_YOU,
                "AWS names these causes, in this order: the clock of the user's device, another IdP certificate than "
                "the one imported, the NameID format in the IdP's metadata; with AD Connector also an expired service "
                "account.");
}

static void
code_not_right(struct check_run *run, const struct check *check)
{
    report_said(run, check, SAID_CODE,
                "No code is involved. Public reports trace the sentence to a NameID that is no user's userName; it may "
                "also appear when an application signs in to the portal of another Region.");
}

static void
invalid_mfa(struct check_run *run, const struct check *check)
{
    report_said(run, check, SAID_MFA,
                "AWS explains this sentence with a user who is not fully provisioned yet, not with a second factor.");
}

static struct str
name_id(const struct check_run *run)
{
    if (run->saml == NULL || run->saml->assertion_count == 0)
        return (struct str){ NULL, 0 };
    return str_trim(run->saml->assertions[0].name_id.value.text);
}

/* With a list of users the answer is known, and was given where the assertion was judged. */
static bool
has_users(const struct check_run *run)
{
    return aws_evidence_has(run->context->settings->evidence, AWS_EVIDENCE_USERS);
}

static void
user_not_found(struct check_run *run, const struct check *check)
{
    struct finding *finding;
    struct str clip = aws_clip(name_id(run));

    if (run->signin->outcome != OUTCOME_REFUSED || aws_cause_found(run) || has_users(run))
        return;
    if (!aws_said(run, SAID_CODE) && !aws_said(run, SAID_UNEXPECTED))
        return;
    finding =
        check_reportf(run, check,
                      "The response itself is in order, so most likely no user of Identity Center has \"%.*s\" as "
                      "userName. This was not looked up: no user list was given.",
                      STR_ARG(clip));
    /* The other sentence has more causes that a message does not show. */
    if (!aws_said(run, SAID_CODE))
        finding->confidence = CONFIDENCE_POSSIBLE;
    finding->received = name_id(run);
    if (run->saml != NULL && run->saml->assertion_count > 0)
        finding_at(finding, run->saml->assertions[0].name_id.value.where);
}

static void
not_provisioned(struct check_run *run, const struct check *check)
{
    struct str clip = aws_clip(name_id(run));

    if (!aws_said(run, SAID_MFA) || aws_cause_found(run) || has_users(run))
        return;
    struct finding *finding = check_reportf(run, check,
                                            "AWS explains its sentence with a user who signs in before provisioning "
                                            "has made the account: \"%.*s\".",
                                            STR_ARG(clip));
    finding->received = name_id(run);
}

static void
no_assignment(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *role = NULL;

    if (run->signin->accounts != 0 || run->signin->outcome != OUTCOME_NO_ACCOUNTS || aws_cause_found(run))
        return;
    if (run->saml != NULL && run->saml->assertion_count > 0)
        role = aws_attribute_find(&run->saml->assertions[0], AWS_ATTRIBUTE_ROLE);
    struct finding *finding =
        check_reportf(run, check,
                      "The user signed in, and the portal listed 0 accounts: neither the user nor "
                      "one of the user's groups in Identity Center has an assignment%s.",
                      role != NULL ? " (the Role attribute in the assertion gives none)" : "");
    finding->expected = STR("at least 1");
    finding->received = STR("0");
    finding->source = STR("the portal's own list");
}

static void
session_token(struct check_run *run, const struct check *check)
{
    report_said(run, check, "Session token not found or invalid",
                "The portal session was ended or has expired, or its token was used in another Region.");
}

static void
invalid_callback(struct check_run *run, const struct check *check)
{
    report_said(run, check, "Invalid callback URL",
                "Seen when an application is opened through Identity Center by a user who has no access to it, or has "
                "no primary e-mail address.");
}

static const struct check table[] = {
    {
        .id = "idc-symptom-unexpected-error",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_SYMPTOM,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "Identity Center reports an unexpected error",
        .means = "The sentence has many causes; the first that is found here is the one to fix.",
        .rule = "The answer of the ACS holds \"" SAID_UNEXPECTED "\".",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "nameid-user-not-found",
        .fixes = {
            FIX("any", "Look for the event ExternalIdPDirectoryLogin in CloudTrail of the Identity Center account "
                       "(source signin.amazonaws.com)."),
        },
        .run = unexpected_error,
    },
    {
        .id = "idc-symptom-its-not-you",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_SYMPTOM,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "Identity Center says: it's not you, it is us",
        .means = "Usually a clock or a certificate, in spite of the wording.",
        .rule = "The answer of the ACS holds \"" SAID_NOT_YOU "…\".",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "Set the device's clock automatically; compare the fingerprint of the signing certificate with "
                       "IAM Identity Center > Settings > Manage authentication, and import the current one."),
        },
        .run = not_you,
    },
    {
        .id = "idc-symptom-code-not-right",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_SYMPTOM,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_OBSERVED,
        .title = "Identity Center says: this code isn't right",
        .means = "The text misleads: usually the user is not known under the NameID that was sent.",
        .rule = "The answer of the ACS holds \"" SAID_CODE "'t right\".",
        .spec = "-",
        .source = "the same cause in three public projects",
        .follows = "nameid-user-not-found",
        .fixes = {
            FIX("any", "See nameid-user-not-found."),
        },
        .run = code_not_right,
    },
    {
        .id = "idc-symptom-invalid-mfa",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_SYMPTOM,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "Identity Center says: invalid MFA credentials",
        .means = "AWS explains it with a user who is not fully provisioned.",
        .rule = "The answer of the ACS holds \"" SAID_MFA "\".",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "user-not-provisioned",
        .fixes = {
            FIX("any", "See user-not-provisioned."),
        },
        .run = invalid_mfa,
    },
    {
        .id = "nameid-user-not-found",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_OBSERVED,
        .title = "no user of Identity Center has this userName",
        .means = "Identity Center finds the user by NameID = userName and by nothing else; the e-mail address of the "
                 "user does not count, and nobody is created at sign-in.",
        .rule = "A user of Identity Center has a userName equal to the NameID.",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT "; three public projects for the sentence",
        .follows = "nameid-changed scim-not-yet-synced scim-username-vs-nameid",
        .fixes = {
            FIX("okta", "Provision the user to the app; Application username must be the value sent as NameID."),
            FIX("entra", "Use one attribute for Unique User Identifier and for userName in Provisioning > Mappings "
                         "(both user.userprincipalname); Provision on demand for this user."),
            FIX("keycloak", "Send the e-mail and provision the e-mail as userName (both, not the username)."),
            FIX("authentik", "Send the e-mail and provision the e-mail as userName (both, not the username)."),
            FIX("any", "Make SCIM userName and NameID come from one attribute; look the user up with aws identitystore "
                       "list-users."),
        },
        .run = user_not_found,
    },
    {
        .id = "user-not-provisioned",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the user is not provisioned in Identity Center yet",
        .means = "Users must exist before they sign in; SAML creates nobody.",
        .rule = "The user exists in Identity Center.",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "nameid-changed scim-not-yet-synced scim-username-vs-nameid",
        .fixes = {
            FIX("okta", "Assign the user to the app and retry the failed provisioning task."),
            FIX("entra", "Assign the user to the app; Provisioning > Provision on demand."),
            FIX("any", "Run provisioning now, or create the user by hand."),
        },
        .run = not_provisioned,
    },
    {
        .id = "acct-no-assignment",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "no account is assigned to the user",
        .means = "The sign-in works. Accounts come only from assignments of permission sets to users and groups of "
                 "Identity Center; nothing in the assertion grants one.",
        .rule = "The portal lists at least one account.",
        .spec = "-",
        .source = "IAM Identity Center User Guide, \"Single sign-on access to AWS accounts\" (read 2022)",
        .follows = "",
        .fixes = {
            FIX("okta", "Push Groups: push the group that is assigned, and check that the user is a member of it."),
            FIX("entra", "Assign the group to the app with provisioning on (direct members only)."),
            FIX("any", "IAM Identity Center > AWS accounts > Assign users or groups; check that the user is in the "
                       "group in Identity Center, too. New assignments take some minutes."),
        },
        .run = no_assignment,
    },
    {
        .id = "idc-session-token-invalid",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_SYMPTOM,
        .owner = OWNER_USER,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the portal session is not valid any more",
        .means = "Nothing is wrong with the SAML response.",
        .rule = "The answer holds \"Session token not found or invalid\".",
        .spec = "-",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "Sign in again; with the AWS CLI set sso_region to the Region of Identity Center."),
        },
        .run = session_token,
    },
    {
        .id = "idc-invalid-callback",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_SYMPTOM,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_OBSERVED,
        .title = "Identity Center says: invalid callback URL",
        .means = "Sign-in to Identity Center worked; signing in to the application behind it did not.",
        .rule = "The answer holds \"Invalid callback URL\".",
        .spec = "-",
        .source = "an issue of the AWS Toolkit",
        .follows = "",
        .fixes = {
            FIX("any", "Assign the application to the user and fill in the user's primary e-mail address."),
        },
        .run = invalid_callback,
    },
};

CHECK_SET(checks_aws_outcome_idc, table);
