/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * AWS Client VPN: the client listens on this machine.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_SP, VENDOR_IS, VENDOR_ENTITY_ID, "^urn:amazon:webservices:clientvpn$", "amazon:webservices:clientvpn" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "^http://127\\.0\\.0\\.1:35001/?$", "127.0.0.1:35001" },
    { .pattern = NULL },
};

VENDOR(vendor_aws_client_vpn) = {
    .name = "aws-client-vpn",
    .title = "AWS Client VPN",
    .signs = signs,
};
