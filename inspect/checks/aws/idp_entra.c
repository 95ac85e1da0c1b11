/* SPDX-License-Identifier: MIT */
#include "idp_error.h"

/* Error codes of Microsoft Entra ID. */

static const struct check table[] = {
    {
        IDP_ERROR_ROW,
        .id = "entra-50011",
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: the reply URL is not registered",
        .means = "The ACS URL of the AuthnRequest is none of the app's reply URLs.",
        .rule = "The page shows no AADSTS50011: AssertionConsumerServiceURL of the request is a Reply URL of the app.",
        .source = MS_CODES,
        .fixes = {
            FIX("entra", "Basic SAML Configuration > Reply URL: add the exact ACS URL of the service provider; for "
                          "Identity Center those of every Region in use."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-700016",
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: no app with this identifier",
        .means = "The issuer of the AuthnRequest is no Identifier of an app in this tenant.",
        .rule = "The page shows no AADSTS700016.",
        .source = MS_CODES,
        .fixes = {
            FIX("entra", "Basic SAML Configuration > Identifier (Entity ID): the value of the SP metadata; check "
                          "that it is the right tenant."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-650056",
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: misconfigured application",
        .means = "For SAML the Identifier is usually wrong.",
        .rule = "The page shows no AADSTS650056 or AADSTS65005.",
        .source = MS_CODES,
        .fixes = {
            FIX("entra", "Basic SAML Configuration > Identifier (Entity ID): compare it with the Issuer of the "
                          "AuthnRequest."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-50105",
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: the user is not assigned to the app",
        .means = "Members of nested groups do not count.",
        .rule = "The page shows no AADSTS50105.",
        .source = MS_CODES,
        .fixes = {
            FIX("entra", "Users and groups > Add user/group; or Properties > Assignment required: No."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-75011",
        .owner = OWNER_SP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: another authentication method than requested",
        .means = "The user signed in by another method (Windows integrated, certificate, multi-factor) than "
                 "RequestedAuthnContext asks for.",
        .rule = "The page shows no AADSTS75011.",
        .source = "Microsoft Learn, \"Error AADSTS75011\" (read 2026)",
        .fixes = {
            FIX("any", "Send no RequestedAuthnContext, or send ForceAuthn=\"true\"."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-75005",
        .owner = OWNER_SP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: not a SAML request that it supports",
        .means = "The request is malformed, went to the wrong endpoint, or holds an element Entra does not take.",
        .rule = "The page shows no AADSTS75005.",
        .source = MS_CODES,
        .fixes = {
            FIX("any", "Look at the findings about the AuthnRequest; the endpoint is "
                        "https://login.microsoftonline.com/TENANT/saml2."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-750054",
        .owner = OWNER_USER,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: the call carries no SAML request",
        .means = "The sign-in URL was opened by hand or from a bookmark, or the query got lost.",
        .rule = "The page shows no AADSTS750054.",
        .source = MS_CODES,
        .fixes = {
            FIX("any", "Start from the application or its portal."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-75001-75003-75008-75016",
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: binding, destination or NameIDPolicy not accepted",
        .means = "75001: binding; 75003: responses only by HTTP POST; 75008: unexpected destination; 75016: invalid "
                 "NameIDPolicy.",
        .rule = "The page shows none of AADSTS75001, 75003, 75008, 75016.",
        .source = MS_CODES,
        .fixes = {
            FIX("any", "Correct what the code names in the service provider's request, or in the app's settings."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-76021",
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: the app wants signed requests",
        .means = "The AuthnRequest is not signed, or signed for the other binding. Identity Center's metadata says "
                 "that it does not sign requests.",
        .rule = "The page shows no AADSTS76021.",
        .source = "Microsoft Learn, \"Error AADSTS76021\" (read 2026)",
        .fixes = {
            FIX("entra", "SAML Certificates > Verification certificates: turn off \"Require verification "
                          "certificates\"."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-76026",
        .owner = OWNER_USER,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: the request is too old",
        .means = "A stale page or a bookmark of the identity provider's URL was used.",
        .rule = "The page shows no AADSTS76026.",
        .source = MS_CODES,
        .fixes = {
            FIX("any", "Start again from the application; do not bookmark the identity provider's page."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-7500529",
        .owner = OWNER_SP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: the ID of the request is not a valid one",
        .means = "The ID of a SAML message must not begin with a digit.",
        .rule = "The page shows no AADSTS7500529.",
        .source = MS_CODES,
        .fixes = {
            FIX("any", "The service provider must send IDs of the type xs:ID, for example id_ and a random value."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-501241",
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: a claim has no value for this user",
        .means = "Usually the source of the NameID is empty for this user.",
        .rule = "The page shows no AADSTS501241.",
        .source = MS_CODES,
        .fixes = {
            FIX("entra", "Fill in the user's attribute, or choose another source for Unique User Identifier."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-50003-50146",
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: the app has no valid signing certificate",
        .means = "The certificate is missing or has expired.",
        .rule = "The page shows no AADSTS50003 or AADSTS50146.",
        .source = MS_CODES,
        .fixes = {
            FIX("entra", "SAML Certificates: make a new signing certificate, activate it, and give it to AWS."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-50020-50034-51004",
        .owner = OWNER_USER,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: the user is not in this tenant",
        .means = "Another account was picked, or the guest was not invited.",
        .rule = "The page shows none of AADSTS50020, 50034, 51004, 90072, 16000, 16003.",
        .source = MS_CODES,
        .fixes = {
            FIX("any", "Choose the right account (a private window helps); invite the guest."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-50126-50055-50057-50053",
        .owner = OWNER_USER,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: the account or its password is not accepted",
        .means = "50126: wrong password; 50055 and 50144: expired; 50057: disabled; 50053: locked or blocked address.",
        .rule = "The page shows none of AADSTS50126, 50055, 50057, 50053, 50144.",
        .source = MS_CODES,
        .fixes = {
            FIX("any", "A matter of the user's account, not of SAML."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-conditional-access",
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: Conditional Access refuses",
        .means = "Device state, location or a cross-tenant policy forbids this sign-in.",
        .rule = "The page shows none of AADSTS53003, 53000, 53001, 530032, 50131, 500212, 500213.",
        .source = MS_CODES,
        .fixes = {
            FIX("entra", "Sign-in logs > the attempt > Conditional Access names the policy."),
        },
    },
    {
        IDP_ERROR_ROW,
        .id = "entra-app-disabled",
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Entra: the application is disabled",
        .means = "Nobody can sign in through it.",
        .rule = "The page shows no AADSTS7000112 or AADSTS70001.",
        .source = MS_CODES,
        .fixes = {
            FIX("entra", "Properties > Enabled for users to sign-in: Yes."),
        },
    },
};

CHECK_SET(checks_aws_idp_entra, table);
