/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Spring Security, by the default paths of its SAML 2.0 login and the form of its request IDs.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "/saml2/(service-provider-metadata|metadata)/[^/]+$", "/saml2/" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/login/saml2/sso/[^/]+$", "/login/saml2/sso/" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_ID, "^arq[0-9a-f]{7}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "arq" },
    { .pattern = NULL },
};

VENDOR(vendor_spring_security) = {
    .name = "spring-security",
    .title = "Spring Security",
    .signs = signs,
};
