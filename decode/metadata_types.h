/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_METADATA_TYPES_H
#define SAMLTAP_METADATA_TYPES_H

#include "dsig_types.h"
#include "xstime.h"

enum key_use { KEY_USE_BOTH, KEY_USE_SIGNING, KEY_USE_ENCRYPTION };

struct metadata_key {
    enum key_use use;
    struct certificate_facts certificate;
};

struct metadata_endpoint {
    struct str binding;  /* URI */
    struct str location; /* exact octets */
    struct str response_location;
    struct str index; /* absent when none */
    bool is_default;
};

struct metadata_role {
    bool present;
    bool supports_saml2; /* protocolSupportEnumeration names SAML 2.0 */
    struct metadata_key *keys;
    size_t key_count;
    struct metadata_endpoint *sso; /* SingleSignOnService (IdP) or AssertionConsumerService (SP) */
    size_t sso_count;
    struct metadata_endpoint *slo;
    size_t slo_count;
    struct str *name_id_formats;
    size_t name_id_format_count;
    bool want_signed;                /* IdP: WantAuthnRequestsSigned; SP: WantAssertionsSigned */
    bool signs;                      /* SP: AuthnRequestsSigned */
    struct str *required_attributes; /* SP: Name of RequestedAttribute isRequired */
    size_t required_attribute_count;
};

/* shibmd:Scope: what the identity provider may put behind the @ of scoped values. */
struct metadata_scope {
    struct str text;
    bool regexp; /* text is a regular expression */
};

struct metadata_entity {
    struct str entity_id;
    struct where where;
    bool has_valid_until;
    struct xstime valid_until;
    struct str valid_until_text; /* as written; present but not parsed when has_valid_until is false */
    struct str cache_duration;
    struct metadata_scope *scopes;
    size_t scope_count;
    struct metadata_role idp;
    struct metadata_role sp;
};

/* The signature over the document element, held against keys that were given for it. */
enum metadata_signature {
    METADATA_UNSIGNED,
    METADATA_SIGNATURE_UNCHECKED, /* there is one: see signature_why */
    METADATA_SIGNATURE_OK,
    METADATA_SIGNATURE_BAD, /* see signature_why */
};

struct metadata {
    struct metadata_entity *entities;
    size_t entity_count;
    bool aggregate; /* EntitiesDescriptor */
    bool has_bom;
    size_t characters;                 /* length of the file in characters (AWS limits count those) */
    struct str source;                 /* file name */
    enum metadata_signature signature; /* of a file that was given; a message has signatures of its own */
    struct str signature_why;          /* one line */
};

#endif
