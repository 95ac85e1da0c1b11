/* SPDX-License-Identifier: MIT */
#include <libxml/uri.h>
#include <stdlib.h>
#include <string.h>

#include "saml_reader.h"

/* --- processing instructions, white space, namespaces ------------------------------------------------ */

static bool
is_blank(const xmlNode *text)
{
    const char *c = (const char *)text->content;

    return c != NULL && *c != '\0' && c[strspn(c, " \t\r\n")] == '\0';
}

/* The test that libxml2's canonicaliser makes before it gives up on the whole document. */
static bool
is_relative(const xmlNs *ns)
{
    xmlURI *uri;
    bool relative;

    if (ns->href == NULL || ns->href[0] == '\0')
        return false;
    uri = xmlParseURI((const char *)ns->href);
    relative = uri == NULL || uri->scheme == NULL || uri->scheme[0] == '\0';
    xmlFreeURI(uri);
    return relative;
}

static bool
note_instruction(struct saml_reader *reader, struct xml_document *document, const xmlNode *node)
{
    struct saml_message *message = reader->message;
    struct saml_value *value;

    if (message->processing_instruction_count >= SAML_MAX_INSTRUCTIONS)
        return true;
    if (!arena_grow(reader->arena, (void **)&message->processing_instructions, message->processing_instruction_count,
                    &reader->instruction_capacity, sizeof(*message->processing_instructions)))
        return false;
    value = &message->processing_instructions[message->processing_instruction_count++];
    value->text = arena_printf(reader->arena, "%s %s", (const char *)node->name,
                               node->content ? (const char *)node->content : "");
    value->first = value->text;
    value->where = xml_where(document, node->parent);
    return true;
}

/* A name that careless readers look for without its namespace (XML-08). */
static bool
is_confusing(const xmlNode *element)
{
    static const char *const names[] = { "Response", "Assertion",           "EncryptedAssertion", "Subject",
                                         "NameID",   "SubjectConfirmation", "Conditions",         "AuthnStatement",
                                         "Audience", "AttributeStatement",  "Signature" };
    static const char *const spaces[] = { NS_SAML, NS_SAMLP, NS_SAML1, NS_SAMLP1, NS_DS, NS_MD };

    for (size_t i = 0; i < COUNT_OF(spaces); i++)
        if (xml_in(element, spaces[i]))
            return false;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if ((char)*element->name == *names[i] && strcmp((const char *)element->name, names[i]) == 0)
            return true;
    return false;
}

static bool
note_confused(struct saml_reader *reader, struct xml_document *document, const xmlNode *element)
{
    struct saml_message *message = reader->message;
    struct str uri = xml_namespace(element), local = xml_local_name(element);
    struct saml_value *value;

    if (message->confused_count >= SAML_MAX_CONFUSED)
        return true;
    if (!arena_grow(reader->arena, (void **)&message->confused, message->confused_count, &reader->confused_capacity,
                    sizeof(*message->confused)))
        return false;
    value = &message->confused[message->confused_count++];
    *value = (struct saml_value){ .text = arena_printf(reader->arena, "{%.*s}%.*s", STR_ARG(uri), STR_ARG(local)),
                                  .where = xml_where(document, element) };
    value->first = str_eq_c(local, "NameID") ? xml_text(document, element) : (struct str){ 0 };
    return true;
}

/* A namespace that none of the standards uses which messages and metadata are made of. */
static bool
is_extension(const xmlNode *element)
{
    static const char *const spaces[] = { NS_SAML, NS_SAMLP,  NS_SAML1, NS_SAMLP1, NS_MD,    NS_DS,
                                          NS_XENC, NS_XENC11, NS_EC,    NS_SOAP,   NS_WST13, NS_WST };

    for (size_t i = 0; i < COUNT_OF(spaces); i++)
        if (xml_in(element, spaces[i]))
            return false;
    return element->ns != NULL;
}

static bool
note_namespace(struct saml_reader *reader, const xmlNode *element)
{
    struct saml_message *message = reader->message;
    struct str uri = xml_namespace(element);

    if (message->extension_namespace_count >= SAML_MAX_NAMESPACES)
        return true;
    for (size_t i = 0; i < message->extension_namespace_count; i++)
        if (str_eq(message->extension_namespaces[i], uri))
            return true;
    if (!arena_grow(reader->arena, (void **)&message->extension_namespaces, message->extension_namespace_count,
                    &reader->namespace_capacity, sizeof(*message->extension_namespaces)))
        return false;
    message->extension_namespaces[message->extension_namespace_count++] = arena_copy(reader->arena, uri);
    return !arena_failed(reader->arena);
}

/* --- attributes for schema processors (XML-14) ---------------------------------------------------------- */

/* Abstract types, and values of any type: there xsi:type has its place (Core 2.3.3, 2.5.1, 2.7.3.1.1). */
static bool
may_have_type(const xmlNode *element)
{
    static const char *const names[] = { "AttributeValue", "Statement", "Condition", "BaseID",
                                         "SubjectConfirmationData" };

    if (!xml_in(element, NS_SAML) && !xml_in(element, NS_SAMLP) && !xml_in(element, NS_DS))
        return true;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (xml_is(element, NS_SAML, names[i]))
            return true;
    return false;
}

static bool
note_hint(struct saml_reader *reader, struct xml_document *document, const xmlNode *element, const xmlAttr *attribute)
{
    struct saml_message *message = reader->message;
    bool location = strcmp((const char *)attribute->name, "type") != 0;
    struct saml_schema_hint *hint;

    if (message->schema_hint_count >= SAML_MAX_HINTS)
        return true;
    if (!arena_grow(reader->arena, (void **)&message->schema_hints, message->schema_hint_count, &reader->hint_capacity,
                    sizeof(*message->schema_hints)))
        return false;
    hint = &message->schema_hints[message->schema_hint_count++];
    *hint = (struct saml_schema_hint){ .element = arena_copy(reader->arena, xml_local_name(element)),
                                       .value.text = xml_attribute_value(document, attribute),
                                       .value.where = xml_where(document, element),
                                       .location = location };
    return true;
}

static bool
note_hints(struct saml_reader *reader, struct xml_document *document, const xmlNode *element)
{
    for (const xmlAttr *attribute = element->properties; attribute != NULL; attribute = attribute->next) {
        const char *name = (const char *)attribute->name;
        bool type, location;

        if (attribute->ns == NULL || strcmp((const char *)attribute->ns->href, NS_XSI) != 0)
            continue;
        type = strcmp(name, "type") == 0 && !may_have_type(element);
        location = strcmp(name, "schemaLocation") == 0 || strcmp(name, "noNamespaceSchemaLocation") == 0;
        if ((type || location) && !note_hint(reader, document, element, attribute))
            return false;
    }
    return true;
}

bool
saml_survey(struct saml_reader *reader, struct xml_document *document)
{
    struct saml_message *message = reader->message;

    for (uint32_t i = 0; i < document->element_count; i++) {
        const xmlNode *element = document->elements[i].node;

        if (is_confusing(element) && !note_confused(reader, document, element))
            return false;
        if (is_extension(element) && !note_namespace(reader, element))
            return false;
        if (!note_hints(reader, document, element))
            return false;
        for (const xmlNs *ns = element->nsDef; ns != NULL && !message->relative_namespace; ns = ns->next)
            message->relative_namespace = is_relative(ns);
        for (const xmlNode *node = element->children; node != NULL; node = node->next) {
            if (node->type == XML_PI_NODE && !note_instruction(reader, document, node))
                return false;
            if (node->type == XML_TEXT_NODE && !message->whitespace_only_nodes && element->children->next != NULL)
                message->whitespace_only_nodes = is_blank(node);
        }
    }
    return true;
}

/* --- IDs ------------------------------------------------------------------------------------------------ */

struct id {
    struct str value;
    const xmlNode *node;
    const char *name;
    size_t order;
};

static int
compare_ids(const void *a, const void *b)
{
    const struct id *left = a, *right = b;
    int order = str_compare(left->value, right->value);

    if (order != 0)
        return order;
    return left->order < right->order ? -1 : left->order > right->order;
}

/* Every attribute that some library takes for an identifier, whatever the element (XML-06). */
static bool
names_an_id(const xmlAttr *attribute)
{
    static const char *const names[] = { "ID", "Id", "id", "AssertionID", "RequestID", "ResponseID" };
    const char *name = (const char *)attribute->name;

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (*name == *names[i] && strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool
collect_ids(struct saml_reader *reader, struct xml_document *document, struct id **ids, size_t *count, size_t *capacity)
{
    for (uint32_t i = 0; i < document->element_count; i++) {
        const xmlNode *node = document->elements[i].node;

        for (const xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next) {
            if (!names_an_id(attribute))
                continue;
            if (!arena_grow(reader->arena, (void **)ids, *count, capacity, sizeof(**ids)))
                return false;
            (*ids)[*count] = (struct id){
                .value = attribute->children && !attribute->children->next
                             ? str_from((const char *)attribute->children->content)
                             : xml_attribute_value(document, attribute),
                .node = node,
                .name = (const char *)attribute->name,
                .order = *count,
            };
            ++*count;
        }
    }
    return true;
}

bool
saml_find_duplicate_ids(struct saml_reader *reader)
{
    struct saml_message *message = reader->message;
    struct id *ids = NULL;
    size_t count = 0, capacity = 0, found_capacity = 0;

    message->duplicate_ids = NULL;
    message->duplicate_id_count = 0;
    for (size_t i = 0; i < reader->document_count; i++)
        if (!collect_ids(reader, reader->documents[i], &ids, &count, &capacity))
            return false;
    if (count < 2)
        return true;
    qsort(ids, count, sizeof(*ids), compare_ids);
    for (size_t i = 1; i < count && message->duplicate_id_count < SAML_MAX_DUPLICATES; i++) {
        struct saml_duplicate_id *found;

        if (!str_eq(ids[i - 1].value, ids[i].value))
            continue;
        /* One element may say the same ID under two names: that is not ambiguous. */
        if (ids[i - 1].node == ids[i].node)
            continue;
        if (!arena_grow(reader->arena, (void **)&message->duplicate_ids, message->duplicate_id_count, &found_capacity,
                        sizeof(*message->duplicate_ids)))
            return false;
        found = &message->duplicate_ids[message->duplicate_id_count++];
        found->id = arena_copy(reader->arena, ids[i].value);
        found->first = xml_where_attribute(saml_document_of(reader, ids[i - 1].node), ids[i - 1].node, ids[i - 1].name);
        found->second = xml_where_attribute(saml_document_of(reader, ids[i].node), ids[i].node, ids[i].name);
    }
    return true;
}

/* --- stray assertions -------------------------------------------------------------------------------- */

static bool
is_known(const struct saml_message *message, const struct xml_document *document, uint32_t number)
{
    for (size_t i = 0; i < message->assertion_count; i++)
        if (message->assertions[i].where.element == number && message->assertions[i].where.document == document->number)
            return true;
    return false;
}

static bool
read_strays_of(struct saml_reader *reader, struct xml_document *document)
{
    struct saml_message *message = reader->message;

    for (uint32_t i = 0; i < document->element_count; i++) {
        const xmlNode *node = document->elements[i].node;
        struct saml_assertion *stray;

        if ((!xml_is(node, NS_SAML, "Assertion") && !xml_is(node, NS_SAML1, "Assertion")) ||
            is_known(message, document, i + 1))
            continue;
        if (message->stray_assertion_count >= SAML_MAX_STRAY)
            return true;
        if (!arena_grow(reader->arena, (void **)&message->stray_assertions, message->stray_assertion_count,
                        &reader->stray_capacity, sizeof(*message->stray_assertions)))
            return false;
        stray = &message->stray_assertions[message->stray_assertion_count++];
        *stray = (struct saml_assertion){ .was_encrypted = document->number != 0 };
        if (!saml_read_assertion(reader, node, stray))
            return false;
    }
    return true;
}

bool
saml_read_strays(struct saml_reader *reader)
{
    for (size_t i = 0; i < reader->document_count; i++)
        if (!read_strays_of(reader, reader->documents[i]))
            return false;
    return true;
}
