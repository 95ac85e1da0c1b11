/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HELLO_H
#define SAMLTAP_HELLO_H

#include "str.h"

/* What a client says first, looked at before it is answered (RFC 8446 4.1.2, RFC 6066 3). Pure. */
enum hello_result {
    HELLO_MORE,    /* so far it may be a ClientHello */
    HELLO_TLS,     /* a whole ClientHello */
    HELLO_NOT_TLS, /* something else, or a broken one */
};

enum { HELLO_MAX_BYTES = 32 * 1024, HELLO_MAX_NAME = 253 };

struct hello {
    char name[HELLO_MAX_NAME + 1]; /* server name in lower case, "" when none was sent */
    bool has_alpn;
    bool offers_http1;        /* ALPN has http/1.1 or http/1.0, or there is no ALPN */
    bool offers_http2;        /* ALPN has h2 */
    bool has_encrypted_hello; /* or makes as if, as browsers do so that it does not strike (GREASE) */
    char first_protocol[32];  /* of ALPN, printable characters only; for messages */
};

/* Looks at the first bytes of a connection. *hello is filled for HELLO_TLS only. */
enum hello_result hello_parse(struct str bytes, struct hello *hello);

#endif
