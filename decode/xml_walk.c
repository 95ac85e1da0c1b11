/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "xml.h"

/* Names, children and text of the tree. */

bool
xml_in(const xmlNode *node, const char *namespace_uri)
{
    return node != NULL && node->type == XML_ELEMENT_NODE && node->ns != NULL && node->ns->href != NULL &&
           strcmp((const char *)node->ns->href, namespace_uri) == 0;
}

bool
xml_is(const xmlNode *node, const char *namespace_uri, const char *local_name)
{
    return node != NULL && node->type == XML_ELEMENT_NODE && (char)*node->name == *local_name &&
           strcmp((const char *)node->name, local_name) == 0 && xml_in(node, namespace_uri);
}

bool
xml_is_token(const xmlNode *node)
{
    return xml_is(node, NS_WST, "RequestedSecurityToken") || xml_is(node, NS_WST13, "RequestedSecurityToken");
}

static xmlNode *
element_from(xmlNode *node)
{
    while (node != NULL && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

xmlNode *
xml_first(const xmlNode *parent)
{
    return parent != NULL ? element_from(parent->children) : NULL;
}

xmlNode *
xml_next(const xmlNode *node)
{
    return node != NULL ? element_from(node->next) : NULL;
}

static xmlNode *
named_from(xmlNode *node, const char *namespace_uri, const char *local_name)
{
    while (node != NULL && !xml_is(node, namespace_uri, local_name))
        node = node->next;
    return node;
}

xmlNode *
xml_child(const xmlNode *parent, const char *namespace_uri, const char *local_name)
{
    return parent != NULL ? named_from(parent->children, namespace_uri, local_name) : NULL;
}

xmlNode *
xml_next_named(const xmlNode *node, const char *namespace_uri, const char *local_name)
{
    return node != NULL ? named_from(node->next, namespace_uri, local_name) : NULL;
}

size_t
xml_count(const xmlNode *parent, const char *namespace_uri, const char *local_name)
{
    size_t count = 0;

    for (const xmlNode *node = xml_child(parent, namespace_uri, local_name); node != NULL;
         node = xml_next_named(node, namespace_uri, local_name))
        count++;
    return count;
}

struct xml_element *
xml_element_of(const xmlNode *node)
{
    return node != NULL && node->type == XML_ELEMENT_NODE ? node->_private : NULL;
}

uint32_t
xml_number(const xmlNode *node)
{
    const struct xml_element *element = xml_element_of(node);

    return element ? element->number : 0;
}

struct str
xml_local_name(const xmlNode *node)
{
    return str_from((const char *)node->name);
}

struct str
xml_namespace(const xmlNode *node)
{
    return node->ns != NULL ? str_from((const char *)node->ns->href) : (struct str){ 0 };
}

static bool
is_text(const xmlNode *node)
{
    return node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
}

struct str
xml_attribute_value(const struct xml_document *document, const xmlAttr *attribute)
{
    const xmlNode *child = attribute->children;
    xmlChar *joined;
    struct str value;

    if (child == NULL)
        return STR("");
    if (child->next == NULL && is_text(child))
        return arena_copy_c(document->arena, (const char *)child->content);
    joined = xmlNodeListGetString(document->doc, child, 1);
    value = arena_copy_c(document->arena, joined ? (const char *)joined : "");
    xmlFree(joined);
    return value;
}

struct str
xml_attribute_ns(const struct xml_document *document, const xmlNode *node, const char *namespace_uri, const char *name)
{
    for (const xmlAttr *attribute = node != NULL ? node->properties : NULL; attribute != NULL;
         attribute = attribute->next) {
        const char *uri = attribute->ns != NULL ? (const char *)attribute->ns->href : NULL;

        if ((char)*attribute->name != *name || strcmp((const char *)attribute->name, name) != 0)
            continue;
        if (namespace_uri == NULL ? uri == NULL : uri != NULL && strcmp(uri, namespace_uri) == 0)
            return xml_attribute_value(document, attribute);
    }
    return (struct str){ 0 };
}

struct str
xml_attribute(const struct xml_document *document, const xmlNode *node, const char *name)
{
    return xml_attribute_ns(document, node, NULL, name);
}

/* Next node of the subtree in document order, or NULL. */
static const xmlNode *
next_below(const xmlNode *node, const xmlNode *top)
{
    if (node->type == XML_ELEMENT_NODE && node->children != NULL)
        return node->children;
    while (node != top) {
        if (node->next != NULL)
            return node->next;
        node = node->parent;
    }
    return NULL;
}

struct str
xml_text(const struct xml_document *document, const xmlNode *node)
{
    size_t total = 0;
    char *joined, *end;

    if (node->children == NULL)
        return STR("");
    if (node->children->next == NULL && is_text(node->children))
        return arena_copy_c(document->arena, (const char *)node->children->content);
    for (const xmlNode *at = node; at != NULL; at = next_below(at, node))
        if (is_text(at))
            total += strlen((const char *)at->content);
    joined = end = arena_alloc(document->arena, total + 1);
    if (joined == NULL)
        return (struct str){ 0 };
    for (const xmlNode *at = node; at != NULL; at = next_below(at, node)) {
        if (is_text(at)) {
            size_t length = strlen((const char *)at->content);

            memcpy(end, at->content, length);
            end += length;
        }
    }
    return (struct str){ joined, total };
}

struct str
xml_first_text(const struct xml_document *document, const xmlNode *node)
{
    for (const xmlNode *child = node->children; child != NULL; child = child->next)
        if (is_text(child))
            return arena_copy_c(document->arena, (const char *)child->content);
    return STR("");
}

bool
xml_text_is_split(const xmlNode *node)
{
    for (const xmlNode *child = node->children; child != NULL; child = child->next)
        if (child->type != XML_TEXT_NODE && child->type != XML_ELEMENT_NODE)
            return true;
    return false;
}

bool
xml_has_element_child(const xmlNode *node)
{
    return xml_first(node) != NULL;
}
