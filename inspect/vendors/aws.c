/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * AWS IAM Identity Center in the role of an identity provider for other applications.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_IS, VENDOR_ENTITY_ID,
      "^https://portal\\.sso\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/saml/assertion/", "/saml/assertion/" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "^portal\\.sso\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?$", "portal.sso" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "\\.awsapps\\.(com|cn)$", "awsapps" },
    { .pattern = NULL },
};

VENDOR(vendor_aws) = {
    .name = "aws",
    .title = "AWS IAM Identity Center",
    .signs = signs,
    .console = "AWS console > IAM Identity Center > Applications > (the application) > Actions > Edit configuration",
};
