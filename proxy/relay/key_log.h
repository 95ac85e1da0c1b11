/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_KEY_LOG_H
#define SAMLTAP_KEY_LOG_H

#include <openssl/ssl.h>
#include <stdbool.h>

/*
 * The secrets of TLS connections in the NSS key log format, as browsers write them for SSLKEYLOGFILE:
 * Wireshark reads recorded traffic with them.
 */
struct key_log;

/* Opens path for appending (made with mode 0600). NULL and *why (malloc'd, caller frees). */
struct key_log *key_log_open(const char *path, char **why);
/* The same file by its name again: somebody moved it. False and *why: lines go on into the old one. */
bool key_log_reopen(struct key_log *log, char **why);
void key_log_close(struct key_log *log); /* NULL is fine */

/* Writes the secrets of every connection of context from now on. log must outlive them; NULL is fine: nothing. */
void key_log_use(struct key_log *log, SSL_CTX *context);

#endif
