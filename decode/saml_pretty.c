/* SPDX-License-Identifier: MIT */
#include <libxml/tree.h>
#include <string.h>

#include "saml.h"
#include "xml.h"

static bool
is_blank_text(const xmlNode *node)
{
    const char *text = (const char *)node->content;

    return node->type == XML_TEXT_NODE && text != NULL && text[strspn(text, " \t\r\n")] == '\0';
}

static bool
has_real_text(const xmlNode *parent)
{
    for (const xmlNode *child = parent->children; child != NULL; child = child->next)
        if ((child->type == XML_TEXT_NODE && !is_blank_text(child)) || child->type == XML_CDATA_SECTION_NODE)
            return true;
    return false;
}

/* White space between elements goes, so that libxml2 can indent; values are left alone. */
static void
drop_layout(xmlNode *parent)
{
    xmlNode *next;

    if (!xml_has_element_child(parent) || has_real_text(parent))
        return;
    for (xmlNode *child = parent->children; child != NULL; child = next) {
        next = child->next;
        if (is_blank_text(child)) {
            xmlUnlinkNode(child);
            xmlFreeNode(child);
        }
    }
}

struct str
saml_pretty(struct arena *arena, struct str xml)
{
    struct xml_document document;
    struct xml_status status;
    struct str pretty = { 0 };
    xmlChar *text = NULL;
    int length = 0;

    if (!xml_parse(arena, xml, &xml_metadata_limits, &document, &status))
        return xml;
    for (uint32_t i = 0; i < document.element_count; i++)
        drop_layout(document.elements[i].node);
    xmlDocDumpFormatMemoryEnc(document.doc, &text, &length, "UTF-8", 1);
    if (text != NULL && length > 0)
        pretty = arena_copy(arena, (struct str){ (const char *)text, (size_t)length });
    xmlFree(text);
    xml_release(&document);
    return str_present(pretty) ? pretty : xml;
}
