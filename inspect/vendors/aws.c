/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * AWS IAM Identity Center in the role of an identity provider for other applications.
 */
static const char *const issuer_patterns[] = {
    "^https://portal\\.sso\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/saml/assertion/",
    NULL,
};

static const char *const host_patterns[] = {
    "^portal\\.sso\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?$",
    "\\.awsapps\\.com$",
    NULL,
};

VENDOR(vendor_aws) = {
    .name = "aws",
    .title = "AWS IAM Identity Center",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "AWS console > IAM Identity Center > Applications > (the application) > Actions > Edit configuration",
};
