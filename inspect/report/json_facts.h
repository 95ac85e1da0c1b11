/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JSON_FACTS_H
#define SAMLTAP_JSON_FACTS_H

#include <jansson.h>

#include "reporter.h"

/*
 * Facts as JSON values. All functions give a new reference, or NULL when memory is out. Bytes that
 * are no UTF-8 become \xNN in the text; nothing is cut.
 */

/* A string, or null when it is absent. */
json_t *json_text(struct str text);
json_t *json_text_c(const char *text);

/* Sets object[key] unless the text is absent. */
void json_set_text(json_t *object, const char *key, struct str text);

/* Member "facts" of a message. */
json_t *json_message_facts(const struct saml_message *saml);

/* The same of messages that are no SAML; empty for those that could not be read. */
json_t *json_protocol_facts(const struct message *message);

/* Parameters of WS-Federation. */
json_t *json_wsfed(const struct wsfed_message *wsfed);

/* One row of "messages": where it was, how it was decoded, its facts. number: as others refer to it. */
json_t *json_message(const struct message *message, size_t number);

/*
 * Appends value, which it takes (NULL: memory was out), as one line. ASCII only: other characters are
 * escaped, so no terminal or log can be led astray.
 */
void json_write_line(struct buf *out, json_t *value);

/* Who was recognised, and how: name, title, certainty ("is", "looks-like"), by, seen. null: nobody. */
json_t *json_vendor(const struct vendor_match *match);

/* A certificate or a bare key: whose, when valid, key, digests, where it came from. */
json_t *json_certificate(const struct certificate_facts *facts);

/* One row of "signatures". number: of the message. */
json_t *json_signature(const struct dsig_signature *signature, size_t number);

/* The signature that stands in the query or form beside message number; the same fields. */
json_t *json_query_signature(const struct message *message, size_t number);

#endif
