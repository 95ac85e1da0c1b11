/* SPDX-License-Identifier: MIT */
#include "saml_reader.h"

void
saml_read_status(struct saml_reader *reader, const xmlNode *parent)
{
    struct saml_status *status = &reader->message->status;
    const xmlNode *node = xml_child(parent, NS_SAMLP, "Status");
    const xmlNode *code = xml_child(node, NS_SAMLP, "StatusCode");

    if (node == NULL)
        return;
    status->present = true;
    status->message = saml_value_of_element(reader, xml_child(node, NS_SAMLP, "StatusMessage"));
    status->has_detail = xml_child(node, NS_SAMLP, "StatusDetail") != NULL;
    for (; code != NULL && status->code_count < SAML_MAX_STATUS_CODES; code = xml_child(code, NS_SAMLP, "StatusCode"))
        status->codes[status->code_count++] = saml_value_of_attribute(reader, code, "Value");
}

static bool
read_values(struct saml_reader *reader, const xmlNode *parent, const char *uri, const char *name,
            struct saml_value **values, size_t *count)
{
    *values = arena_calloc(reader->arena, xml_count(parent, uri, name) + 1, sizeof(**values));
    if (*values == NULL)
        return false;
    for (const xmlNode *node = xml_child(parent, uri, name); node != NULL; node = xml_next_named(node, uri, name))
        (*values)[(*count)++] = saml_value_of_element(reader, node);
    return true;
}

static void
read_request_subject(struct saml_reader *reader, const xmlNode *subject, struct saml_request *request)
{
    request->subject_name_id = saml_name_id_child(reader, subject);
    request->subject_confirmation_count = xml_count(subject, NS_SAML, "SubjectConfirmation");
    request->subject_where = xml_where(saml_document_of(reader, subject), subject);
}

bool
saml_read_request(struct saml_reader *reader)
{
    struct saml_request *request = &reader->message->request;
    const xmlNode *root = reader->root;
    const xmlNode *policy = xml_child(root, NS_SAMLP, "NameIDPolicy");
    const xmlNode *context = xml_child(root, NS_SAMLP, "RequestedAuthnContext");
    const xmlNode *subject = xml_child(root, NS_SAML, "Subject");

    *request = (struct saml_request){
        .acs_url = saml_value_of_attribute(reader, root, "AssertionConsumerServiceURL"),
        .acs_index = saml_value_of_attribute(reader, root, "AssertionConsumerServiceIndex"),
        .protocol_binding = saml_value_of_attribute(reader, root, "ProtocolBinding"),
        .force_authn = saml_value_of_attribute(reader, root, "ForceAuthn"),
        .is_passive = saml_value_of_attribute(reader, root, "IsPassive"),
        .provider_name = saml_value_of_attribute(reader, root, "ProviderName"),
        .has_name_id_policy = policy != NULL,
        .policy_format = saml_value_of_attribute(reader, policy, "Format"),
        .policy_sp_name_qualifier = saml_value_of_attribute(reader, policy, "SPNameQualifier"),
        .policy_allow_create = saml_value_of_attribute(reader, policy, "AllowCreate"),
        .has_requested_context = context != NULL,
        .comparison = saml_value_of_attribute(reader, context, "Comparison"),
        .has_subject = subject != NULL,
    };
    if (subject != NULL)
        read_request_subject(reader, subject, request);
    return context == NULL || read_values(reader, context, NS_SAML, "AuthnContextClassRef", &request->class_refs,
                                          &request->class_ref_count);
}

bool
saml_read_logout(struct saml_reader *reader)
{
    struct saml_logout *logout = &reader->message->logout;
    const xmlNode *root = reader->root;

    logout->name_id = saml_name_id_child(reader, root);
    logout->reason = saml_value_of_attribute(reader, root, "Reason");
    logout->not_on_or_after = saml_time_of_attribute(reader, root, "NotOnOrAfter");
    return read_values(reader, root, NS_SAMLP, "SessionIndex", &logout->session_indexes, &logout->session_index_count);
}
