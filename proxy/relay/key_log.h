/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_KEY_LOG_H
#define SAMLTAP_KEY_LOG_H

#include <openssl/ssl.h>

/*
 * The secrets of TLS connections in the NSS key log format, as browsers write them for SSLKEYLOGFILE:
 * Wireshark reads recorded traffic with them.
 */
struct key_log;

/* Opens path for appending (made with mode 0600). NULL and *why (malloc'd, caller frees). */
struct key_log *key_log_open(const char *path, char **why);
void key_log_close(struct key_log *log); /* NULL is fine */

/* Writes the secrets of every connection of context from now on. log must outlive them; NULL is fine: nothing. */
void key_log_use(struct key_log *log, SSL_CTX *context);

#endif
