/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * An Amazon Cognito user pool that is signed in to by SAML.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID, "^urn:amazon:cognito:sp:[a-z0-9-]+_[a-z0-9]+$", "amazon:cognito:sp:" },
    { VENDOR_SP, VENDOR_IS, VENDOR_HOST, "\\.auth(-fips)?\\.[a-z]{2}(-[a-z]+)+-[0-9]\\.amazoncognito\\.com$",
      "amazoncognito" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "^https://[^/]+/saml2/(idpresponse|logout)$", "/saml2/" },
    { .pattern = NULL },
};

VENDOR(vendor_aws_cognito) = {
    .name = "aws-cognito",
    .title = "Amazon Cognito",
    .signs = signs,
};
