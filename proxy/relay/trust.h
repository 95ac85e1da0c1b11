/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TRUST_H
#define SAMLTAP_TRUST_H

#include <openssl/ssl.h>

#include "key_log.h"
#include "relay_options.h"

/*
 * The TLS side towards servers: whom we trust, what is verified, and the sessions that save the next
 * handshake most of its work.
 */
struct trust;

/*
 * key_log (NULL: none) must outlive it. NULL and *why (malloc'd, caller frees) names the file that cannot
 * be used.
 */
struct trust *trust_new(const struct relay_options *options, struct key_log *key_log, char **why);
void trust_free(struct trust *trust);

/* What one handshake with a server told. Embedded; must outlive its SSL and stay where it is. */
struct trust_peer {
    struct trust *trust;
    const char *name; /* that was verified: DNS name or address literal; the caller's */
    unsigned port;
    bool is_proxy;           /* the proxy on the way, not a server: always demanded, whatever .insecure says */
    char session_key[360];   /* of the session cache */
    int verify_error;        /* X509_V_OK or the first thing that was wrong */
    char verify_detail[400]; /* about it, one line, untrusted; "" */
    bool wants_certificate;  /* the server asked for a client certificate */
    bool sent_certificate;   /* and got the one of --client-cert */
};

/* Protocols of ALPN; a set. */
enum trust_protocol { TRUST_HTTP1 = 1, TRUST_HTTP2 = 2 };

/*
 * Gives an SSL in connect state for a server: SNI and verification go by name (an address literal is
 * verified, not sent), ALPN offers what the set says (0: no ALPN). client tells clients apart: no session goes from
 * one to another. NULL when out of memory or name cannot be one.
 */
SSL *trust_connect(struct trust *trust, struct trust_peer *peer, const char *name, unsigned port, const char *client,
                   unsigned offers);

/*
 * The same for TLS with the HTTP proxy that everything goes out through. It may be given a password: .insecure does
 * not extend to it.
 */
SSL *trust_connect_proxy(struct trust *trust, struct trust_peer *peer, const char *name, unsigned port);

/*
 * Says what is wrong with the server's certificate although the handshake went on (.insecure). False: nothing.
 */
bool trust_doubts(const struct trust_peer *peer, char *text, size_t size);

/*
 * Says in plain words why the handshake failed (tls_error, system_error as in struct stream) and
 * which kind of problem it is. text has size bytes.
 */
enum exchange_problem trust_explain(const struct trust_peer *peer, unsigned long tls_error, int system_error,
                                    char *text, size_t size);

#endif
