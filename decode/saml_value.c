/* SPDX-License-Identifier: MIT */
#include "saml_reader.h"

struct xml_document *
saml_document_of(const struct saml_reader *reader, const xmlNode *node)
{
    for (size_t i = 0; i < reader->document_count; i++)
        if (reader->documents[i]->doc == node->doc)
            return reader->documents[i];
    return reader->documents[0];
}

struct saml_value
saml_value_of_attribute(struct saml_reader *reader, const xmlNode *node, const char *name)
{
    struct xml_document *document;
    struct saml_value value = { 0 };

    if (node == NULL)
        return value;
    document = saml_document_of(reader, node);
    value.text = xml_attribute(document, node, name);
    if (!str_present(value.text))
        return value;
    value.first = value.text;
    value.where = xml_where_attribute(document, node, name);
    return value;
}

struct saml_value
saml_value_of_element(struct saml_reader *reader, const xmlNode *node)
{
    struct xml_document *document;
    struct saml_value value = { 0 };

    if (node == NULL)
        return value;
    document = saml_document_of(reader, node);
    value.text = xml_text(document, node);
    value.split = xml_text_is_split(node);
    value.first = value.split || xml_has_element_child(node) ? xml_first_text(document, node) : value.text;
    value.where = xml_where(document, node);
    return value;
}

struct saml_time
saml_time_of_attribute(struct saml_reader *reader, const xmlNode *node, const char *name)
{
    struct saml_time time = { .raw = saml_value_of_attribute(reader, node, name) };

    if (str_present(time.raw.text))
        time.valid = xstime_parse(time.raw.text, &time.time);
    return time;
}

struct saml_name_id
saml_name_id_of(struct saml_reader *reader, const xmlNode *node)
{
    return (struct saml_name_id){
        .value = saml_value_of_element(reader, node),
        .format = saml_value_of_attribute(reader, node, "Format"),
        .name_qualifier = saml_value_of_attribute(reader, node, "NameQualifier"),
        .sp_name_qualifier = saml_value_of_attribute(reader, node, "SPNameQualifier"),
    };
}

struct saml_name_id
saml_name_id_child(struct saml_reader *reader, const xmlNode *parent)
{
    const xmlNode *encrypted = xml_child(parent, NS_SAML, "EncryptedID");
    const xmlNode *plain = xml_child(parent, NS_SAML, "NameID");
    struct xml_document *opened;
    struct saml_name_id name_id;

    if (plain != NULL || encrypted == NULL)
        return saml_name_id_of(reader, plain);
    opened = xml_element_of(encrypted)->replacement;
    name_id = saml_name_id_of(reader, opened && xml_is(opened->root, NS_SAML, "NameID") ? opened->root : NULL);
    name_id.encrypted = true;
    return name_id;
}
