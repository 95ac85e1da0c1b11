/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_SAML_MAKER_ENCRYPT_H
#define SAMLTAP_TESTS_SAML_MAKER_ENCRYPT_H

#include <libxml/tree.h>

#include "saml_maker.h"

/* Parts of the maker that its files share. */

/* BAD_CAST of libxml2 drops const. */
#define XML_CAST (const xmlChar *)

/*
 * Replaces element by its Encrypted… element that holds plain; words is the content of <?encrypt?>.
 * *result gets the new element; element is freed.
 */
bool saml_maker_encrypt_element(xmlNodePtr element, const char *words, struct str plain, xmlNodePtr *result);

/* The value of name="…" in content, copied into out; otherwise when there is none. */
const char *saml_maker_pseudo_attribute(const char *content, const char *name, const char *otherwise, char *out,
                                        size_t size);

/* Signs bytes with a named key and method; base64 to out. False when they do not go together. */
bool saml_maker_sign_bytes(const char *key_name, const char *method, struct str bytes, struct buf *out);

/* URI of a signature method word; the word itself when it is none. */
const char *saml_maker_algorithm_uri(const char *method);

#endif
