/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * PingOne and PingFederate. The entity ID of PingFederate is free text: only the usual forms are known.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "(^|\\.)pingone\\.(com|eu|ca|asia|sg|com\\.au)$", "pingone" },
    { VENDOR_SP, VENDOR_IS, VENDOR_HOST, "(^|\\.)pingone\\.(com|eu|ca|asia|sg|com\\.au)$", "pingone" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "(^|\\.)pingidentity\\.com$", "pingidentity" },
    { VENDOR_SP, VENDOR_IS, VENDOR_HOST, "(^|\\.)pingidentity\\.com$", "pingidentity" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "^ping(federate|connect)", "ping" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/idp/(sso\\.saml2|startsso\\.ping)(\\?|$)", "/idp/" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/sp/acs\\.saml2(\\?|$)", "/sp/acs.saml2" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_HOST, "^pingfed(erate)?[0-9]*[.-]", "pingfed" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_COOKIE, "^pf(\\.persistent)?$", NULL },
    { .pattern = NULL },
};

VENDOR(vendor_ping) = {
    .name = "ping",
    .title = "Ping Identity",
    .sp_title = "Ping Identity as service provider",
    .signs = signs,
    .console =
        "PingOne > Applications > (the AWS app), or PingFederate > SP Connections > (the AWS connection) > Browser SSO",
};
