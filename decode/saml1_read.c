/* SPDX-License-Identifier: MIT */
#include "saml_reader.h"

/*
 * SAML 1.1 (Core 1.1, 2.3 and 3.4): the same facts under other names. There the subject stands in every
 * statement, and the issuer is an attribute.
 */

/* "1.1" from its two attributes. */
static struct saml_value
version_of(struct saml_reader *reader, const xmlNode *node)
{
    struct saml_value major = saml_value_of_attribute(reader, node, "MajorVersion");
    struct saml_value minor = saml_value_of_attribute(reader, node, "MinorVersion");

    if (!str_present(major.text) && !str_present(minor.text))
        return major;
    major.text = arena_printf(reader->arena, "%.*s.%.*s", STR_ARG(major.text), STR_ARG(minor.text));
    major.first = major.text;
    return major;
}

static struct saml_name_id
name_identifier(struct saml_reader *reader, const xmlNode *node)
{
    return (struct saml_name_id){
        .value = saml_value_of_element(reader, node),
        .format = saml_value_of_attribute(reader, node, "Format"),
        .name_qualifier = saml_value_of_attribute(reader, node, "NameQualifier"),
    };
}

/* --- subject ------------------------------------------------------------------------------------------ */

static bool
read_confirmations(struct saml_reader *reader, const xmlNode *subject, struct saml_assertion *assertion)
{
    const xmlNode *node = xml_child(subject, NS_SAML1, "SubjectConfirmation");
    size_t count = xml_count(node, NS_SAML1, "ConfirmationMethod");

    assertion->confirmations = arena_calloc(reader->arena, count, sizeof(*assertion->confirmations));
    if (assertion->confirmations == NULL)
        return false;
    for (const xmlNode *method = xml_child(node, NS_SAML1, "ConfirmationMethod"); method != NULL;
         method = xml_next_named(method, NS_SAML1, "ConfirmationMethod"))
        assertion->confirmations[assertion->confirmation_count++] = (struct saml_confirmation){
            .where = xml_where(saml_document_of(reader, method), method),
            .method = saml_value_of_element(reader, method),
        };
    return true;
}

/* The first subject is the one that is read; another in a later statement is noted. */
static bool
read_subject(struct saml_reader *reader, const xmlNode *statement, struct saml_assertion *assertion)
{
    const xmlNode *subject = xml_child(statement, NS_SAML1, "Subject");
    struct saml_name_id name_id;

    if (subject == NULL)
        return true;
    name_id = name_identifier(reader, xml_child(subject, NS_SAML1, "NameIdentifier"));
    if (!assertion->has_subject) {
        assertion->has_subject = true;
        assertion->name_id = name_id;
        return read_confirmations(reader, subject, assertion);
    }
    if (!str_present(assertion->other_name_id.text) && !str_eq(name_id.value.text, assertion->name_id.value.text))
        assertion->other_name_id = name_id.value;
    return true;
}

/* --- conditions --------------------------------------------------------------------------------------- */

/* SAML 1.1 does not limit proxies. */
static const struct saml_condition_names condition_names = {
    .space = NS_SAML1,
    .audience_restriction = "AudienceRestrictionCondition",
    .one_time_use = "DoNotCacheCondition",
};

/* --- statements --------------------------------------------------------------------------------------- */

static bool
read_authentication_statements(struct saml_reader *reader, const xmlNode *node, struct saml_assertion *assertion)
{
    size_t count = xml_count(node, NS_SAML1, "AuthenticationStatement");

    assertion->authn_statements = arena_calloc(reader->arena, count, sizeof(*assertion->authn_statements));
    if (assertion->authn_statements == NULL)
        return false;
    for (const xmlNode *statement = xml_child(node, NS_SAML1, "AuthenticationStatement"); statement != NULL;
         statement = xml_next_named(statement, NS_SAML1, "AuthenticationStatement"))
        assertion->authn_statements[assertion->authn_statement_count++] = (struct saml_authn_statement){
            .where = xml_where(saml_document_of(reader, statement), statement),
            .authn_instant = saml_time_of_attribute(reader, statement, "AuthenticationInstant"),
            .class_ref = saml_value_of_attribute(reader, statement, "AuthenticationMethod"),
            .has_context = true,
        };
    return true;
}

static bool
read_attribute(struct saml_reader *reader, const xmlNode *node, struct saml_attribute *attribute)
{
    struct xml_document *document = saml_document_of(reader, node);

    attribute->where = xml_where(document, node);
    attribute->name = saml_value_of_attribute(reader, node, "AttributeName");
    attribute->name_space = saml_value_of_attribute(reader, node, "AttributeNamespace");
    attribute->values =
        arena_calloc(reader->arena, xml_count(node, NS_SAML1, "AttributeValue"), sizeof(*attribute->values));
    if (attribute->values == NULL)
        return false;
    for (const xmlNode *value = xml_child(node, NS_SAML1, "AttributeValue"); value != NULL;
         value = xml_next_named(value, NS_SAML1, "AttributeValue"))
        attribute->values[attribute->value_count++] = (struct saml_attribute_value){
            .value = saml_value_of_element(reader, value),
            .structured = xml_has_element_child(value),
            .type = xml_attribute_ns(document, value, NS_XSI, "type"),
        };
    return true;
}

static bool
read_attribute_statements(struct saml_reader *reader, const xmlNode *node, struct saml_assertion *assertion)
{
    size_t count = 0;

    for (const xmlNode *statement = xml_child(node, NS_SAML1, "AttributeStatement"); statement != NULL;
         statement = xml_next_named(statement, NS_SAML1, "AttributeStatement"))
        count += xml_count(statement, NS_SAML1, "Attribute");
    assertion->attributes = arena_calloc(reader->arena, count, sizeof(*assertion->attributes));
    if (assertion->attributes == NULL)
        return false;
    for (const xmlNode *statement = xml_child(node, NS_SAML1, "AttributeStatement"); statement != NULL;
         statement = xml_next_named(statement, NS_SAML1, "AttributeStatement")) {
        for (const xmlNode *child = xml_child(statement, NS_SAML1, "Attribute"); child != NULL;
             child = xml_next_named(child, NS_SAML1, "Attribute")) {
            struct saml_attribute *attribute = &assertion->attributes[assertion->attribute_count++];

            attribute->statement = assertion->attribute_statement_count;
            if (!read_attribute(reader, child, attribute))
                return false;
        }
        assertion->attribute_statement_count++;
    }
    return true;
}

bool
saml1_read_assertion(struct saml_reader *reader, const xmlNode *node, struct saml_assertion *assertion)
{
    const xmlNode *conditions = xml_child(node, NS_SAML1, "Conditions");

    assertion->saml1 = true;
    assertion->where = xml_where(saml_document_of(reader, node), node);
    assertion->id = saml_value_of_attribute(reader, node, "AssertionID");
    assertion->version = version_of(reader, node);
    assertion->issue_instant = saml_time_of_attribute(reader, node, "IssueInstant");
    assertion->issuer.value = saml_value_of_attribute(reader, node, "Issuer");
    assertion->signature = saml_own_signature(reader->message, assertion->where);
    for (const xmlNode *statement = xml_first(node); statement != NULL; statement = xml_next(statement))
        if (!xml_is(statement, NS_SAML1, "Advice") && !read_subject(reader, statement, assertion))
            return false;
    if (conditions != NULL && !saml_read_conditions(reader, conditions, &condition_names, assertion))
        return false;
    return read_authentication_statements(reader, node, assertion) &&
           read_attribute_statements(reader, node, assertion);
}

/* --- protocol ----------------------------------------------------------------------------------------- */

/* Status codes are qualified names: "samlp:Success". */
static void
read_status(struct saml_reader *reader)
{
    struct saml_status *status = &reader->message->status;
    const xmlNode *node = xml_child(reader->root, NS_SAMLP1, "Status");
    const xmlNode *code = xml_child(node, NS_SAMLP1, "StatusCode");

    if (node == NULL)
        return;
    status->present = true;
    status->message = saml_value_of_element(reader, xml_child(node, NS_SAMLP1, "StatusMessage"));
    status->has_detail = xml_child(node, NS_SAMLP1, "StatusDetail") != NULL;
    for (; code != NULL && status->code_count < SAML_MAX_STATUS_CODES; code = xml_child(code, NS_SAMLP1, "StatusCode"))
        status->codes[status->code_count++] = saml_value_of_attribute(reader, code, "Value");
}

bool
saml1_read_message(struct saml_reader *reader)
{
    struct saml_message *message = reader->message;
    bool response = message->kind == MESSAGE_SAML1_RESPONSE;

    message->id = saml_value_of_attribute(reader, reader->root, response ? "ResponseID" : "RequestID");
    message->version = version_of(reader, reader->root);
    message->destination = saml_value_of_attribute(reader, reader->root, "Recipient");
    if (!response)
        return true;
    read_status(reader);
    return saml_read_assertions(reader, reader->root);
}
