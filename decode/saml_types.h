/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SAML_TYPES_H
#define SAMLTAP_SAML_TYPES_H

#include "dsig_types.h"
#include "metadata_types.h"
#include "str.h"
#include "where.h"
#include "xstime.h"

/*
 * A SAML message as facts. Everything lives in the arena of the input; nothing here judges.
 * Only elements with the exact namespace and local name count; prefixes never matter.
 */

enum message_kind {
    MESSAGE_UNKNOWN, /* XML, but none of these */
    MESSAGE_RESPONSE,
    MESSAGE_ASSERTION, /* a bare assertion */
    MESSAGE_AUTHN_REQUEST,
    MESSAGE_LOGOUT_REQUEST,
    MESSAGE_LOGOUT_RESPONSE,
    MESSAGE_ARTIFACT_RESOLVE,
    MESSAGE_ARTIFACT_RESPONSE,
    MESSAGE_ATTRIBUTE_QUERY,
    MESSAGE_AUTHN_QUERY,
    MESSAGE_AUTHZ_DECISION_QUERY,
    MESSAGE_ASSERTION_ID_REQUEST,
    MESSAGE_MANAGE_NAME_ID_REQUEST,
    MESSAGE_MANAGE_NAME_ID_RESPONSE,
    MESSAGE_NAME_ID_MAPPING_REQUEST,
    MESSAGE_NAME_ID_MAPPING_RESPONSE,
    MESSAGE_METADATA, /* EntityDescriptor or EntitiesDescriptor */
    MESSAGE_SAML1_RESPONSE,
    MESSAGE_SAML1_ASSERTION,
    MESSAGE_SAML1_REQUEST,
    MESSAGE_WSTRUST_RST,  /* RequestSecurityToken */
    MESSAGE_WSTRUST_RSTR, /* its response, alone or in a collection */
    MESSAGE_SOAP_FAULT,
    MESSAGE_KIND_COUNT,
};

/* Text or attribute value with its place. text is absent when element or attribute is absent. */
struct saml_value {
    struct str text;  /* all text of the element joined (no trimming), or the attribute value */
    struct str first; /* elements: only the first text node, as a careless reader takes it */
    bool split;       /* elements: comment, processing instruction or CDATA splits the text */
    struct where where;
};

struct saml_time {
    struct saml_value raw;
    bool valid;         /* raw is an xs:dateTime */
    struct xstime time; /* only when valid */
};

struct saml_name_id {
    struct saml_value value; /* absent: no such element */
    struct saml_value format;
    struct saml_value name_qualifier;
    struct saml_value sp_name_qualifier;
    bool encrypted; /* came from, or still is, an EncryptedID */
};

struct saml_confirmation {
    struct where where;
    struct saml_value method;
    bool has_data; /* SubjectConfirmationData present */
    struct saml_value recipient;
    struct saml_value in_response_to;
    struct saml_value address;
    struct saml_time not_before;
    struct saml_time not_on_or_after;
};

struct saml_attribute_value {
    struct saml_value value;
    bool nil;        /* xsi:nil="true" */
    bool structured; /* has element children; value.text is then all text below */
    struct str type; /* xsi:type as written, absent when none */
};

struct saml_attribute {
    struct where where;
    struct saml_value name;
    struct saml_value name_space; /* SAML 1.1: AttributeNamespace, the other half of the name */
    struct saml_value name_format;
    struct saml_value friendly_name;
    struct saml_attribute_value *values;
    size_t value_count;
    size_t statement; /* index of the AttributeStatement it stands in */
    bool was_encrypted;
};

struct saml_audience_restriction {
    struct where where;
    struct saml_value *audiences;
    size_t audience_count;
};

struct saml_authn_statement {
    struct where where;
    struct saml_time authn_instant;
    struct saml_value session_index;
    struct saml_time session_not_on_or_after;
    struct saml_value class_ref;
    bool has_context; /* AuthnContext present */
    bool has_decl;    /* AuthnContextDecl or DeclRef */
};

struct saml_assertion {
    struct where where;
    bool saml1;         /* SAML 1.1; class_ref is then AuthenticationMethod, a condition for one use DoNotCache */
    bool direct;        /* direct child of the Response (or the document element itself) */
    bool was_encrypted; /* decrypted from an EncryptedAssertion */
    struct saml_value id;
    struct saml_value version;
    struct saml_time issue_instant;
    struct saml_name_id issuer;
    bool has_subject;
    struct saml_name_id name_id;
    struct saml_value other_name_id; /* SAML 1.1: a later statement names another subject; absent: none does */
    struct saml_confirmation *confirmations;
    size_t confirmation_count;
    bool has_conditions;
    struct where conditions_where;
    struct saml_time not_before;
    struct saml_time not_on_or_after;
    struct saml_audience_restriction *restrictions;
    size_t restriction_count;
    size_t one_time_use_count;
    size_t proxy_restriction_count;
    struct saml_value *unknown_conditions; /* element names that are no SAML condition */
    size_t unknown_condition_count;
    struct saml_authn_statement *authn_statements;
    size_t authn_statement_count;
    size_t attribute_statement_count;
    struct saml_attribute *attributes;
    size_t attribute_count;
    size_t encrypted_id_count;        /* EncryptedID still encrypted */
    size_t encrypted_attribute_count; /* EncryptedAttribute still encrypted */
    int signature;                    /* index into saml_message.signatures of its own signature, or -1 */
};

enum decrypt_result {
    DECRYPT_NO_KEY, /* no key was given */
    DECRYPT_OK,
    DECRYPT_WRONG_KEY,   /* none of the given keys opens it, or the ciphertext is damaged */
    DECRYPT_UNSUPPORTED, /* algorithm: see detail */
    DECRYPT_MALFORMED,   /* not built as XML Encryption says */
    DECRYPT_PLAINTEXT,   /* opened, but the plaintext is not the one element that it must be */
};

struct saml_encrypted {
    struct where where;
    struct str element; /* "EncryptedAssertion", "EncryptedID", "EncryptedAttribute", "RequestedSecurityToken" */
    struct str data_algorithm;
    struct str key_algorithm;
    struct str digest_algorithm; /* of OAEP; absent when not written */
    struct str mask_algorithm;   /* MGF of OAEP; absent when not written */
    struct str wrapped_key;      /* bytes of the first EncryptedKey; absent when there is none */
    struct str ciphertext;       /* bytes of the EncryptedData, initialisation vector first; absent when unreadable */
    struct str recipient;        /* EncryptedKey/@Recipient */
    enum decrypt_result result;
    struct str detail;    /* what went wrong, one line */
    uint32_t document;    /* number of the plaintext's document (struct where); 0: not decrypted */
    struct str plaintext; /* its bytes; absent: not decrypted */
};

enum { SAML_MAX_STATUS_CODES = 6, SAML_MAX_NAMESPACES = 16 };

struct saml_status {
    bool present;
    struct saml_value codes[SAML_MAX_STATUS_CODES]; /* top level first, then nested */
    size_t code_count;
    struct saml_value message;
    bool has_detail;
};

struct saml_request {
    struct saml_value acs_url;
    struct saml_value acs_index;
    struct saml_value protocol_binding;
    struct saml_value force_authn;
    struct saml_value is_passive;
    struct saml_value provider_name;
    bool has_name_id_policy;
    struct saml_value policy_format;
    struct saml_value policy_sp_name_qualifier;
    struct saml_value policy_allow_create;
    bool has_requested_context;
    struct saml_value comparison;
    struct saml_value *class_refs;
    size_t class_ref_count;
    bool has_subject;
    struct saml_name_id subject_name_id;
    size_t subject_confirmation_count; /* SubjectConfirmation in that Subject: it must have none */
    struct where subject_where;
};

struct saml_logout {
    struct saml_name_id name_id;
    struct saml_value reason;
    struct saml_time not_on_or_after;
    struct saml_value *session_indexes;
    size_t session_index_count;
};

/* What WS-Trust writes around a token. Nothing of it is signed. */
struct wstrust {
    bool version13;               /* WS-Trust 1.3; else that of February 2005 */
    bool collection;              /* RequestSecurityTokenResponseCollection */
    size_t response_count;        /* responses; the facts below are of the first */
    size_t token_count;           /* RequestedSecurityToken elements */
    struct str token_element;     /* "{namespace}Local" of what the first of them holds; absent: nothing */
    struct saml_value context;    /* @Context */
    struct saml_value applies_to; /* AppliesTo/EndpointReference/Address */
    struct saml_time created;
    struct saml_time expires;
    struct saml_value token_type;
    struct saml_value request_type;
    struct saml_value key_type;
};

/* Header blocks of PAOS and of the Enhanced Client or Proxy profile (SAML Profiles 4.2). */
enum ecp_block {
    ECP_PAOS_REQUEST,
    ECP_PAOS_RESPONSE,
    ECP_REQUEST,
    ECP_RESPONSE,
    ECP_RELAY_STATE,
    ECP_BLOCK_COUNT,
};

struct ecp_header {
    struct where where; /* element 0: there is none */
    struct saml_value must_understand;
    struct saml_value actor; /* role in SOAP 1.2 */
};

enum { SOAP_MAX_PROVIDERS = 32 };

/* The envelope that a message stands in. */
struct saml_soap {
    bool present;
    bool version12; /* SOAP 1.2 */
    struct ecp_header blocks[ECP_BLOCK_COUNT];
    struct saml_value response_consumer_url; /* paos:Request */
    struct saml_value service;
    struct saml_value message_id;
    struct saml_value ref_to_message_id; /* paos:Response */
    struct saml_value provider_name;     /* ecp:Request */
    struct saml_value is_passive;
    struct saml_value issuer;
    struct saml_value *providers; /* ProviderID of its IDPList */
    size_t provider_count;
    struct saml_value acs_url;     /* ecp:Response */
    struct saml_value relay_state; /* ecp:RelayState */
    struct saml_value fault_code;  /* of a Fault, which is then the message */
    struct saml_value fault_text;
    struct saml_value fault_actor;
};

struct saml_duplicate_id {
    struct str id;
    struct where first;
    struct where second;
};

/* An attribute by which the message tells a schema processor what to do (XML-14). */
struct saml_schema_hint {
    struct str element;      /* local name of its element */
    struct saml_value value; /* of xsi:type or xsi:schemaLocation */
    bool location;           /* xsi:schemaLocation or xsi:noNamespaceSchemaLocation, not xsi:type */
};

/* An element where the schema has none, or a needed one that is missing. */
struct saml_schema_problem {
    struct where where;
    struct str text; /* one sentence, "Conditions must not come after AuthnStatement" */
};

struct saml_message {
    enum message_kind kind;
    struct str root_name; /* "{namespace}Local" of the document element */
    struct where where;
    struct saml_value id;
    struct saml_value version;
    struct saml_time issue_instant;
    struct saml_value destination;
    struct saml_value in_response_to;
    struct saml_value consent;
    struct saml_name_id issuer;
    struct saml_status status;
    struct saml_assertion *assertions; /* direct ones in document order, decrypted ones in their place */
    size_t assertion_count;
    struct saml_assertion *stray_assertions; /* anywhere else in the document */
    size_t stray_assertion_count;
    struct saml_encrypted *encrypted; /* every Encrypted* element */
    size_t encrypted_count;
    size_t encrypted_assertion_count; /* direct EncryptedAssertion children, decrypted or not */
    struct saml_request request;
    struct saml_logout logout;
    struct saml_soap soap;
    struct wstrust wstrust;            /* MESSAGE_WSTRUST_RST, MESSAGE_WSTRUST_RSTR */
    struct metadata *metadata;         /* MESSAGE_METADATA */
    struct dsig_signature *signatures; /* every ds:Signature, document order */
    size_t signature_count;
    int signature; /* index of the document element's own signature, or -1 */
    struct saml_duplicate_id *duplicate_ids;
    size_t duplicate_id_count;
    struct saml_schema_problem *schema_problems;
    size_t schema_problem_count;
    struct saml_value *processing_instructions; /* inside the root */
    size_t processing_instruction_count;
    struct str *extension_namespaces;      /* of elements, those that are no part of SAML's own standards; each once */
    size_t extension_namespace_count;      /* at most SAML_MAX_NAMESPACES */
    struct saml_schema_hint *schema_hints; /* xsi:type where SAML has none, xsi:schemaLocation anywhere */
    size_t schema_hint_count;
    struct saml_value *
        confused; /* elements with a SAML name in a namespace that is not SAML's: "{uri}Name"; first: text of a NameID */
    size_t confused_count;
    const struct saml_attack *attack; /* signature wrapping that has a name; NULL: none (saml_attack.h) */
    bool relative_namespace;          /* some xmlns is a relative URI: canonicalisation is undefined */
    bool whitespace_only_nodes;       /* pretty-printed */
    bool has_bom;
    struct str declared_encoding; /* of the XML declaration, absent when none */
};

const char *message_kind_name(enum message_kind kind); /* "saml:Response" … */
const char *ecp_block_name(enum ecp_block block);      /* "paos:Request" … */

/*
 * How a place is covered. "Signed" needs a signature that verified (shape, digest, value) with a
 * trusted key; "self" means it verified, but no key was given to trust.
 */
enum coverage {
    COVERAGE_UNSIGNED,
    COVERAGE_BROKEN, /* only under a signature that does not verify */
    COVERAGE_SELF,   /* intact since signing, signer not authenticated */
    COVERAGE_SIGNED,
};
enum coverage saml_coverage(const struct saml_message *message, struct where where);
const char *coverage_name(enum coverage coverage);

/*
 * A service provider reads the assertion: it is a child of the Response, and the first one when a
 * wrapping attack was found. What is covered but not read protects nobody.
 */
bool saml_is_read(const struct saml_message *message, const struct saml_assertion *assertion);

#endif
