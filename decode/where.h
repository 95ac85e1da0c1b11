/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_WHERE_H
#define SAMLTAP_WHERE_H

#include <stdint.h>

#include "str.h"

/* A place in a decoded XML document. element 0 means "no place". */
struct where {
    struct str xpath;  /* "/samlp:Response/saml:Assertion[1]/saml:Subject/saml:NameID", conventional prefixes */
    uint32_t element;  /* number of the element in document order, root = 1 */
    uint32_t document; /* 0: the message; n: the n-th decrypted document */
    size_t offset;     /* byte range of the element (or attribute) in message.xml */
    size_t length;     /* 0: no range known (other encodings, decrypted parts) */
};

#endif
