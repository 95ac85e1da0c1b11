/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * JumpCloud SSO applications; their entity ID is chosen by the administrator.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "(^|\\.)jumpcloud\\.com$", "jumpcloud" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "^jumpcloud", "jumpcloud" },
    { .pattern = NULL },
};

VENDOR(vendor_jumpcloud) = {
    .name = "jumpcloud",
    .title = "JumpCloud",
    .signs = signs,
    .console = "JumpCloud Admin Portal > SSO Applications > (the AWS app) > SSO",
};
