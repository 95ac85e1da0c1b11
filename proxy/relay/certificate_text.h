/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CERTIFICATE_TEXT_H
#define SAMLTAP_CERTIFICATE_TEXT_H

#include <openssl/x509.h>

/*
 * One line about a certificate, for people: names, issuer, validity. Untrusted text, printable
 * characters only.
 */
void certificate_describe(X509 *certificate, char *text, size_t size);

#endif
