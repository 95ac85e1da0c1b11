/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * authentik: the issuer of a SAML provider is "authentik" unless it was set.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "^authentik$", "authentik" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "^https?://[^/]+/application/saml/[^/]+/",
      "/application/saml/" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/application/saml/[^/]+/sso/", "/application/saml/" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/source/saml/[^/]+/acs/?$", "/source/saml/" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_HOST, "^authentik[0-9]*[.-]", "authentik" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HEADER, "^x-authentik-id$", "x-authentik-id" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_COOKIE, "^authentik_", "authentik_" },
    { .pattern = NULL },
};

VENDOR(vendor_authentik) = {
    .name = "authentik",
    .title = "authentik",
    .sp_title = "authentik as service provider",
    .signs = signs,
    .console =
        "authentik Admin interface > Applications > Providers > (the AWS provider) > Edit, Advanced protocol settings",
};
