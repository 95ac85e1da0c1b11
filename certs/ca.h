/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CA_H
#define SAMLTAP_CA_H

#include "buf.h"
#include "str.h"

/* The interception authority: certificate and private key. Pure memory; files are proxy/'s business. */
struct ca;

struct ca_options {
    const char *name;         /* common name; NULL: "samltap <host> <date>" is the caller's to give */
    int days;                 /* validity, 1 to 825 */
    const char *const *hosts; /* name constraints (permitted DNS, all IP excluded); NULL: none */
    size_t host_count;
    int64_t now_s; /* seconds since 1970 */
};

/*
 * Makes a new EC P-256 root by the profile of saml-verification 9.2. Gives the CA, or NULL and *why
 * (static text).
 */
struct ca *ca_create(const struct ca_options *options, const char **why);

/* Loads from PEM text; checks that key and certificate belong together and that it is a CA. */
struct ca *ca_load(struct str certificate_pem, struct str key_pem, const char **why);

/* Takes (NULL is fine); the key is wiped. */
void ca_free(struct ca *ca);

/* Appends PEM. The key's buffer must be wiped by the caller (OPENSSL_cleanse). Returns false when out of memory. */
bool ca_certificate_pem(const struct ca *ca, struct buf *out);
bool ca_key_pem(const struct ca *ca, struct buf *out);

/* Base64 SHA-256 of the SubjectPublicKeyInfo: for Chromium's --ignore-certificate-errors-spki-list. */
void ca_spki_base64(const struct ca *ca, char out[45]);
/* SHA-256 of the certificate, lower-case hex. */
void ca_fingerprint(const struct ca *ca, char out[65]);
int64_t ca_not_after_s(const struct ca *ca);
/* Common name; borrowed. */
const char *ca_name(const struct ca *ca);

#endif
