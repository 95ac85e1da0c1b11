/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * authentik SAML providers; the issuer is "authentik" unless it was set.
 */
static const char *const issuer_patterns[] = {
    "^authentik$",
    "^https?://[^/]+/application/saml/[^/]+/",
    NULL,
};

static const char *const host_patterns[] = {
    "^authentik[0-9]*[.-]",
    NULL,
};

VENDOR(vendor_authentik) = {
    .name = "authentik",
    .title = "authentik",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console =
        "authentik Admin interface > Applications > Providers > (the AWS provider) > Edit, Advanced protocol settings",
};
