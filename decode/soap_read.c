/* SPDX-License-Identifier: MIT */
#include "saml_reader.h"

/* The envelope around a message: header blocks of PAOS and ECP (Profiles 4.2.4), and faults. */

static const struct {
    const char *uri;
    const char *local;
    const char *name;
} blocks[ECP_BLOCK_COUNT] = {
    [ECP_PAOS_REQUEST] = { NS_PAOS, "Request", "paos:Request" },
    [ECP_PAOS_RESPONSE] = { NS_PAOS, "Response", "paos:Response" },
    [ECP_REQUEST] = { NS_ECP, "Request", "ecp:Request" },
    [ECP_RESPONSE] = { NS_ECP, "Response", "ecp:Response" },
    [ECP_RELAY_STATE] = { NS_ECP, "RelayState", "ecp:RelayState" },
};

const char *
ecp_block_name(enum ecp_block block)
{
    return (unsigned)block < ECP_BLOCK_COUNT ? blocks[block].name : "unknown";
}

/* An attribute in the namespace of the envelope. */
static struct saml_value
soap_attribute(struct saml_reader *reader, const xmlNode *node, const char *space, const char *name)
{
    struct xml_document *document = saml_document_of(reader, node);
    struct saml_value value = { .text = xml_attribute_ns(document, node, space, name) };

    value.first = value.text;
    if (str_present(value.text))
        value.where = xml_where(document, node);
    return value;
}

static bool
read_providers(struct saml_reader *reader, const xmlNode *list, struct saml_soap *soap)
{
    size_t count = xml_count(list, NS_SAMLP, "IDPEntry");

    if (count > SOAP_MAX_PROVIDERS)
        count = SOAP_MAX_PROVIDERS;
    soap->providers = arena_calloc(reader->arena, count + 1, sizeof(*soap->providers));
    if (soap->providers == NULL)
        return false;
    for (const xmlNode *entry = xml_child(list, NS_SAMLP, "IDPEntry"); entry != NULL && soap->provider_count < count;
         entry = xml_next_named(entry, NS_SAMLP, "IDPEntry"))
        soap->providers[soap->provider_count++] = saml_value_of_attribute(reader, entry, "ProviderID");
    return true;
}

static bool
read_block(struct saml_reader *reader, const xmlNode *node, enum ecp_block block, const char *space)
{
    struct saml_soap *soap = &reader->message->soap;
    struct ecp_header *header = &soap->blocks[block];

    /* The first one counts; a second one is nothing that the profile knows. */
    if (header->where.element != 0)
        return true;
    header->where = xml_where(saml_document_of(reader, node), node);
    header->must_understand = soap_attribute(reader, node, space, "mustUnderstand");
    header->actor = soap_attribute(reader, node, space, soap->version12 ? "role" : "actor");
    switch (block) {
    case ECP_PAOS_REQUEST:
        soap->response_consumer_url = saml_value_of_attribute(reader, node, "responseConsumerURL");
        soap->service = saml_value_of_attribute(reader, node, "service");
        soap->message_id = saml_value_of_attribute(reader, node, "messageID");
        return true;
    case ECP_PAOS_RESPONSE:
        soap->ref_to_message_id = saml_value_of_attribute(reader, node, "refToMessageID");
        return true;
    case ECP_REQUEST:
        soap->provider_name = saml_value_of_attribute(reader, node, "ProviderName");
        soap->is_passive = saml_value_of_attribute(reader, node, "IsPassive");
        soap->issuer = saml_value_of_element(reader, xml_child(node, NS_SAML, "Issuer"));
        return read_providers(reader, xml_child(node, NS_SAMLP, "IDPList"), soap);
    case ECP_RESPONSE:
        soap->acs_url = saml_value_of_attribute(reader, node, "AssertionConsumerServiceURL");
        return true;
    default:
        soap->relay_state = saml_value_of_element(reader, node);
        return true;
    }
}

/* In SOAP 1.1 the parts have no namespace. */
static void
read_fault11(struct saml_reader *reader, struct saml_soap *soap)
{
    for (const xmlNode *node = xml_first(reader->root); node != NULL; node = xml_next(node)) {
        struct str name = xml_local_name(node);

        if (xml_namespace(node).len > 0)
            continue;
        if (str_eq_c(name, "faultcode"))
            soap->fault_code = saml_value_of_element(reader, node);
        else if (str_eq_c(name, "faultstring"))
            soap->fault_text = saml_value_of_element(reader, node);
        else if (str_eq_c(name, "faultactor"))
            soap->fault_actor = saml_value_of_element(reader, node);
    }
}

static void
read_fault12(struct saml_reader *reader, struct saml_soap *soap)
{
    const xmlNode *code = xml_child(reader->root, NS_SOAP12, "Code");
    const xmlNode *reason = xml_child(reader->root, NS_SOAP12, "Reason");
    const xmlNode *inner = xml_child(xml_child(code, NS_SOAP12, "Subcode"), NS_SOAP12, "Value");

    soap->fault_code = saml_value_of_element(reader, inner != NULL ? inner : xml_child(code, NS_SOAP12, "Value"));
    soap->fault_text = saml_value_of_element(reader, xml_child(reason, NS_SOAP12, "Text"));
    soap->fault_actor = saml_value_of_element(reader, xml_child(reader->root, NS_SOAP12, "Role"));
}

bool
soap_read(struct saml_reader *reader)
{
    struct saml_soap *soap = &reader->message->soap;
    const xmlNode *envelope = reader->documents[0]->root, *header;
    const char *space = xml_in(envelope, NS_SOAP12) ? NS_SOAP12 : NS_SOAP;

    if (!xml_is(envelope, space, "Envelope"))
        return true;
    soap->present = true;
    soap->version12 = xml_in(envelope, NS_SOAP12);
    if (reader->message->kind == MESSAGE_SOAP_FAULT)
        (soap->version12 ? read_fault12 : read_fault11)(reader, soap);
    header = xml_child(envelope, space, "Header");
    for (const xmlNode *node = xml_first(header); node != NULL; node = xml_next(node))
        for (int block = 0; block < ECP_BLOCK_COUNT; block++)
            if (xml_is(node, blocks[block].uri, blocks[block].local) &&
                !read_block(reader, node, (enum ecp_block)block, space))
                return false;
    return true;
}
