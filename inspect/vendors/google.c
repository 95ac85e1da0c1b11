/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Google Workspace and Cloud Identity custom SAML apps.
 */
static const char *const issuer_patterns[] = {
    "^https://accounts\\.google\\.com/o/saml2\\?idpid=",
    NULL,
};

static const char *const host_patterns[] = {
    "^accounts\\.google\\.(com|[a-z]{2}|co\\.[a-z]{2})$",
    NULL,
};

VENDOR(vendor_google) = {
    .name = "google",
    .title = "Google Workspace",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "Google Admin console > Apps > Web and mobile apps > (the AWS app) > Service provider details",
};
