/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_INTERFERENCE_H
#define SAMLTAP_INTERFERENCE_H

#include <stddef.h>

/* Failures that there would not be without samltap: and what is said about them. */
enum interference {
    INTERFERENCE_REFUSED,            /* the client's alert says that it does not accept our certificate */
    INTERFERENCE_LEFT,               /* the client left when it saw our certificate, and said nothing */
    INTERFERENCE_CLIENT_CERTIFICATE, /* the server wants the client to prove who it is, in TLS */
    INTERFERENCE_CHANNEL_BINDING,    /* the server refuses a Windows sign-in that is tied to another connection */
    INTERFERENCE_ENCRYPTED_HELLO,    /* the client insists on Encrypted ClientHello (RFC 9849) */
};

/*
 * Says what happened with host and how to get around it: one line. detail: the alert's name for
 * INTERFERENCE_REFUSED; "" otherwise.
 */
void interference_text(char *out, size_t size, enum interference kind, const char *host, unsigned port,
                       const char *detail);

/* Why a host that fails so should pass unopened, in a few words (static); NULL: it need not. */
const char *interference_bypass_reason(enum interference kind);

#endif
