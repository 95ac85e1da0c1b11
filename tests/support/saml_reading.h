/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_SAML_READING_H
#define SAMLTAP_TESTS_SAML_READING_H

#include "arena.h"
#include "buf.h"
#include "saml.h"

/*
 * A message on its way through saml_read() in a test: made from a template (saml_maker.h), edited as
 * text, read. Every call that cannot do its work fails the test.
 */
struct reading {
    struct arena *arena;
    struct key_set *keys;
    struct buf xml;
    struct saml_options options; /* keys is set when something is trusted or decrypts */
    struct xml_status status;
    struct saml_message *message;
};

void reading_init(struct reading *reading);
void reading_release(struct reading *reading);

/* Trusts the certificate of that name in saml_maker.h, for any entity. */
void reading_trust(struct reading *reading, const char *key);
void reading_trust_for(struct reading *reading, const char *key, const char *entity_id);
/* Gives the private key of that name for decryption. */
void reading_decrypts(struct reading *reading, const char *key);

/* Fills the template into reading->xml. */
void reading_make(struct reading *reading, const char *template);
/* Takes text as it is. */
void reading_set(struct reading *reading, struct str xml);
/* Replaces the first `from`; fails when there is none. */
void reading_edit(struct reading *reading, const char *from, const char *to);
void reading_edit_all(struct reading *reading, const char *from, const char *to);

/* Reads reading->xml. Gives the message, or NULL with reading->status. */
struct saml_message *reading_read(struct reading *reading);
/* Makes and reads; fails the test when there is no message. */
struct saml_message *reading_of(struct reading *reading, const char *template);

#endif
