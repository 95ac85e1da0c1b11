/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_SAML_WRAP_H
#define SAMLTAP_TESTS_SAML_WRAP_H

#include "buf.h"
#include "str.h"

/*
 * Signature wrapping (saml-verification 8.1) as text work on a signed message with the prefixes samlp, saml
 * and ds: the genuine element and its signature stay byte for byte, admin@example.com stands where a careless
 * reader looks.
 *
 * variant is 1 to 8. 1 and 2 take a message whose Response alone is signed, the others one whose Assertion
 * alone is. Returns false when xml is not such a message.
 */
bool saml_wrap(struct str xml, unsigned variant, struct buf *out);

#endif
