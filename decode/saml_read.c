/* SPDX-License-Identifier: MIT */
#include "saml.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "library_memory.h"
#include "saml_reader.h"
#include "xenc.h"

static const struct {
    const char *uri;
    const char *local;
    const char *name;
} kinds[MESSAGE_KIND_COUNT] = {
    [MESSAGE_UNKNOWN] = { NULL, NULL, "unknown" },
    [MESSAGE_RESPONSE] = { NS_SAMLP, "Response", "saml:Response" },
    [MESSAGE_ASSERTION] = { NS_SAML, "Assertion", "saml:Assertion" },
    [MESSAGE_AUTHN_REQUEST] = { NS_SAMLP, "AuthnRequest", "saml:AuthnRequest" },
    [MESSAGE_LOGOUT_REQUEST] = { NS_SAMLP, "LogoutRequest", "saml:LogoutRequest" },
    [MESSAGE_LOGOUT_RESPONSE] = { NS_SAMLP, "LogoutResponse", "saml:LogoutResponse" },
    [MESSAGE_ARTIFACT_RESOLVE] = { NS_SAMLP, "ArtifactResolve", "saml:ArtifactResolve" },
    [MESSAGE_ARTIFACT_RESPONSE] = { NS_SAMLP, "ArtifactResponse", "saml:ArtifactResponse" },
    [MESSAGE_ATTRIBUTE_QUERY] = { NS_SAMLP, "AttributeQuery", "saml:AttributeQuery" },
    [MESSAGE_AUTHN_QUERY] = { NS_SAMLP, "AuthnQuery", "saml:AuthnQuery" },
    [MESSAGE_AUTHZ_DECISION_QUERY] = { NS_SAMLP, "AuthzDecisionQuery", "saml:AuthzDecisionQuery" },
    [MESSAGE_ASSERTION_ID_REQUEST] = { NS_SAMLP, "AssertionIDRequest", "saml:AssertionIDRequest" },
    [MESSAGE_MANAGE_NAME_ID_REQUEST] = { NS_SAMLP, "ManageNameIDRequest", "saml:ManageNameIDRequest" },
    [MESSAGE_MANAGE_NAME_ID_RESPONSE] = { NS_SAMLP, "ManageNameIDResponse", "saml:ManageNameIDResponse" },
    [MESSAGE_NAME_ID_MAPPING_REQUEST] = { NS_SAMLP, "NameIDMappingRequest", "saml:NameIDMappingRequest" },
    [MESSAGE_NAME_ID_MAPPING_RESPONSE] = { NS_SAMLP, "NameIDMappingResponse", "saml:NameIDMappingResponse" },
    [MESSAGE_SOAP_FAULT] = { NS_SOAP, "Fault", "soap:Fault" },
    [MESSAGE_METADATA] = { NS_MD, "EntityDescriptor", "saml:Metadata" },
    [MESSAGE_SAML1_RESPONSE] = { NS_SAMLP1, "Response", "saml1:Response" },
    [MESSAGE_SAML1_ASSERTION] = { NS_SAML1, "Assertion", "saml1:Assertion" },
    [MESSAGE_SAML1_REQUEST] = { NS_SAMLP1, "Request", "saml1:Request" },
    [MESSAGE_WSTRUST_RST] = { NS_WST, "RequestSecurityToken", "wstrust:RST" },
    [MESSAGE_WSTRUST_RSTR] = { NS_WST, "RequestSecurityTokenResponse", "wstrust:RSTR" },
};

const char *
message_kind_name(enum message_kind kind)
{
    return kind < MESSAGE_KIND_COUNT ? kinds[kind].name : "unknown";
}

static enum message_kind
kind_of(const xmlNode *root)
{
    for (int kind = MESSAGE_UNKNOWN + 1; kind < MESSAGE_KIND_COUNT; kind++)
        if (xml_is(root, kinds[kind].uri, kinds[kind].local))
            return (enum message_kind)kind;
    if (xml_is(root, NS_MD, "EntitiesDescriptor"))
        return MESSAGE_METADATA;
    if (xml_is(root, NS_SOAP12, "Fault"))
        return MESSAGE_SOAP_FAULT;
    if (xml_is(root, NS_WST13, "RequestSecurityToken"))
        return MESSAGE_WSTRUST_RST;
    if (xml_is(root, NS_WST13, "RequestSecurityTokenResponse") ||
        xml_is(root, NS_WST13, "RequestSecurityTokenResponseCollection") ||
        xml_is(root, NS_WST, "RequestSecurityTokenResponseCollection"))
        return MESSAGE_WSTRUST_RSTR;
    return MESSAGE_UNKNOWN;
}

/* The document element, or the one element that a SOAP envelope carries. */
static xmlNode *
message_element(xmlNode *root)
{
    const char *soap = xml_in(root, NS_SOAP12) ? NS_SOAP12 : NS_SOAP;
    xmlNode *body = xml_is(root, soap, "Envelope") ? xml_child(root, soap, "Body") : NULL;
    xmlNode *content = xml_first(body);

    return content != NULL && xml_next(content) == NULL ? content : root;
}

/* --- signatures and decryption ---------------------------------------------------------------------- */

static struct str *
copy_duplicates(struct saml_reader *reader)
{
    const struct saml_message *message = reader->message;
    struct str *ids = arena_calloc(reader->arena, message->duplicate_id_count, sizeof(*ids));

    for (size_t i = 0; ids != NULL && i < message->duplicate_id_count; i++)
        ids[i] = message->duplicate_ids[i].id;
    return ids;
}

static bool
read_signatures(struct saml_reader *reader, struct xml_document *document, struct dsig_budget *budget,
                struct dsig_list *list)
{
    const struct saml_options *options = reader->options;
    struct dsig_options dsig = {
        .keys = options->keys,
        .second_opinion = options->second_opinion,
        .explain = options->explain,
        .stopwatch = options->stopwatch,
        .keep_canonical = options->keep_canonical,
        .candidates = options->candidates,
        .candidate_count = options->candidate_count,
        .earlier = options->earlier,
        .earlier_count = options->earlier_count,
        .duplicate_ids = copy_duplicates(reader),
        .duplicate_id_count = reader->message->duplicate_id_count,
    };

    if (dsig.duplicate_ids == NULL || !dsig_read(document, &dsig, budget, list))
        return false;
    reader->message->signatures = list->items;
    reader->message->signature_count = list->count;
    return true;
}

static bool
is_encrypted(const xmlNode *node)
{
    if (xml_is_token(node))
        return xml_child(node, NS_XENC, "EncryptedData") != NULL;
    return xml_in(node, NS_SAML) &&
           (xml_is(node, NS_SAML, "EncryptedAssertion") || xml_is(node, NS_SAML, "EncryptedID") ||
            xml_is(node, NS_SAML, "EncryptedAttribute"));
}

static bool
open_encrypted(struct saml_reader *reader, struct xml_document *document, struct xml_element *element)
{
    struct saml_message *message = reader->message;
    struct xml_document *plaintext;
    struct saml_encrypted *facts;

    if (!arena_grow(reader->arena, (void **)&message->encrypted, message->encrypted_count, &reader->encrypted_capacity,
                    sizeof(*message->encrypted)))
        return false;
    facts = &message->encrypted[message->encrypted_count++];
    *facts = (struct saml_encrypted){ 0 };
    plaintext = arena_alloc(reader->arena, sizeof(*plaintext));
    if (plaintext == NULL)
        return false;
    if (!xenc_open(document, element->node, reader->options->keys, (uint32_t)reader->document_count,
                   &reader->key_operations, facts, plaintext))
        return !arena_failed(reader->arena);
    facts->document = plaintext->number;
    element->replacement = plaintext;
    reader->documents[reader->document_count++] = plaintext;
    return true;
}

/* Opens what is encrypted in document; plaintexts are appended to reader->documents. */
static bool
decrypt(struct saml_reader *reader, struct xml_document *document)
{
    for (uint32_t i = 0; i < document->element_count; i++) {
        if (!is_encrypted(document->elements[i].node))
            continue;
        if (reader->document_count > SAML_MAX_DECRYPTED)
            break;
        if (!open_encrypted(reader, document, &document->elements[i]))
            return false;
    }
    return true;
}

/*
 * The order of saml-verification 6.2: signatures of the untouched tree, then each plaintext, which is a
 * document of its own, with its signatures.
 */
static bool
read_layers(struct saml_reader *reader)
{
    struct dsig_budget budget = dsig_full_budget;
    struct dsig_list list = { 0 };

    if (!saml_find_duplicate_ids(reader))
        return false;
    for (size_t i = 0; i < reader->document_count; i++) {
        struct xml_document *document = reader->documents[i];

        if (!saml_survey(reader, document) || !read_signatures(reader, document, &budget, &list) ||
            !decrypt(reader, document))
            return false;
        if (reader->document_count > 1 && !saml_find_duplicate_ids(reader))
            return false;
    }
    return true;
}

/* --- facts -------------------------------------------------------------------------------------------- */

static void
read_head(struct saml_reader *reader)
{
    struct saml_message *message = reader->message;
    const xmlNode *root = reader->root;
    struct str uri = xml_namespace(root), local = xml_local_name(root);

    message->kind = kind_of(root);
    message->root_name = arena_printf(reader->arena, "{%.*s}%.*s", STR_ARG(uri), STR_ARG(local));
    message->where = xml_where(reader->documents[0], root);
    message->has_bom = reader->documents[0]->has_bom;
    message->declared_encoding = reader->documents[0]->declared_encoding;
    message->id = saml_value_of_attribute(reader, root, "ID");
    message->version = saml_value_of_attribute(reader, root, "Version");
    message->issue_instant = saml_time_of_attribute(reader, root, "IssueInstant");
    message->destination = saml_value_of_attribute(reader, root, "Destination");
    message->in_response_to = saml_value_of_attribute(reader, root, "InResponseTo");
    message->consent = saml_value_of_attribute(reader, root, "Consent");
    message->issuer = saml_name_id_of(reader, xml_child(root, NS_SAML, "Issuer"));
}

static bool
read_own_assertion(struct saml_reader *reader)
{
    struct saml_message *message = reader->message;

    message->assertions = arena_alloc(reader->arena, sizeof(*message->assertions));
    if (message->assertions == NULL)
        return false;
    message->assertion_count = 1;
    message->assertions[0].direct = true;
    return saml_read_assertion(reader, reader->root, &message->assertions[0]);
}

/* The head of a bare assertion of SAML 1.1 is written in other attributes. */
static bool
copy_own_assertion(struct saml_message *message)
{
    message->id = message->assertions[0].id;
    message->version = message->assertions[0].version;
    message->issuer = message->assertions[0].issuer;
    return true;
}

/* Whom a query, or a change of the name, is about. */
static void
read_subject(struct saml_reader *reader, const xmlNode *parent)
{
    struct saml_request *request = &reader->message->request;

    request->has_subject = parent != NULL;
    if (parent != NULL)
        request->subject_name_id = saml_name_id_child(reader, parent);
}

/* When the artifact was found, the status that matters is that of the Response behind it. */
static bool
read_artifact_response(struct saml_reader *reader, const xmlNode *response)
{
    struct saml_status *status = &reader->message->status;

    saml_read_status(reader, reader->root);
    if (response == NULL)
        return true;
    if (status->code_count > 0 && str_eq_c(status->codes[0].text, "urn:oasis:names:tc:SAML:2.0:status:Success")) {
        *status = (struct saml_status){ 0 };
        saml_read_status(reader, response);
    }
    return saml_read_assertions(reader, response);
}

static bool
read_body(struct saml_reader *reader)
{
    const xmlNode *root = reader->root;

    switch (reader->message->kind) {
    case MESSAGE_RESPONSE:
        saml_read_status(reader, root);
        return saml_read_assertions(reader, root);
    case MESSAGE_ARTIFACT_RESPONSE:
        return read_artifact_response(reader, xml_child(root, NS_SAMLP, "Response"));
    case MESSAGE_ASSERTION:
        return read_own_assertion(reader);
    case MESSAGE_SAML1_ASSERTION:
        return read_own_assertion(reader) && copy_own_assertion(reader->message);
    case MESSAGE_AUTHN_REQUEST:
        return saml_read_request(reader);
    case MESSAGE_LOGOUT_REQUEST:
        return saml_read_logout(reader);
    case MESSAGE_LOGOUT_RESPONSE:
    case MESSAGE_MANAGE_NAME_ID_RESPONSE:
        saml_read_status(reader, root);
        return true;
    case MESSAGE_ATTRIBUTE_QUERY:
    case MESSAGE_AUTHN_QUERY:
    case MESSAGE_AUTHZ_DECISION_QUERY:
        read_subject(reader, xml_child(root, NS_SAML, "Subject"));
        return true;
    case MESSAGE_NAME_ID_MAPPING_RESPONSE:
        saml_read_status(reader, root);
        read_subject(reader, root);
        return true;
    case MESSAGE_MANAGE_NAME_ID_REQUEST:
    case MESSAGE_NAME_ID_MAPPING_REQUEST:
        read_subject(reader, root);
        return true;
    case MESSAGE_METADATA:
        return saml_read_metadata(reader);
    case MESSAGE_SAML1_RESPONSE:
    case MESSAGE_SAML1_REQUEST:
        return saml1_read_message(reader);
    case MESSAGE_WSTRUST_RST:
    case MESSAGE_WSTRUST_RSTR:
        return wstrust_read(reader);
    default:
        return true;
    }
}

static bool
read_message(struct saml_reader *reader)
{
    struct saml_message *message = reader->message;

    message->signature = -1;
    read_head(reader);
    if (!read_layers(reader) || !soap_read(reader) || !read_body(reader) || !saml_read_strays(reader) ||
        !saml_find_attack(reader))
        return false;
    for (size_t i = 0; i < message->signature_count; i++)
        if (message->signature < 0 && message->signatures[i].document == 0 &&
            message->signatures[i].covers.element == message->where.element)
            message->signature = (int)i;
    for (size_t i = 0; i < reader->document_count; i++)
        if (!saml_check_schema(reader, reader->documents[i]))
            return false;
    return !arena_failed(reader->arena);
}

struct saml_message *
saml_read(struct arena *arena, struct str xml, const struct saml_options *options, struct xml_status *status)
{
    static const struct saml_options no_options = { 0 };
    struct xml_document document;
    struct saml_reader *reader;
    struct saml_message *message = NULL;

    if (!xml_parse(arena, xml, &xml_message_limits, &document, status))
        return NULL;
    reader = arena_alloc(arena, sizeof(*reader));
    if (reader != NULL)
        message = arena_alloc(arena, sizeof(*message));
    if (message != NULL) {
        *reader = (struct saml_reader){
            .arena = arena,
            .options = options != NULL ? options : &no_options,
            .message = message,
            .documents = { &document },
            .document_count = 1,
            .root = message_element(document.root),
            .key_operations = XENC_KEY_OPERATIONS,
        };
        if (!read_message(reader))
            message = NULL;
        for (size_t i = 1; i < reader->document_count; i++)
            xml_release(reader->documents[i]);
    }
    xml_release(&document);
    ERR_clear_error();
    if (message == NULL)
        *status = (struct xml_status){ .result = XML_NO_MEMORY, .text = STR("not enough memory") };
    return message;
}

bool
saml_library_init(const char **why)
{
    library_memory_watch();
    library_memory_keep();
    xml_library_init();
    return dsig_library_init(why);
}

void
saml_library_cleanup(void)
{
    dsig_library_cleanup();
    xml_library_cleanup();
}
