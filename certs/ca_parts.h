/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CA_PARTS_H
#define SAMLTAP_CA_PARTS_H

#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>

/* What the modules of certs/ share about a CA and nobody else may see. */
struct ca {
    X509 *certificate;
    EVP_PKEY *key;
    NAME_CONSTRAINTS *constraints; /* NULL: none */
    char *name;                    /* common name, UTF-8; "" when the subject has none */
    int64_t not_before_s;
    int64_t not_after_s;
};

/* Sets version 3, a random positive 128-bit serial number and the validity. False when out of memory. */
bool certificate_begin(X509 *certificate, int64_t not_before_s, int64_t not_after_s);

/* Adds one extension written as in openssl.cnf ("critical,CA:FALSE"), issued by issuer. */
bool certificate_add_extension(X509 *certificate, X509 *issuer, int nid, const char *value);

#endif
