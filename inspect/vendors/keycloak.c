/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Keycloak and the Red Hat build of it: the entity ID is the URL of the realm (with /auth before
 * version 17). Signed messages name the key in an extension of its own.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "^https?://[^/]+(/[^/?#]+)*/realms/[^/?#]+/?$", "/realms/" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_ENTITY_ID, "^https?://[^/]+(/[^/?#]+)*/realms/[^/?#]+/?$", "/realms/" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/realms/[^/?#]+/protocol/saml(/|\\?|$)", "/protocol/saml" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_URL, "/realms/[^/?#]+/broker/[^/?#]+/endpoint(/|\\?|$)", "/endpoint" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_HOST, "^(keycloak|kc)[0-9]*[.-]", NULL },
    { VENDOR_IDP, VENDOR_IS, VENDOR_NAMESPACE, "^urn:keycloak:ext:key:1\\.0$", "keycloak:ext:key:1.0" },
    { VENDOR_SP, VENDOR_IS, VENDOR_NAMESPACE, "^urn:keycloak:ext:key:1\\.0$", "keycloak:ext:key:1.0" },
    { VENDOR_IDP, VENDOR_IS, VENDOR_COOKIE, "^keycloak_(identity|session)(_legacy)?$", "keycloak_" },
    { VENDOR_SP, VENDOR_IS, VENDOR_COOKIE, "^keycloak_(identity|session)(_legacy)?$", "keycloak_" },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_COOKIE, "^(auth_session_id|kc_restart)(_legacy)?$", NULL },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_COOKIE, "^(auth_session_id|kc_restart)(_legacy)?$", NULL },
    { VENDOR_IDP, VENDOR_LOOKS_LIKE, VENDOR_ID, "^id_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "id_" },
    { VENDOR_SP, VENDOR_LOOKS_LIKE, VENDOR_ID, "^id_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "id_" },
    { .pattern = NULL },
};

VENDOR(vendor_keycloak) = {
    .name = "keycloak",
    .title = "Keycloak",
    .sp_title = "Keycloak as broker",
    .signs = signs,
    .console = "Keycloak Admin Console > Clients > (the AWS client) > Settings, Keys and Client scopes",
};
