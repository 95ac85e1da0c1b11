/* SPDX-License-Identifier: MIT */
#include "text_error.h"

/* Errors of the AWS CLI. */

static const struct check table[] = {
    {
        TEXT_ERROR_ROW,
        .id = "cli-no-accounts",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_SP_ADMIN,
        .standing = STANDING_OBSERVED,
        .title = "the CLI lists no accounts",
        .means = "The sign-in worked. The user and the user's groups have no assignment in Identity Center.",
        .rule = "No text given says \"no aws accounts are available to you\".",
        .source = "messages in the public source of the AWS CLI and botocore",
        .fixes = {
            FIX("any", "IAM Identity Center > AWS accounts > Assign users or groups; see acct-no-assignment and "
                       "acct-not-member-in-idc."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-no-roles",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_SP_ADMIN,
        .standing = STANDING_OBSERVED,
        .title = "the CLI lists no roles for the account",
        .means = "The account is listed, but no permission set in it is assigned to the user.",
        .rule = "No text given says \"no roles are available for the account\".",
        .source = "messages in the public source of the AWS CLI and botocore",
        .fixes = {
            FIX("any", "Assign a permission set for this account to the user or group, and wait some minutes."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-unable-to-list",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_OBSERVED,
        .title = "the CLI may not list accounts and roles",
        .means = "The token lacks the scope sso:account:access, or it was asked for in another Region than that of "
                 "Identity Center.",
        .rule = "No text given says \"unable to list aws accounts and/or roles\".",
        .source = "messages in the public source of the AWS CLI and botocore",
        .fixes = {
            FIX("any", "aws configure sso: keep the default scope sso:account:access, and set sso_region to the "
                       "Region of Identity Center."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-getrolecredentials-no-access",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_OBSERVED,
        .title = "the profile names an account or role that is not assigned",
        .means = "aws sso login itself works also then. sso_role_name is the name of the permission set, not an ARN.",
        .rule = "No text given says \"forbiddenexception … getrolecredentials … no access\".",
        .source = "public issue threads of the AWS CLI",
        .fixes = {
            FIX("any", "Correct sso_account_id and sso_role_name in ~/.aws/config, or assign the permission set."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-invalid-grant-region",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_OBSERVED,
        .title = "the CLI signs in to another Region than that of Identity Center",
        .means = "The browser shows invalid_grant after Allow: sso_region is not the Region of Identity Center.",
        .rule = "No text given says \"invalid_grant … invalid grant provided\".",
        .source = "public issue threads of the AWS CLI",
        .fixes = {
            FIX("any", "Set sso_region to the Region that stands as region= in the address of the browser."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-start-url-invalid",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_OBSERVED,
        .title = "the start URL is not one of Identity Center",
        .means = "It is misspelt, or of a form that the endpoint does not know (GovCloud and China have their own).",
        .rule = "No text given says \"not a valid start url\".",
        .source = "messages in the public source of the AWS CLI and botocore",
        .fixes = {
            FIX("any", "Copy the AWS access portal URL from IAM Identity Center > Settings."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-token-missing",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_OBSERVED,
        .title = "there is no saved sign-in for this start URL",
        .means = "The CLI keeps tokens by start URL or session name; none is there.",
        .rule = "No text given says \"error loading sso token\".",
        .source = "messages in the public source of the AWS CLI and botocore",
        .fixes = {
            FIX("any", "Run aws sso login --profile NAME."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-token-expired",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_OBSERVED,
        .title = "the saved sign-in of the CLI has expired",
        .means = "The token expired or was revoked, and could not be refreshed.",
        .rule = "No text given says \"the sso session associated with this profile has expired\".",
        .source = "messages in the public source of the AWS CLI and botocore",
        .fixes = {
            FIX("any", "Run aws sso login --profile NAME."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-pending-expired",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_OBSERVED,
        .title = "the approval in the browser came too late",
        .means = "The device code ran out before somebody approved it.",
        .rule = "No text given says \"the pending authorization to retrieve an sso token has expired\".",
        .source = "messages in the public source of the AWS CLI and botocore",
        .fixes = {
            FIX("any", "Run aws sso login again and approve promptly."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-session-token-not-found",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_DOCUMENTED,
        .title = "the token of the CLI is not known where it was used",
        .means = "It was revoked, or the request went to another Region than sso_region.",
        .rule = "No text given says \"unauthorizedexception: session token not found or invalid\".",
        .source = "IAM Identity Center User Guide, \"Troubleshooting IAM Identity Center issues\" (read 2026)",
        .fixes = {
            FIX("any", "Sign in again; set sso_region to the Region of Identity Center; update the SDK."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-localhost-callback",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_OBSERVED,
        .title = "the browser cannot reach the CLI",
        .means = "The CLI waits on another machine than the browser runs on.",
        .rule = "No text given says \"127.0.0.1 refused to connect\".",
        .source = "public questions and answers",
        .fixes = {
            FIX("any", "Run aws sso login --use-device-code."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-missing-sso-config",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_OBSERVED,
        .title = "the profile is not complete",
        .means = "A value for the sign-in is missing, or another profile was used than meant.",
        .rule = "No text given says \"missing the following required sso configuration values\".",
        .source = "messages in the public source of the AWS CLI and botocore",
        .fixes = {
            FIX("any", "Name the profile with --profile; it needs sso_session (or sso_start_url and sso_region), "
                       "sso_account_id and sso_role_name."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-tls-proxy",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_INFERRED,
        .title = "the CLI does not trust the certificate authority of the proxy",
        .means = "The connection goes through an intercepting proxy, perhaps this one, whose CA the CLI does not know.",
        .rule = "No text given says \"certificate_verify_failed\".",
        .source = "general knowledge",
        .fixes = {
            FIX("any", "Set AWS_CA_BUNDLE to the CA's file: samltap ca export > ca.pem."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-old-version",
        .severity = SEVERITY_WARNING,
        .owner = OWNER_USER,
        .standing = STANDING_DOCUMENTED,
        .title = "the CLI is too old to refresh tokens",
        .means = "Before 2.9.0 (version 1: 1.27.10) it knows no sso-session; sessions end earlier than the portal "
                 "says.",
        .rule = "No text given shows aws-cli before 2.9.0 (version 1: 1.27.10).",
        .source = "AWS CLI User Guide, configuring Identity Center (read 2026)",
        .fixes = {
            FIX("any", "Update the AWS CLI."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-saml-stale",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_USER,
        .standing = STANDING_OBSERVED,
        .title = "the response is too old for assume-role-with-saml",
        .means = "STS redeems a response for a few minutes only (five, as observed).",
        .rule = "No text given says \"expiredtokenexception … assumerolewithsaml\".",
        .source = "error texts in public threads",
        .fixes = {
            FIX("any", "Sign in again and use the new response at once."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "cli-identity-unexpected",
        .severity = SEVERITY_WARNING,
        .owner = OWNER_USER,
        .standing = STANDING_INFERRED,
        .title = "get-caller-identity shows another role than expected",
        .means = "Expected: assumed-role/AWSReservedSSO_PERMISSIONSET_…/userName for Identity Center, "
                 "assumed-role/ROLE/ROLESESSIONNAME for IAM federation. Keys in the environment win over the profile.",
        .rule = "No text given holds an Arn of get-caller-identity that is an IAM user or the root user.",
        .source = "inferred",
        .fixes = {
            FIX("any", "Unset AWS_ACCESS_KEY_ID and its companions; choose the profile."),
        },
    },
};

CHECK_SET(checks_aws_text_cli, table);
