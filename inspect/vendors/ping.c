/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * PingOne and PingFederate. PingFederate's entity ID is free text: only the usual forms are known.
 */
static const char *const issuer_patterns[] = {
    "^https://auth\\.pingone\\.(com|eu|ca|asia|sg|com\\.au)/",
    "^https://[^/]*\\.pingidentity\\.com(/|$)",
    "^https://pingone\\.com/",
    "^[Pp]ing(Federate|Connect)",
    NULL,
};

static const char *const host_patterns[] = {
    "(^|\\.)pingone\\.(com|eu|ca|asia|sg|com\\.au)$",
    "(^|\\.)pingidentity\\.com$",
    "^pingfed(erate)?[0-9]*[.-]",
    NULL,
};

VENDOR(vendor_ping) = {
    .name = "ping",
    .title = "Ping Identity",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console =
        "PingOne > Applications > (the AWS app), or PingFederate > SP Connections > (the AWS connection) > Browser SSO",
};
