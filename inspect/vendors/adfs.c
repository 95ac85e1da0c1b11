/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Active Directory Federation Services: recognised by the path of its entity ID, as the host is
 * the customer's own.
 */
static const char *const issuer_patterns[] = {
    "^https?://[^/]+/adfs/services/trust/?$",
    NULL,
};

static const char *const host_patterns[] = {
    "^(certauth\\.)?(adfs|fs|sts)[0-9]*\\.",
    NULL,
};

VENDOR(vendor_adfs) = {
    .name = "adfs",
    .title = "AD FS",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "AD FS Management > Relying Party Trusts > (the AWS trust) > Properties, and Edit Claim Issuance Policy",
};
