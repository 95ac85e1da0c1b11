/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_XML_STATUS_H
#define SAMLTAP_XML_STATUS_H

#include "str.h"

/* What the XML door said about some bytes (saml-verification 7.3, limits 8.3). */
enum xml_result {
    XML_NOT_PARSED,
    XML_OK,
    XML_MALFORMED,
    XML_DTD,            /* a document type declaration: refused, nothing of it was used */
    XML_NUL_BYTE,       /* 0x00 in the text or behind the root */
    XML_BAD_ENCODING,   /* not the declared encoding, or one that is not accepted */
    XML_TOO_BIG,        /* over 1 MiB decoded */
    XML_TOO_DEEP,       /* over 100 levels */
    XML_TOO_MANY_NODES, /* over 50 000 elements */
    XML_TOO_MANY_ATTRIBUTES,
    XML_NO_MEMORY,
    XML_RESULT_COUNT,
};

struct xml_status {
    enum xml_result result;
    int line; /* 1-based; 0: no place */
    int column;
    struct str text;        /* the parser's words, one line; untrusted */
    bool undeclared_entity; /* malformed because of &name; that is not one of XML's own five */
    bool second_root;       /* malformed because something follows the document element */
    bool odd_name;          /* malformed because of a name with a colon too many or at its end */
    struct str excerpt;     /* up to 40 bytes around the place; untrusted */
};

const char *xml_result_name(enum xml_result result);

#endif
