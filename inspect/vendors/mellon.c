/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * mod_auth_mellon, the SAML module of Apache httpd, below its usual path.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "/mellon/metadata$", "/mellon/metadata" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/mellon/(postresponse|artifactresponse|paosresponse)$", "/mellon/" },
    { VENDOR_SP, VENDOR_IS, VENDOR_COOKIE, "^mellon-", "mellon-" },
    { .pattern = NULL },
};

VENDOR(vendor_mod_auth_mellon) = {
    .name = "mod-auth-mellon",
    .title = "mod_auth_mellon",
    .signs = signs,
};
