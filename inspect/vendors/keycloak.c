/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Keycloak and Red Hat build of Keycloak: the entity ID is the realm URL (with /auth before
 * version 17).
 */
static const char *const issuer_patterns[] = {
    "^https?://[^/]+(/[^/?#]+)*/realms/[^/?#]+/?$",
    NULL,
};

static const char *const host_patterns[] = {
    "^(keycloak|kc)[0-9]*[.-]",
    NULL,
};

VENDOR(vendor_keycloak) = {
    .name = "keycloak",
    .title = "Keycloak",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "Keycloak Admin Console > Clients > (the AWS client) > Settings, Keys and Client scopes",
};
