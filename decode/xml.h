/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_XML_H
#define SAMLTAP_XML_H

#include <libxml/tree.h>

#include "arena.h"
#include "where.h"
#include "xml_status.h"

/*
 * The only door to libxml2: bytes → tree. No DTD, no network, no entity but the five predefined
 * ones, hard limits, nothing printed (saml-verification 7.3, 8.3).
 */

struct xml_limits {
    size_t max_bytes;
    uint32_t max_elements;
    uint32_t max_depth;
    uint32_t max_attributes; /* of one element */
    uint32_t max_namespaces; /* declared on one element */
    /*
     * Sum over all elements of (attributes² + namespaces in scope²): libxml2 2.9 parses and
     * canonicalises in quadratic time, so the squares are what a document costs.
     */
    uint64_t max_squares;
};
extern const struct xml_limits xml_message_limits;
extern const struct xml_limits xml_metadata_limits; /* a file chosen by the user: more room */

struct xml_document;

/* An element with its number and place; reached from its node with xml_element_of(). */
struct xml_element {
    xmlNode *node;
    struct xml_element *parent;       /* NULL: the root */
    uint32_t number;                  /* document order, root = 1 */
    uint32_t last;                    /* number of the last element below it; its own when there is none */
    uint32_t position;                /* among siblings of the same name, 1-based; 0: it is the only one */
    size_t offset;                    /* byte range in xml_document.bytes */
    size_t length;                    /* 0: not known */
    struct str path;                  /* made when first asked for */
    struct xml_document *replacement; /* the decrypted document that stands for this Encrypted… element */
};

struct xml_document {
    struct arena *arena;
    xmlDoc *doc;
    struct str bytes;             /* as given; borrowed */
    xmlNode *root;                /* the element numbered 1 */
    struct xml_element *elements; /* element_count of them, by number - 1 */
    uint32_t element_count;
    uint32_t number;      /* as in struct where: 0 the message, n the n-th decrypted document */
    uint64_t squares;     /* see struct xml_limits */
    struct str base_path; /* put before every path; absent for the message */
    struct str declared_encoding;
    bool has_bom;
};

/*
 * Parses bytes into *document, whose strings live in the arena and whose tree xml_release() frees.
 * bytes are borrowed for as long as the document. Returns false with *status saying why; nothing
 * has to be released then.
 */
bool xml_parse(struct arena *arena, struct str bytes, const struct xml_limits *limits, struct xml_document *document,
               struct xml_status *status) CHECK_RESULT;

/*
 * Parses a plaintext that will stand in for `replaced` (an xenc:EncryptedData of `outer`): in its
 * namespace context, exactly one element, the same limits. Returns false with *status saying why.
 */
bool xml_parse_replacement(struct arena *arena, struct str bytes, struct xml_document *outer, const xmlNode *replaced,
                           uint32_t number, struct xml_document *document, struct xml_status *status) CHECK_RESULT;

/* Frees the tree. Facts copied from it stay. Safe on a zeroed document. */
void xml_release(struct xml_document *document);

/* Name tests: exact namespace and local name, prefixes never matter. */
bool xml_is(const xmlNode *node, const char *namespace_uri, const char *local_name);
bool xml_in(const xmlNode *node, const char *namespace_uri);
/* RequestedSecurityToken of either version of WS-Trust: what holds a token. */
bool xml_is_token(const xmlNode *node);

/* First, or next, element among children, or siblings. NULL when there is none. */
xmlNode *xml_first(const xmlNode *parent);
xmlNode *xml_next(const xmlNode *node);
/* First child element of that name, or NULL; and the next sibling of that name. */
xmlNode *xml_child(const xmlNode *parent, const char *namespace_uri, const char *local_name);
xmlNode *xml_next_named(const xmlNode *node, const char *namespace_uri, const char *local_name);
size_t xml_count(const xmlNode *parent, const char *namespace_uri, const char *local_name);

struct xml_element *xml_element_of(const xmlNode *node);
uint32_t xml_number(const xmlNode *node);

/* Local name and namespace as text (borrowed from the tree). */
struct str xml_local_name(const xmlNode *node);
struct str xml_namespace(const xmlNode *node);

/* Value of the attribute without namespace, copied into the arena; absent when there is none. */
struct str xml_attribute(const struct xml_document *document, const xmlNode *node, const char *name);
struct str xml_attribute_ns(const struct xml_document *document, const xmlNode *node, const char *namespace_uri,
                            const char *name);
struct str xml_attribute_value(const struct xml_document *document, const xmlAttr *attribute);

/* All text below node, joined; comments and processing instructions left out. Lives in the arena. */
struct str xml_text(const struct xml_document *document, const xmlNode *node);
/* The first text node among the children, as a careless reader takes it. Empty when there is none. */
struct str xml_first_text(const struct xml_document *document, const xmlNode *node);
/* A comment, processing instruction or CDATA section stands among the children. */
bool xml_text_is_split(const xmlNode *node);
bool xml_has_element_child(const xmlNode *node);

/* Places. A path uses conventional prefixes and [n] only where siblings share the name. */
struct str xml_path(struct xml_document *document, const xmlNode *node);
struct where xml_where(struct xml_document *document, const xmlNode *node);
struct where xml_where_attribute(struct xml_document *document, const xmlNode *node, const char *name);

/* Stops libxml2 from printing in this thread: its canonicaliser has no handler of its own. */
void xml_silence_thread(void);

/* Process-wide set-up: no external entity is ever loaded. */
void xml_library_init(void);
void xml_library_cleanup(void);

/* Namespaces of the field. */
#define NS_SAML "urn:oasis:names:tc:SAML:2.0:assertion"
#define NS_SAMLP "urn:oasis:names:tc:SAML:2.0:protocol"
#define NS_SAML1 "urn:oasis:names:tc:SAML:1.0:assertion"
#define NS_SAMLP1 "urn:oasis:names:tc:SAML:1.0:protocol"
#define NS_MD "urn:oasis:names:tc:SAML:2.0:metadata"
#define NS_SHIBMD "urn:mace:shibboleth:metadata:1.0"
#define NS_DS "http://www.w3.org/2000/09/xmldsig#"
#define NS_XENC "http://www.w3.org/2001/04/xmlenc#"
#define NS_XENC11 "http://www.w3.org/2009/xmlenc11#"
#define NS_EC "http://www.w3.org/2001/10/xml-exc-c14n#"
#define NS_XS "http://www.w3.org/2001/XMLSchema"
#define NS_XSI "http://www.w3.org/2001/XMLSchema-instance"
#define NS_SOAP "http://schemas.xmlsoap.org/soap/envelope/"
#define NS_SOAP12 "http://www.w3.org/2003/05/soap-envelope"
#define NS_PAOS "urn:liberty:paos:2003-08"
#define NS_ECP "urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"
#define NS_WST13 "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
#define NS_WST "http://schemas.xmlsoap.org/ws/2005/02/trust"

#endif
