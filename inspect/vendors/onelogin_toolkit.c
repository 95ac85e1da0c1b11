/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * The SAML toolkits that OneLogin gave away (for PHP, Python, Ruby and Java), in many service providers.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_SP, VENDOR_IS, VENDOR_ID, "^onelogin_[0-9a-f-]{32,40}$", "onelogin_" },
    { .pattern = NULL },
};

VENDOR(vendor_onelogin_toolkit) = {
    .name = "onelogin-toolkit",
    .title = "a SAML toolkit of OneLogin",
    .signs = signs,
};
