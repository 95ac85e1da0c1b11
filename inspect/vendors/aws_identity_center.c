/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * AWS IAM Identity Center as service provider, a partition each.
 */
static const struct vendor_sign aws_identity_center_signs[] = {
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID,
      "^https://[a-z]{2}(-[a-z]+)+-[0-9]\\.(signin\\.aws\\.amazon\\.com|(sso\\.)?signin\\.aws)/platform/saml/",
      "/platform/saml/" },
    { VENDOR_SP, VENDOR_IS, VENDOR_URL,
      "^https://[a-z]{2}(-[a-z]+)+-[0-9]\\.(signin\\.aws\\.amazon\\.com|(sso\\.)?signin\\.aws)/platform/saml/",
      "/platform/saml/" },
    { .pattern = NULL },
};

VENDOR(vendor_aws_identity_center) = {
    .name = "aws-identity-center",
    .title = "AWS IAM Identity Center",
    .signs = aws_identity_center_signs,
};

static const struct vendor_sign aws_identity_center_govcloud_signs[] = {
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID,
      "^https://([a-z]{2}(-[a-z]+)+-[0-9]\\.)?signin(-fips)?\\.amazonaws-us-gov\\.com/platform/saml/",
      "amazonaws-us-gov.com/platform/saml/" },
    { VENDOR_SP, VENDOR_IS, VENDOR_URL,
      "^https://([a-z]{2}(-[a-z]+)+-[0-9]\\.)?signin(-fips)?\\.amazonaws-us-gov\\.com/platform/saml/",
      "amazonaws-us-gov.com/platform/saml/" },
    { .pattern = NULL },
};

VENDOR(vendor_aws_identity_center_govcloud) = {
    .name = "aws-identity-center-govcloud",
    .title = "AWS IAM Identity Center (GovCloud)",
    .signs = aws_identity_center_govcloud_signs,
};

static const struct vendor_sign aws_identity_center_china_signs[] = {
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID,
      "^https://([a-z]{2}(-[a-z]+)+-[0-9]\\.)?signin\\.amazonaws\\.cn/platform/saml/",
      "signin.amazonaws.cn/platform/saml/" },
    { VENDOR_SP, VENDOR_IS, VENDOR_URL, "^https://([a-z]{2}(-[a-z]+)+-[0-9]\\.)?signin\\.amazonaws\\.cn/platform/saml/",
      "signin.amazonaws.cn/platform/saml/" },
    { .pattern = NULL },
};

VENDOR(vendor_aws_identity_center_china) = {
    .name = "aws-identity-center-china",
    .title = "AWS IAM Identity Center (China)",
    .signs = aws_identity_center_china_signs,
};
