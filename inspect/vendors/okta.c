/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Okta: entity IDs of app integrations, and the hosts of the production, preview, EMEA and US
 * government cells.
 */
static const char *const issuer_patterns[] = {
    "^https?://www\\.okta(preview|-emea|-gov)?\\.com/",
    "^https?://[A-Za-z0-9-]+(\\.[a-z0-9-]+)?\\.okta(preview|-emea|-gov)?\\.com(/|$)",
    NULL,
};

static const char *const host_patterns[] = {
    "(^|\\.)okta(preview|-emea|-gov)?\\.com$",
    NULL,
};

VENDOR(vendor_okta) = {
    .name = "okta",
    .title = "Okta",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "Okta Admin Console > Applications > (the AWS app) > Sign On > Edit",
};
