/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * JumpCloud SSO applications; their entity ID is chosen by the administrator.
 */
static const char *const issuer_patterns[] = {
    "^https://sso\\.jumpcloud\\.com/",
    "^[Jj]ump[Cc]loud",
    NULL,
};

static const char *const host_patterns[] = {
    "(^|\\.)jumpcloud\\.com$",
    NULL,
};

VENDOR(vendor_jumpcloud) = {
    .name = "jumpcloud",
    .title = "JumpCloud",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "JumpCloud Admin Portal > SSO Applications > (the AWS app) > SSO",
};
