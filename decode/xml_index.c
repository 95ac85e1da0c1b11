/* SPDX-License-Identifier: MIT */
#include "xml_index.h"

#include <string.h>

/*
 * Numbers, positions among siblings of the same name, and paths. One walk without recursion;
 * siblings are counted with a hash table, so that many different names cost no more than few.
 */

struct sibling {
    uint32_t parent; /* number + 1; 0: free slot */
    const xmlChar *name;
    const xmlNs *ns;
    struct xml_element *first;
    uint32_t count;
};

struct siblings {
    struct sibling *slots;
    size_t mask;
};

static bool
same_namespace(const xmlNs *a, const xmlNs *b)
{
    if (a == b)
        return true;
    return a != NULL && b != NULL && xmlStrEqual(a->href, b->href);
}

static void
count_sibling(struct siblings *siblings, struct xml_element *element)
{
    uint32_t parent = (element->parent ? element->parent->number : 0) + 1;
    const xmlNode *node = element->node;
    /* Names of one document come from one dictionary: the pointer is the name. */
    uint64_t hash = ((uint64_t)(uintptr_t)node->name >> 3) * 0x9E3779B97F4A7C15u + parent * 0xC2B2AE3D27D4EB4Fu;
    size_t at = (hash >> 20) & siblings->mask;
    struct sibling *slot = &siblings->slots[at];

    while (slot->parent != 0 &&
           (slot->parent != parent || slot->name != node->name || !same_namespace(slot->ns, node->ns))) {
        at = (at + 1) & siblings->mask;
        slot = &siblings->slots[at];
    }
    if (slot->parent == 0) {
        *slot = (struct sibling){ parent, node->name, node->ns, element, 1 };
        return;
    }
    slot->first->position = 1;
    element->position = ++slot->count;
}

static const xmlNode *
next_in_document(const xmlNode *node, const xmlNode *root, struct xml_element **open)
{
    const xmlNode *next = xml_first(node);

    if (next != NULL) {
        *open = node->_private;
        return next;
    }
    while (node != root) {
        next = xml_next(node);
        if (next != NULL)
            return next;
        node = node->parent;
        *open = (*open)->parent;
    }
    return NULL;
}

static uint32_t
count_elements(const xmlNode *root)
{
    uint32_t count = 0;

    for (const xmlNode *node = root; node != NULL;) {
        const xmlNode *next = xml_first(node);

        count++;
        while (next == NULL && node != root) {
            next = xml_next(node);
            if (next == NULL)
                node = node->parent;
        }
        node = next;
    }
    return count;
}

bool
xml_index(struct xml_document *document)
{
    struct siblings siblings = { 0 };
    struct xml_element *open = NULL;
    uint32_t count = count_elements(document->root);

    siblings.mask = 63;
    while (siblings.mask < 2 * (size_t)count)
        siblings.mask = siblings.mask * 2 + 1;
    siblings.slots = arena_calloc(document->arena, siblings.mask + 1, sizeof(*siblings.slots));
    document->elements = arena_calloc(document->arena, count, sizeof(*document->elements));
    if (siblings.slots == NULL || document->elements == NULL)
        return false;
    for (const xmlNode *node = document->root; node != NULL; node = next_in_document(node, document->root, &open)) {
        struct xml_element *element = &document->elements[document->element_count++];

        element->number = element->last = document->element_count;
        element->parent = open;
        element->node = (xmlNode *)(uintptr_t)node;
        element->node->_private = element;
        count_sibling(&siblings, element);
    }
    for (uint32_t i = document->element_count; i-- > 1;) {
        struct xml_element *element = &document->elements[i];

        if (element->parent->last < element->last)
            element->parent->last = element->last;
    }
    return true;
}

void
xml_index_ranges(struct xml_document *document, const struct xml_range *ranges, uint32_t count, size_t shift)
{
    if (count != document->element_count)
        return;
    for (uint32_t i = 0; i < count; i++) {
        document->elements[i].offset = ranges[i].offset + shift;
        document->elements[i].length = ranges[i].length;
    }
}

/* --- paths ------------------------------------------------------------------------------------------ */

static struct str
conventional_prefix(const xmlNode *node)
{
    static const struct {
        const char *uri;
        struct str prefix;
    } rows[] = {
        { NS_SAML, STR_INIT("saml") },     { NS_SAMLP, STR_INIT("samlp") },   { NS_DS, STR_INIT("ds") },
        { NS_MD, STR_INIT("md") },         { NS_XENC, STR_INIT("xenc") },     { NS_XENC11, STR_INIT("xenc11") },
        { NS_SAML1, STR_INIT("saml1") },   { NS_SAMLP1, STR_INIT("samlp1") }, { NS_SOAP, STR_INIT("soap11") },
        { NS_WST13, STR_INIT("wst") },     { NS_WST, STR_INIT("wst") },       { NS_EC, STR_INIT("ec") },
        { NS_SOAP12, STR_INIT("soap12") }, { NS_PAOS, STR_INIT("paos") },     { NS_ECP, STR_INIT("ecp") },
    };

    if (node->ns == NULL || node->ns->href == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp((const char *)node->ns->href, rows[i].uri) == 0)
            return rows[i].prefix;
    return str_from((const char *)node->ns->prefix);
}

static char *
append(char *out, struct str s)
{
    if (s.len > 0)
        memcpy(out, s.ptr, s.len);
    return out + s.len;
}

/* "[n]" in out, or nothing for the only one of its name. */
static struct str
position_text(uint32_t position, char out[16])
{
    size_t at = 15;

    if (position == 0)
        return STR("");
    out[at] = ']';
    for (uint32_t rest = position; rest > 0; rest /= 10)
        out[--at] = (char)('0' + rest % 10);
    out[--at] = '[';
    return (struct str){ out + at, 16 - at };
}

/* Recursion is bounded by the depth limit. */
static struct str
path_of(struct xml_document *document, struct xml_element *element)
{
    char digits[16], *path, *end;
    struct str above, prefix, name, position;

    if (str_present(element->path))
        return element->path;
    above = element->parent ? path_of(document, element->parent) : document->base_path;
    prefix = conventional_prefix(element->node);
    name = xml_local_name(element->node);
    position = position_text(element->position, digits);
    path = arena_alloc(document->arena, above.len + prefix.len + name.len + position.len + 3);
    if (path == NULL)
        return (struct str){ 0 };
    end = append(append(path, above), STR("/"));
    if (prefix.len > 0)
        end = append(append(end, prefix), STR(":"));
    end = append(append(end, name), position);
    element->path = (struct str){ path, (size_t)(end - path) };
    return element->path;
}

struct str
xml_path(struct xml_document *document, const xmlNode *node)
{
    struct xml_element *element = xml_element_of(node);

    return element ? path_of(document, element) : (struct str){ 0 };
}

struct where
xml_where(struct xml_document *document, const xmlNode *node)
{
    struct xml_element *element = xml_element_of(node);

    if (element == NULL)
        return (struct where){ 0 };
    return (struct where){ path_of(document, element), element->number, document->number, element->offset,
                           element->length };
}

struct where
xml_where_attribute(struct xml_document *document, const xmlNode *node, const char *name)
{
    struct where where = xml_where(document, node);
    struct str tag = str_slice(document->bytes, where.offset, where.length);
    struct str label = str_from(name);
    size_t offset, length;
    char *path;

    if (where.element == 0)
        return where;
    path = arena_alloc(document->arena, where.xpath.len + label.len + 3);
    if (path == NULL)
        return where;
    append(append(append(path, where.xpath), STR("/@")), label);
    where.xpath = (struct str){ path, where.xpath.len + label.len + 2 };
    if (where.length > 0 && xml_scan_attribute(tag, label, &offset, &length)) {
        where.offset += offset;
        where.length = length;
    }
    return where;
}
