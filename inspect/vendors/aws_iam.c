/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * AWS sign-in with an IAM identity provider, a partition each: the public one, GovCloud and China. The last
 * path segment of an ACS URL is the one of an IAM provider that takes encrypted assertions.
 */
static const struct vendor_sign aws_iam_signs[] = {
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID, "^urn:amazon:webservices$", "amazon:webservices" },
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID,
      "^https://([a-z]{2}(-[a-z]+)+-[0-9]\\.)?signin\\.aws\\.amazon\\.com/saml(/acs/[^/]+)?/?$",
      "signin.aws.amazon.com/saml" },
    { VENDOR_SP, VENDOR_IS, VENDOR_URL,
      "^https://([a-z]{2}(-[a-z]+)+-[0-9]\\.)?signin\\.aws\\.amazon\\.com/saml(/acs/[^/]+)?/?$",
      "signin.aws.amazon.com/saml" },
    { VENDOR_SP, VENDOR_IS, VENDOR_URL, "^https://signin\\.aws\\.amazon\\.com/static/saml$",
      "signin.aws.amazon.com/static/saml" },
    { .pattern = NULL },
};

VENDOR(vendor_aws_iam) = {
    .name = "aws-iam",
    .title = "AWS IAM",
    .signs = aws_iam_signs,
};

static const struct vendor_sign aws_iam_govcloud_signs[] = {
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID, "^urn:amazon:webservices:govcloud$", "amazon:webservices:govcloud" },
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID,
      "^https://([a-z]{2}(-[a-z]+)+-[0-9]\\.)?signin(-fips)?\\.amazonaws-us-gov\\.com/saml(/acs/[^/]+)?/?$",
      "amazonaws-us-gov.com/saml" },
    { VENDOR_SP, VENDOR_IS, VENDOR_URL,
      "^https://([a-z]{2}(-[a-z]+)+-[0-9]\\.)?signin(-fips)?\\.amazonaws-us-gov\\.com/saml(/acs/[^/]+)?/?$",
      "amazonaws-us-gov.com/saml" },
    { .pattern = NULL },
};

VENDOR(vendor_aws_iam_govcloud) = {
    .name = "aws-iam-govcloud",
    .title = "AWS IAM (GovCloud)",
    .signs = aws_iam_govcloud_signs,
};

static const struct vendor_sign aws_iam_china_signs[] = {
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID, "^urn:amazon:webservices:cn-north(west)?-1$",
      "amazon:webservices:cn-north" },
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID,
      "^https://([a-z]{2}(-[a-z]+)+-[0-9]\\.)?signin\\.amazonaws\\.cn/saml(/acs/[^/]+)?/?$",
      "signin.amazonaws.cn/saml" },
    { VENDOR_SP, VENDOR_IS, VENDOR_URL,
      "^https://([a-z]{2}(-[a-z]+)+-[0-9]\\.)?signin\\.amazonaws\\.cn/saml(/acs/[^/]+)?/?$",
      "signin.amazonaws.cn/saml" },
    { .pattern = NULL },
};

VENDOR(vendor_aws_iam_china) = {
    .name = "aws-iam-china",
    .title = "AWS IAM (China)",
    .signs = aws_iam_china_signs,
};
