/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_SAML_MAKER_H
#define SAMLTAP_TESTS_SAML_MAKER_H

#include <openssl/evp.h>

#include "arena.h"
#include "buf.h"
#include "exchange.h"
#include "str.h"

/*
 * Makes SAML messages for tests: signed, encrypted, wrapped for a binding, with keys that are
 * generated once per process and never stored. Independent of decode/ on purpose: it checks it.
 *
 * Keys by name (certificate dates in brackets, all self-signed):
 *   idp          RSA-2048 [2025-01-01 … 2035-01-01]
 *   idp-renewed  the key of idp under a new certificate [2025-11-01 … 2036-01-01]
 *   idp-next     another RSA-2048 key, same subject as idp [2025-11-01 … 2036-01-01]
 *   idp-expired, idp-expiring, idp-future   the key of idp: [… 2021-01-01], [… 2026-02-01], [2027-01-01 …]
 *   other        RSA-2048, another subject      sp   RSA-2048 of the service provider
 *   small        RSA-1024      tiny   RSA-512      ec   P-256      ec-224   P-224      ed25519
 */

/* Gives a reference that the process owns; NULL when there is no key of that name. */
EVP_PKEY *saml_maker_key(const char *name);

/* Makes key the one of that name from now on, instead of a generated one; takes no reference. Certificates are anew. */
void saml_maker_set_key(const char *name, EVP_PKEY *key);

/* Certificate as bare base64 of DER, as PEM, and as lower-case hex SHA-256. Owned by the process. */
const char *saml_maker_certificate_base64(const char *name);
const char *saml_maker_certificate_pem(const char *name);
const char *saml_maker_certificate_sha256(const char *name);

/* Private key as PKCS#8 PEM. Owned by the process. */
const char *saml_maker_private_pem(const char *name);

/* Makes the certificate of that name anew with these dates (milliseconds since 1970). */
void saml_maker_set_dates(const char *name, int64_t not_before_ms, int64_t not_after_ms);

/* Frees all keys and certificates: last call of a test program, for leak checkers. */
void saml_maker_release(void);

/*
 * Fills a template. A template is XML with processing instructions, children of the element that
 * they are about; inner elements are done before outer ones, and <?sign?> before <?encrypt?>.
 *
 *   <?sign key="idp"?>       a ds:Signature stands here, over the parent element. Also:
 *       method="rsa-sha256"  rsa-sha1 -sha256 -sha384 -sha512, rsa-pss-sha256 -sha512, ecdsa-sha256 -sha512, ed25519
 *       digest="sha256"      sha1 sha256 sha384 sha512
 *       c14n="exc"           exc exc-comments inc inc11
 *       transforms="enveloped exc"  words, or URIs as they shall stand there; really applied are always
 *                            enveloped and the c14n above
 *       cert="yes"           yes (that of key), no, or the name of another key
 *       more-cert="idp-next"   the certificate of another key beside it, in an X509Data of its own
 *       reference="#other"   URI to write instead of "#" and the parent's ID; what is digested stays
 *                            the parent, or the element with that ID when there is one
 *       prefix="ds"          of the namespace; "" declares it as default
 *       digest-of="nothing"  DigestValue is the hash of no bytes at all
 *       value-of="other"     SignatureValue is over another SignedInfo
 *       method-uri=, digest-uri=, c14n-uri=   written instead of the true algorithm
 *   <?encrypt to="sp"?>      the parent is replaced by its Encrypted… element. Also:
 *       data="aes128-cbc"    aes128-cbc aes256-cbc aes128-gcm aes256-gcm
 *       transport="rsa-oaep" rsa-oaep rsa-1_5
 *   <?certificate key="idp"?>  text: bare base64 of the certificate
 *
 * Only the document element is written, without XML declaration: what stands before it in the
 * template is comment. Returns false with one line in why when the template is wrong.
 */
bool saml_maker_fill(struct str template, struct buf *out, char *why, size_t why_size);

/* Encoders, into a buffer. */
void saml_maker_base64(struct str bytes, struct buf *out);
void saml_maker_percent(struct str text, struct buf *out);
/* Raw DEFLATE. */
void saml_maker_deflate(struct str bytes, struct buf *out);

/* parameter=base64(xml)[&RelayState=…], percent-encoded; relay_state may be absent. */
void saml_maker_form(const char *parameter, struct str xml, struct str relay_state, struct buf *out);

/*
 * Query of the Redirect binding, without "?". key NULL: unsigned. algorithm as in method= above.
 */
void saml_maker_query(const char *parameter, struct str xml, struct str relay_state, const char *key,
                      const char *algorithm, struct buf *out);

/* An HTML page whose script posts the form to action. */
void saml_maker_page(const char *action, const char *parameter, struct str xml, struct str relay_state,
                     struct buf *out);

/*
 * Exchanges: request with method, URL (absolute) and body; the response has status 200 and no body.
 * Everything is copied into the arena.
 */
struct exchange *saml_maker_exchange(struct arena *arena, const char *method, const char *url, struct str body);
/* The same with the message posted. */
struct exchange *saml_maker_post(struct arena *arena, const char *url, const char *parameter, struct str xml,
                                 struct str relay_state);
/* Sets the response: status, content type (NULL none) and body, copied. */
void saml_maker_answer(struct arena *arena, struct exchange *exchange, unsigned status, const char *content_type,
                       struct str body);
/* Adds a request or response header, copied. */
void saml_maker_request_header(struct arena *arena, struct exchange *exchange, const char *name, const char *value);
void saml_maker_answer_header(struct arena *arena, struct exchange *exchange, const char *name, const char *value);

/* Metadata text of one entity; certificate names the signing key (encryption: sp). */
void saml_maker_idp_metadata(const char *entity_id, const char *certificate, const char *sso_url, struct buf *out);
void saml_maker_sp_metadata(const char *entity_id, const char *acs_url, bool want_assertions_signed, struct buf *out);

#endif
