/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CLIENT_CERTIFICATES_H
#define SAMLTAP_CLIENT_CERTIFICATES_H

#include "key_pair.h"

/* Certificates that we show to servers which ask for one: one for all, or one for each host. */
struct client_certificates;

/*
 * Reads path at once: a file (PEM with certificate and key, or PKCS#12) for every server, or a directory
 * of such files named HOST.pem, HOST.p12 or HOST.pfx, each for that host; other names are ignored, hidden
 * ones too. Passphrases are asked for on the terminal. NULL and *why (malloc'd, caller frees) names file
 * and remedy.
 */
struct client_certificates *client_certificates_read(const char *path, char **why);
void client_certificates_free(struct client_certificates *certificates); /* NULL is fine */

/* The one for host (lower case), borrowed; NULL: none. certificates may be NULL. */
const struct key_pair *client_certificates_for(const struct client_certificates *certificates, const char *host);

#endif
