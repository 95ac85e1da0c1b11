/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_XENC_H
#define SAMLTAP_XENC_H

#include "keys.h"
#include "saml_types.h"
#include "xml.h"

enum { XENC_KEY_OPERATIONS = 64 };

/*
 * Opens one EncryptedAssertion, EncryptedID or EncryptedAttribute (saml-verification 6) with the
 * decryption keys of the set. The tree stays as it is: the plaintext becomes a document of its own,
 * numbered `number`. Fills *facts in any case. Returns true and the document in *plaintext when it
 * was opened; the caller releases that. *key_operations is what is left of the private-key operations
 * that one message may cost (it starts at XENC_KEY_OPERATIONS). Leaves OpenSSL's error queue empty.
 */
bool xenc_open(struct xml_document *document, const xmlNode *encrypted, const struct key_set *keys, uint32_t number,
               unsigned *key_operations, struct saml_encrypted *facts, struct xml_document *plaintext);

#endif
