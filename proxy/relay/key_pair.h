/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_KEY_PAIR_H
#define SAMLTAP_KEY_PAIR_H

#include <openssl/ssl.h>
#include <stdbool.h>

/* A certificate with its chain and its private key, as the user's files have them. */
struct key_pair {
    X509 *certificate; /* NULL: none */
    EVP_PKEY *key;
    STACK_OF(X509) * chain; /* further certificates, in order; may be NULL */
};

/*
 * Reads PEM files: the first certificate is the one that the key belongs to. key_path NULL: the key is
 * in certificate_path. option: "--cert", for messages. False and *why (malloc'd, caller frees) names
 * file and remedy; a key under a passphrase is refused.
 */
bool key_pair_read(struct key_pair *pair, const char *certificate_path, const char *key_path, const char *option,
                   char **why);

/*
 * The same from one file that holds both, PEM or PKCS#12; a passphrase is asked for on the terminal.
 */
bool key_pair_read_any(struct key_pair *pair, const char *path, const char *option, char **why);

/* Frees what is in it and makes it empty. */
void key_pair_release(struct key_pair *pair);

bool key_pair_present(const struct key_pair *pair);

/* Lets ssl show it, in place of what it had. False when the library refuses. */
bool key_pair_use(const struct key_pair *pair, SSL *ssl);

#endif
