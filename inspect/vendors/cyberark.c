/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * CyberArk Identity, formerly Idaptive and Centrify.
 */
static const char *const issuer_patterns[] = {
    "^https://[A-Za-z0-9.-]+\\.(my\\.idaptive\\.app|id\\.cyberark\\.cloud|my\\.centrify\\.(com|net))(/|$)",
    NULL,
};

static const char *const host_patterns[] = {
    "\\.(idaptive\\.app|cyberark\\.cloud|centrify\\.(com|net))$",
    NULL,
};

VENDOR(vendor_cyberark) = {
    .name = "cyberark",
    .title = "CyberArk Identity",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "CyberArk Identity Administration > Apps & Widgets > Web Apps > (the AWS app) > Trust and SAML Response",
};
