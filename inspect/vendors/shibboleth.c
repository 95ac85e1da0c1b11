/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Shibboleth Identity Provider and Service Provider, by their default paths and their cookies.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "^https?://[^/]+/idp/shibboleth$", "/idp/shibboleth" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "^urn:mace:.*:shibboleth", ":shibboleth" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "^https?://[^/]+/shibboleth(-sp)?$", "/shibboleth" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/idp/profile/(saml2|shibboleth|cas)/", "/idp/profile/" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/shibboleth\\.sso/(saml|saml2)/", "/shibboleth.sso/" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_HOST, "^shib(boleth)?[0-9]*[.-]", "shib" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_COOKIE, "^shib_idp_", "shib_idp_" },
    { VENDOR_SP, VENDOR_IS, VENDOR_COOKIE, "^_shib(session|state|sealed)_", "_shib" },
    { .pattern = NULL },
};

VENDOR(vendor_shibboleth) = {
    .name = "shibboleth",
    .title = "Shibboleth IdP",
    .sp_title = "Shibboleth SP",
    .signs = signs,
    .console = "Shibboleth IdP: conf/relying-party.xml, conf/attribute-resolver.xml, conf/attribute-filter.xml, "
               "conf/saml-nameid.xml",
};
