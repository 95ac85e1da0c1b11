/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Google Workspace and Cloud Identity: custom SAML apps, and sign-in to Google by somebody else.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_IS, VENDOR_ENTITY_ID,
      "^https://accounts\\.google\\.com/o/saml2\\?idpid=", "accounts.google.com/o/saml2?idpid=" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "^accounts\\.google\\.(com|[a-z]{2}|co\\.[a-z]{2})$", "accounts.google" },
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID, "^google\\.com(/a/[^/]+)?$", "google" },
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID, "^https://accounts\\.google\\.com/samlrp/",
      "accounts.google.com/samlrp/" },
    { VENDOR_SP, VENDOR_IS, VENDOR_URL, "^https://(www\\.google\\.com/a/[^/]+/acs|accounts\\.google\\.com/samlrp/)",
      NULL },
    { .pattern = NULL },
};

VENDOR(vendor_google) = {
    .name = "google",
    .title = "Google Workspace",
    .sp_title = "Google Workspace as service provider",
    .signs = signs,
    .console = "Google Admin console > Apps > Web and mobile apps > (the AWS app) > Service provider details",
};
