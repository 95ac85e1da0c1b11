/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Active Directory Federation Services: the host is the customer's own, so its fixed paths and the names
 * of its cookies are what it is known by.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "^https?://[^/]+/adfs/services/trust/?$",
      "/adfs/services/trust" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "^https?://[^/]+/adfs/services/trust/?$",
      "/adfs/services/trust" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_URL, "^https://[^/]+/adfs/ls/?(\\?|$)", "/adfs/ls" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "^https://[^/]+/adfs/ls/?(\\?|$)", "/adfs/ls" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_HOST, "^(certauth\\.)?(adfs|fs|sts)[0-9]*\\.", NULL },
    { VENDOR_IDP, VENDOR_IS, VENDOR_COOKIE,
      "^msis(auth|auth1|authenticated|samlrequest|samlrequest1|ipselectionpersistent|loopdetectioncookie|"
      "signoutcontext)$",
      NULL },
    { VENDOR_SP, VENDOR_IS, VENDOR_COOKIE,
      "^msis(auth|auth1|authenticated|samlrequest|samlrequest1|ipselectionpersistent|loopdetectioncookie|"
      "signoutcontext)$",
      NULL },
    { .pattern = NULL },
};

VENDOR(vendor_adfs) = {
    .name = "adfs",
    .title = "AD FS",
    .sp_title = "AD FS as service provider",
    .signs = signs,
    .console = "AD FS Management > Relying Party Trusts > (the AWS trust) > Properties, and Edit Claim Issuance Policy",
};
