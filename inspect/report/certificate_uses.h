/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CERTIFICATE_USES_H
#define SAMLTAP_CERTIFICATE_USES_H

#include "arena.h"
#include "saml_types.h"

/* A certificate (or bare key) and what it is to a message. */
struct certificate_use {
    const char *role;  /* stable name for JSON: "keyinfo", "verified-by", "metadata-signing" … */
    const char *words; /* the same before the name of what it belongs to: "KeyInfo of" */
    struct str of;     /* element or entity that it belongs to; untrusted */
    const struct certificate_facts *facts;
    size_t same_as; /* 1-based number of the earlier row with the same certificate; 0: none */
};

/*
 * Every certificate of a message, in document order: those that came with it in KeyInfo, the given
 * keys that verified a signature, those of metadata. In the arena. NULL and *count 0 when there are
 * none or memory is out.
 */
struct certificate_use *certificate_uses(struct arena *arena, const struct saml_message *saml, size_t *count);

#endif
