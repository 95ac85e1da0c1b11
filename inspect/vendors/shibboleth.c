/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Shibboleth Identity Provider: recognised by the default path of its entity ID.
 */
static const char *const issuer_patterns[] = {
    "^https?://[^/]+/idp/shibboleth$",
    "^urn:mace:.*:shibboleth",
    NULL,
};

static const char *const host_patterns[] = {
    "^shib(boleth)?[0-9]*[.-]",
    NULL,
};

VENDOR(vendor_shibboleth) = {
    .name = "shibboleth",
    .title = "Shibboleth IdP",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "Shibboleth IdP: conf/relying-party.xml, conf/attribute-resolver.xml, conf/attribute-filter.xml, "
               "conf/saml-nameid.xml",
};
