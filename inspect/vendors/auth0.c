/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Auth0 SAML2 web app add-on: the entity ID is urn:TENANT[.REGION].auth0.com unless it was set.
 */
static const char *const issuer_patterns[] = {
    "^urn:[A-Za-z0-9.-]+\\.auth0\\.com$",
    "^https://[A-Za-z0-9.-]+\\.auth0\\.com/?",
    NULL,
};

static const char *const host_patterns[] = {
    "\\.auth0\\.com$",
    NULL,
};

VENDOR(vendor_auth0) = {
    .name = "auth0",
    .title = "Auth0",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "Auth0 Dashboard > Applications > (the AWS app) > Addons > SAML2 Web App > Settings",
};
