/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_ERROR_TEXTS_H
#define SAMLTAP_ERROR_TEXTS_H

#include "check.h"
#include "error_entry.h"

/*
 * From the words of an error to its causes: sentences of AWS sign-in, STS, Identity Center, its SCIM
 * endpoint and the AWS CLI, codes of Entra (AADSTS) and AD FS (MSIS), pages of other identity providers.
 */

struct error_match {
    const char *id;
    const struct check *check;       /* NULL: see entry */
    const struct error_entry *entry; /* NULL: see check */
    const char *sentence;            /* that was recognised; NULL: by its code */
};

enum { ERROR_MATCHES_MAX = 16, ERROR_TEXT_MAX_BYTES = 64 * 1024 };

/*
 * Gives the causes that produce such a text, best first; at most ERROR_MATCHES_MAX, returns how many.
 * Case, white space and the form of quotation marks do not count; only the first ERROR_TEXT_MAX_BYTES
 * are looked at.
 */
size_t error_texts_find(struct str text, struct error_match matches[ERROR_MATCHES_MAX]);

/* True when text (a log, a User-Agent) names a version of the AWS CLI that cannot refresh tokens. */
bool error_text_old_cli(struct str text);

/* The entry with that id, or NULL. */
const struct error_entry *error_entry_find(struct str id);

#endif
