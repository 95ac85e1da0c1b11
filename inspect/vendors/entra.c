/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Microsoft Entra ID (formerly Azure AD), public, US government and China clouds.
 */
static const char *const issuer_patterns[] = {
    "^https://sts\\.windows\\.net/[0-9A-Fa-f-]+/?$",
    "^https://sts\\.chinacloudapi\\.cn/[0-9A-Fa-f-]+/?$",
    "^https://login\\.microsoftonline\\.(com|us|de)/",
    "^https://login\\.partner\\.microsoftonline\\.cn/",
    NULL,
};

static const char *const host_patterns[] = {
    "^login\\.microsoftonline\\.(com|us|de)$",
    "^login\\.partner\\.microsoftonline\\.cn$",
    "^login\\.(microsoft\\.com|windows\\.net|chinacloudapi\\.cn)$",
    NULL,
};

VENDOR(vendor_entra) = {
    .name = "entra",
    .title = "Microsoft Entra ID",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "Microsoft Entra admin center > Enterprise applications > (the AWS app) > Single sign-on",
};
