/* SPDX-License-Identifier: MIT */
#include "saml_reader.h"

/*
 * Counts, then reads: the arrays of an assertion are allocated at their size. Every loop runs over
 * the children once.
 */

static const struct saml_condition_names condition_names = {
    .space = NS_SAML,
    .audience_restriction = "AudienceRestriction",
    .one_time_use = "OneTimeUse",
    .proxy_restriction = "ProxyRestriction",
};

static bool
read_confirmations(struct saml_reader *reader, const xmlNode *subject, struct saml_assertion *assertion)
{
    size_t count = xml_count(subject, NS_SAML, "SubjectConfirmation");

    assertion->confirmations = arena_calloc(reader->arena, count, sizeof(*assertion->confirmations));
    if (assertion->confirmations == NULL)
        return false;
    for (const xmlNode *node = xml_child(subject, NS_SAML, "SubjectConfirmation"); node != NULL;
         node = xml_next_named(node, NS_SAML, "SubjectConfirmation")) {
        const xmlNode *data = xml_child(node, NS_SAML, "SubjectConfirmationData");

        assertion->confirmations[assertion->confirmation_count++] = (struct saml_confirmation){
            .where = xml_where(saml_document_of(reader, node), node),
            .method = saml_value_of_attribute(reader, node, "Method"),
            .has_data = data != NULL,
            .recipient = saml_value_of_attribute(reader, data, "Recipient"),
            .in_response_to = saml_value_of_attribute(reader, data, "InResponseTo"),
            .address = saml_value_of_attribute(reader, data, "Address"),
            .not_before = saml_time_of_attribute(reader, data, "NotBefore"),
            .not_on_or_after = saml_time_of_attribute(reader, data, "NotOnOrAfter"),
        };
    }
    return true;
}

static bool
read_authn_statements(struct saml_reader *reader, const xmlNode *node, struct saml_assertion *assertion)
{
    size_t count = xml_count(node, NS_SAML, "AuthnStatement");

    assertion->authn_statements = arena_calloc(reader->arena, count, sizeof(*assertion->authn_statements));
    if (assertion->authn_statements == NULL)
        return false;
    for (const xmlNode *statement = xml_child(node, NS_SAML, "AuthnStatement"); statement != NULL;
         statement = xml_next_named(statement, NS_SAML, "AuthnStatement")) {
        const xmlNode *context = xml_child(statement, NS_SAML, "AuthnContext");

        assertion->authn_statements[assertion->authn_statement_count++] = (struct saml_authn_statement){
            .where = xml_where(saml_document_of(reader, statement), statement),
            .authn_instant = saml_time_of_attribute(reader, statement, "AuthnInstant"),
            .session_index = saml_value_of_attribute(reader, statement, "SessionIndex"),
            .session_not_on_or_after = saml_time_of_attribute(reader, statement, "SessionNotOnOrAfter"),
            .class_ref = saml_value_of_element(reader, xml_child(context, NS_SAML, "AuthnContextClassRef")),
            .has_context = context != NULL,
            .has_decl = xml_child(context, NS_SAML, "AuthnContextDecl") != NULL ||
                        xml_child(context, NS_SAML, "AuthnContextDeclRef") != NULL,
        };
    }
    return true;
}

static bool
read_attribute(struct saml_reader *reader, const xmlNode *node, struct saml_attribute *attribute)
{
    struct xml_document *document = saml_document_of(reader, node);
    size_t count = xml_count(node, NS_SAML, "AttributeValue");

    attribute->where = xml_where(document, node);
    attribute->name = saml_value_of_attribute(reader, node, "Name");
    attribute->name_format = saml_value_of_attribute(reader, node, "NameFormat");
    attribute->friendly_name = saml_value_of_attribute(reader, node, "FriendlyName");
    attribute->values = arena_calloc(reader->arena, count, sizeof(*attribute->values));
    if (attribute->values == NULL)
        return false;
    for (const xmlNode *value = xml_child(node, NS_SAML, "AttributeValue"); value != NULL;
         value = xml_next_named(value, NS_SAML, "AttributeValue")) {
        struct str nil = xml_attribute_ns(document, value, NS_XSI, "nil");

        attribute->values[attribute->value_count++] = (struct saml_attribute_value){
            .value = saml_value_of_element(reader, value),
            .nil = str_eq_c(nil, "true") || str_eq_c(nil, "1"),
            .structured = xml_has_element_child(value),
            .type = xml_attribute_ns(document, value, NS_XSI, "type"),
        };
    }
    return true;
}

/* Attribute children of one statement, and those that were encrypted and could be opened. */
static bool
read_statement(struct saml_reader *reader, const xmlNode *statement, struct saml_assertion *assertion)
{
    for (const xmlNode *node = xml_first(statement); node != NULL; node = xml_next(node)) {
        struct saml_attribute *attribute = &assertion->attributes[assertion->attribute_count];
        const struct xml_document *opened = NULL;

        if (xml_is(node, NS_SAML, "EncryptedAttribute")) {
            opened = xml_element_of(node)->replacement;
            if (opened == NULL || !xml_is(opened->root, NS_SAML, "Attribute")) {
                assertion->encrypted_attribute_count++;
                continue;
            }
        } else if (!xml_is(node, NS_SAML, "Attribute")) {
            continue;
        }
        if (!read_attribute(reader, opened ? opened->root : node, attribute))
            return false;
        attribute->statement = assertion->attribute_statement_count;
        attribute->was_encrypted = opened != NULL;
        assertion->attribute_count++;
    }
    return true;
}

static bool
read_attribute_statements(struct saml_reader *reader, const xmlNode *node, struct saml_assertion *assertion)
{
    size_t count = 0;

    for (const xmlNode *statement = xml_child(node, NS_SAML, "AttributeStatement"); statement != NULL;
         statement = xml_next_named(statement, NS_SAML, "AttributeStatement"))
        count += xml_count(statement, NS_SAML, "Attribute") + xml_count(statement, NS_SAML, "EncryptedAttribute");
    assertion->attributes = arena_calloc(reader->arena, count + 1, sizeof(*assertion->attributes));
    if (assertion->attributes == NULL)
        return false;
    for (const xmlNode *statement = xml_child(node, NS_SAML, "AttributeStatement"); statement != NULL;
         statement = xml_next_named(statement, NS_SAML, "AttributeStatement")) {
        if (!read_statement(reader, statement, assertion))
            return false;
        assertion->attribute_statement_count++;
    }
    return true;
}

int
saml_own_signature(const struct saml_message *message, struct where where)
{
    for (size_t i = 0; i < message->signature_count; i++)
        if (message->signatures[i].covers.element == where.element && message->signatures[i].document == where.document)
            return (int)i;
    return -1;
}

bool
saml_read_assertion(struct saml_reader *reader, const xmlNode *node, struct saml_assertion *assertion)
{
    const xmlNode *subject = xml_child(node, NS_SAML, "Subject");
    const xmlNode *conditions = xml_child(node, NS_SAML, "Conditions");
    const xmlNode *encrypted_id = xml_child(subject, NS_SAML, "EncryptedID");

    if (xml_in(node, NS_SAML1))
        return saml1_read_assertion(reader, node, assertion);
    assertion->where = xml_where(saml_document_of(reader, node), node);
    assertion->id = saml_value_of_attribute(reader, node, "ID");
    assertion->version = saml_value_of_attribute(reader, node, "Version");
    assertion->issue_instant = saml_time_of_attribute(reader, node, "IssueInstant");
    assertion->issuer = saml_name_id_of(reader, xml_child(node, NS_SAML, "Issuer"));
    assertion->signature = saml_own_signature(reader->message, assertion->where);
    assertion->has_subject = subject != NULL;
    if (subject != NULL) {
        assertion->name_id = saml_name_id_child(reader, subject);
        if (encrypted_id != NULL && xml_element_of(encrypted_id)->replacement == NULL)
            assertion->encrypted_id_count++;
        if (!read_confirmations(reader, subject, assertion))
            return false;
    }
    if (conditions != NULL && !saml_read_conditions(reader, conditions, &condition_names, assertion))
        return false;
    return read_authn_statements(reader, node, assertion) && read_attribute_statements(reader, node, assertion);
}

/* The assertion itself among what may stand for it; NULL: node is none, or could not be opened. */
static const xmlNode *
assertion_at(struct saml_reader *reader, const xmlNode *parent, const xmlNode *node, bool *opened)
{
    const struct xml_document *plaintext = NULL;
    const xmlNode *found = node;

    if (xml_is(node, NS_SAML, "EncryptedAssertion")) {
        reader->message->encrypted_assertion_count++;
        plaintext = xml_element_of(node)->replacement;
        found = plaintext != NULL ? plaintext->root : NULL;
    } else if (xml_is(node, NS_XENC, "EncryptedData") && xml_is_token(parent)) {
        reader->message->encrypted_assertion_count++;
        plaintext = xml_element_of(parent)->replacement;
        found = plaintext != NULL ? plaintext->root : NULL;
    }
    *opened = plaintext != NULL;
    if (xml_in(parent, NS_SAMLP1))
        return xml_is(found, NS_SAML1, "Assertion") ? found : NULL;
    return xml_is(found, NS_SAML, "Assertion") || (xml_is_token(parent) && xml_is(found, NS_SAML1, "Assertion")) ? found
                                                                                                                 : NULL;
}

bool
saml_read_assertions(struct saml_reader *reader, const xmlNode *parent)
{
    struct saml_message *message = reader->message;

    for (const xmlNode *node = xml_first(parent); node != NULL; node = xml_next(node)) {
        struct saml_assertion *assertion;
        bool opened;
        const xmlNode *found = assertion_at(reader, parent, node, &opened);

        if (found == NULL)
            continue;
        if (!arena_grow(reader->arena, (void **)&message->assertions, message->assertion_count,
                        &reader->assertion_capacity, sizeof(*message->assertions)))
            return false;
        assertion = &message->assertions[message->assertion_count++];
        *assertion = (struct saml_assertion){ .direct = true, .was_encrypted = opened };
        if (!saml_read_assertion(reader, found, assertion))
            return false;
    }
    return true;
}
