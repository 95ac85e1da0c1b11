/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * CyberArk Identity, formerly Idaptive and Centrify.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "\\.(idaptive\\.app|cyberark\\.cloud|centrify\\.(com|net))$", NULL },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/applogin/appkey/", "/applogin/appkey/" },
    { .pattern = NULL },
};

VENDOR(vendor_cyberark) = {
    .name = "cyberark",
    .title = "CyberArk Identity",
    .signs = signs,
    .console = "CyberArk Identity Administration > Apps & Widgets > Web Apps > (the AWS app) > Trust and SAML Response",
};
