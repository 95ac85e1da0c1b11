/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Okta: the production, preview, EMEA, US government and US military cells; behind a name of the
 * customer's own the path of an app integration and the form of the IDs are left.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "(^|\\.)okta(preview|-emea|-gov)?\\.com$", "okta" },
    { VENDOR_SP, VENDOR_IS, VENDOR_HOST, "(^|\\.)okta(preview|-emea|-gov)?\\.com$", "okta" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "(^|\\.)okta\\.mil$", "okta.mil" },
    { VENDOR_SP, VENDOR_IS, VENDOR_HOST, "(^|\\.)okta\\.mil$", "okta.mil" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_URL, "^https://[^/]+/app/[^/]+/exk[a-z0-9]+/sso/saml(\\?|$)", "/sso/saml" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "^https://[^/]+/sso/saml2/0oa[a-z0-9]+$", "/sso/saml2/0oa" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HEADER, "^x-okta-request-id$", "x-okta-request-id" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_COOKIE, "^okta-oauth-", "okta-oauth-" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ID, "^id[0-9]{16,22}$", NULL },
    { .pattern = NULL },
};

VENDOR(vendor_okta) = {
    .name = "okta",
    .title = "Okta",
    .sp_title = "Okta as service provider",
    .signs = signs,
    .console = "Okta Admin Console > Applications > (the AWS app) > Sign On > Edit",
};
