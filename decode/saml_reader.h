/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SAML_READER_H
#define SAMLTAP_SAML_READER_H

#include "dsig.h"
#include "saml.h"
#include "xml.h"

/* What the parts of saml_read() share. */

enum {
    SAML_MAX_DECRYPTED = 32, /* plaintext documents of one message */
    SAML_MAX_STRAY = 32,     /* stray assertions that are read */
    SAML_MAX_PROBLEMS = 50,  /* schema problems that are kept */
    SAML_MAX_DUPLICATES = 50,
    SAML_MAX_INSTRUCTIONS = 50,
    SAML_MAX_CONFUSED = 10,
    SAML_MAX_HINTS = 10,
};

struct saml_reader {
    struct arena *arena;
    const struct saml_options *options;
    struct saml_message *message;
    struct xml_document *documents[1 + SAML_MAX_DECRYPTED]; /* [0] is the message */
    size_t document_count;
    xmlNode *root; /* the message element: the document element, or what a SOAP Body holds */
    size_t assertion_capacity;
    size_t stray_capacity;
    size_t encrypted_capacity;
    size_t problem_capacity;
    size_t instruction_capacity;
    size_t confused_capacity;
    size_t namespace_capacity;
    size_t hint_capacity;
    unsigned key_operations; /* left for decryption */
};

/* --- saml_value.c: values with their places --- */
struct xml_document *saml_document_of(const struct saml_reader *reader, const xmlNode *node);
struct saml_value saml_value_of_attribute(struct saml_reader *reader, const xmlNode *node, const char *name);
/* NULL gives an absent value. */
struct saml_value saml_value_of_element(struct saml_reader *reader, const xmlNode *node);
struct saml_time saml_time_of_attribute(struct saml_reader *reader, const xmlNode *node, const char *name);
struct saml_name_id saml_name_id_of(struct saml_reader *reader, const xmlNode *node);
/* The NameID or EncryptedID child of parent: the plaintext when it could be opened. */
struct saml_name_id saml_name_id_child(struct saml_reader *reader, const xmlNode *parent);

/* --- saml_survey.c: what is anywhere in a document --- */
/* Notes processing instructions, white space and relative namespaces of document. */
bool saml_survey(struct saml_reader *reader, struct xml_document *document);
/* Finds IDs that occur twice, over all documents. */
bool saml_find_duplicate_ids(struct saml_reader *reader);
/* Reads the assertions that are not among message->assertions. */
bool saml_read_strays(struct saml_reader *reader);

/* --- saml_attack.c: after signatures, assertions and strays --- */
bool saml_find_attack(struct saml_reader *reader);

/* --- saml_conditions.c --- */
/* What a version of SAML calls the parts of its Conditions. */
struct saml_condition_names {
    const char *space; /* their namespace */
    const char *audience_restriction;
    const char *one_time_use;
    const char *proxy_restriction; /* NULL: it has none */
};
/* Reads Conditions into *assertion; those without a name are kept as unknown. False: out of memory. */
bool saml_read_conditions(struct saml_reader *reader, const xmlNode *conditions,
                          const struct saml_condition_names *names, struct saml_assertion *assertion);

/* --- saml_assertion.c --- */
bool saml_read_assertion(struct saml_reader *reader, const xmlNode *node, struct saml_assertion *assertion);
/*
 * Appends the assertions that are children of parent to message->assertions: of SAML 2.0, also encrypted, in a
 * Response of SAML 2.0; of SAML 1.1 in one of SAML 1.1; either, also encrypted, in RequestedSecurityToken.
 */
bool saml_read_assertions(struct saml_reader *reader, const xmlNode *parent);
/* Index of the signature that covers exactly the element at where, or -1. */
int saml_own_signature(const struct saml_message *message, struct where where);

/* --- saml1_read.c --- */
bool saml1_read_assertion(struct saml_reader *reader, const xmlNode *node, struct saml_assertion *assertion);
/* Response or Request: what read_head() of SAML 2.0 could not see, and the assertions. */
bool saml1_read_message(struct saml_reader *reader);

/* --- soap_read.c --- */
/* The envelope around reader->root, when there is one, and the fault in it. */
bool soap_read(struct saml_reader *reader);

/* --- wstrust_read.c --- */
/* RequestSecurityToken, RequestSecurityTokenResponse or a collection of them, with the tokens. */
bool wstrust_read(struct saml_reader *reader);

/* --- saml_request.c --- */
void saml_read_status(struct saml_reader *reader, const xmlNode *parent);
bool saml_read_request(struct saml_reader *reader);
bool saml_read_logout(struct saml_reader *reader);

/* --- saml_schema.c --- */
bool saml_check_schema(struct saml_reader *reader, struct xml_document *document);

/* --- metadata.c --- */
bool saml_read_metadata(struct saml_reader *reader);

#endif
