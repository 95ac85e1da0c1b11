/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * OneLogin app connectors.
 */
static const char *const issuer_patterns[] = {
    "^https://app\\.onelogin\\.com/saml/metadata/",
    "^https://[A-Za-z0-9-]+\\.onelogin\\.com(/|$)",
    NULL,
};

static const char *const host_patterns[] = {
    "(^|\\.)onelogin\\.com$",
    NULL,
};

VENDOR(vendor_onelogin) = {
    .name = "onelogin",
    .title = "OneLogin",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "OneLogin Administration > Applications > (the AWS app) > Configuration, Parameters and SSO",
};
