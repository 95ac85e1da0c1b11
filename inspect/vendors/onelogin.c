/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * OneLogin app connectors.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "(^|\\.)onelogin\\.com$", "onelogin" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_COOKIE, "^sub_session_onelogin\\.com$", "sub_session_onelogin" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ID, "^r[0-9a-f]{40}$", NULL },
    { .pattern = NULL },
};

VENDOR(vendor_onelogin) = {
    .name = "onelogin",
    .title = "OneLogin",
    .signs = signs,
    .console = "OneLogin Administration > Applications > (the AWS app) > Configuration, Parameters and SSO",
};
