/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Auth0: the SAML2 web app add-on, whose entity ID is urn:TENANT[.REGION].auth0.com unless it was set,
 * and enterprise connections, where it is the service provider.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_IS, VENDOR_ENTITY_ID, "^urn:[a-z0-9.-]+\\.auth0\\.com$", "auth0" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "\\.auth0\\.com$", "auth0" },
    { VENDOR_SP, VENDOR_IS, VENDOR_HOST, "\\.auth0\\.com$", "auth0" },
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID, "^urn:auth0:[^:]+:", "auth0:" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_URL, "^https://[^/]+/samlp/[a-z0-9]{32}(\\?|$)", "/samlp/" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/login/callback\\?connection=", "/login/callback?connection=" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ATTRIBUTE, "^http://schemas\\.auth0\\.com/", "schemas.auth0.com/" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HEADER, "^x-auth0-requestid$", "x-auth0-requestid" },
    { VENDOR_SP, VENDOR_IS, VENDOR_HEADER, "^x-auth0-requestid$", "x-auth0-requestid" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_COOKIE, "^auth0(_compat)?$", "auth0" },
    { VENDOR_SP, VENDOR_IS, VENDOR_COOKIE, "^auth0(_compat)?$", "auth0" },
    { .pattern = NULL },
};

VENDOR(vendor_auth0) = {
    .name = "auth0",
    .title = "Auth0",
    .sp_title = "Auth0 as service provider",
    .signs = signs,
    .console = "Auth0 Dashboard > Applications > (the AWS app) > Addons > SAML2 Web App > Settings",
};
