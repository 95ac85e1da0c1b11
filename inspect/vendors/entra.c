/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Microsoft Entra ID (formerly Azure AD): public, US government and China clouds, External ID and B2C.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "^login\\.microsoftonline\\.(com|us|de)$", "login.microsoftonline" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "^login\\.partner\\.microsoftonline\\.cn$",
      "login.partner.microsoftonline.cn" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "^login\\.(microsoft\\.com|windows\\.net|chinacloudapi\\.cn)$", "login" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "^sts\\.(windows\\.net|chinacloudapi\\.cn)$", "sts" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "^[a-z0-9-]+\\.(ciamlogin|b2clogin)\\.com$", NULL },
    { VENDOR_IDP, VENDOR_IS, VENDOR_HEADER, "^x-ms-ests-server$", "x-ms-ests-server" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_COOKIE, "^ests(auth|authpersistent|authlight|sc)$", "ests" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ATTRIBUTE,
      "^http://schemas\\.microsoft\\.com/identity/claims/(tenantid|objectidentifier|identityprovider)$",
      "schemas.microsoft.com/identity/claims/" },
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID, "^urn:federation:microsoftonline$", "federation:microsoftonline" },
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID,
      "^https://login\\.microsoftonline\\.com/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/?$",
      "login.microsoftonline.com/" },
    { VENDOR_SP, VENDOR_IS, VENDOR_URL, "^https://login\\.microsoftonline\\.(com|us|de)/login\\.srf(\\?|$)",
      "login.microsoftonline" },
    { .pattern = NULL },
};

VENDOR(vendor_entra) = {
    .name = "entra",
    .title = "Microsoft Entra ID",
    .sp_title = "Microsoft Entra ID as service provider",
    .signs = signs,
    .console = "Microsoft Entra admin center > Enterprise applications > (the AWS app) > Single sign-on",
};
