/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * SimpleSAMLphp as identity provider: recognised by the path of its entity ID.
 */
static const char *const issuer_patterns[] = {
    "/saml2/idp/metadata\\.php(\\?|$)",
    "/module\\.php/saml/idp/metadata(\\?|$)",
    NULL,
};

static const char *const host_patterns[] = {
    "^simplesaml(php)?[0-9]*[.-]",
    NULL,
};

VENDOR(vendor_simplesamlphp) = {
    .name = "simplesamlphp",
    .title = "SimpleSAMLphp",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "SimpleSAMLphp: metadata/saml20-sp-remote.php and metadata/saml20-idp-hosted.php",
};
