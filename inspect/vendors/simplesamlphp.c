/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * SimpleSAMLphp on either side: recognised by its paths, its cookies and the length of its IDs.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "/saml2/idp/metadata\\.php(\\?|$)", "/saml2/idp/metadata.php" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "/module\\.php/saml/idp/metadata(\\?|$)",
      "/module.php/saml/idp/metadata" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "/module\\.php/saml/sp/metadata(\\.php)?/",
      "/module.php/saml/sp/metadata" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/saml2/idp/ssoservice\\.php(\\?|$)", "/saml2/idp/ssoservice.php" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/module\\.php/saml/idp/singlesignonservice(\\?|$)",
      "/module.php/saml/idp/singlesignonservice" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/module\\.php/saml/sp/(saml2-acs\\.php|assertionconsumerservice)/",
      "/module.php/saml/sp/" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_HOST, "^simplesaml(php)?[0-9]*[.-]", "simplesaml" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_COOKIE, "^simplesaml(sessionid|authtoken)?$", "simplesaml" },
    { VENDOR_SP, VENDOR_IS, VENDOR_COOKIE, "^simplesaml(sessionid|authtoken)?$", "simplesaml" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ID, "^_[0-9a-f]{42}$", NULL },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_ID, "^_[0-9a-f]{42}$", NULL },
    { .pattern = NULL },
};

VENDOR(vendor_simplesamlphp) = {
    .name = "simplesamlphp",
    .title = "SimpleSAMLphp",
    .sp_title = "SimpleSAMLphp as service provider",
    .signs = signs,
    .console = "SimpleSAMLphp: metadata/saml20-sp-remote.php and metadata/saml20-idp-hosted.php",
};
