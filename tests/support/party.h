/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_PARTY_H
#define SAMLTAP_TESTS_PARTY_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "buf.h"

/*
 * Servers and clients for tests of the relay: blocking, on 127.0.0.1, in threads of the test. Every
 * wait ends after 20 s. What fails in a helper ends the test program with a message.
 */

/* --- authorities and certificates of servers ------------------------------------------------------- */

struct authority {
    X509 *certificate;
    EVP_PKEY *key;
};

enum flaw { FLAW_NONE, FLAW_EXPIRED, FLAW_SELF_SIGNED };

void authority_init(struct authority *authority, const char *name);
void authority_release(struct authority *authority);
/* Writes the certificate to a new file; the caller unlinks and frees the name. */
char *authority_file(const struct authority *authority);

/* Writes a new certificate for host and its key to one new file; the caller unlinks and frees the name. */
char *authority_pair_file(const struct authority *authority, const char *host);

/* Makes the server choose, of the protocols in ALPN's wire form (static), its first one that the client offers. */
void server_speaks(SSL_CTX *context, const char *protocols);

/* A server context with a certificate for host. */
SSL_CTX *authority_server(const struct authority *authority, const char *host, enum flaw flaw);

/* --- one end of a connection ------------------------------------------------------------------------ */

struct line {
    int fd;
    SSL *ssl;            /* NULL: none */
    unsigned long error; /* OpenSSL's, when a handshake or read failed */
};

/* Returns false when not all went. */
bool line_write(struct line *line, const void *bytes, size_t len);
bool line_say(struct line *line, const char *text);
/* As read(): 0 at a proper end, -1 when cut. */
ssize_t line_read(struct line *line, void *bytes, size_t size);
/* Reads until "\r\n\r\n" was seen, a byte at a time, into out (appended). */
bool line_read_head(struct line *line, struct buf *out);
bool line_read_exactly(struct line *line, void *bytes, size_t len);
/* Reads to the end, appended to out. Returns what line_read() gave last. */
ssize_t line_read_all(struct line *line, struct buf *out);
/* Says that nothing more comes: close_notify and FIN. */
void line_end(struct line *line);
void line_close(struct line *line);
/* Hands bytes and ends on between two lines, both ways, until both have ended. False: neither does, or says anything. */
bool line_join(struct line *a, struct line *b);

/* --- servers --------------------------------------------------------------------------------------- */

/* Serves one connection (handshake done) and returns; runs in a thread of its own. */
typedef void serve_fn(struct line *line, void *data);

struct server {
    unsigned port;
    SSL_CTX *context; /* NULL: plain TCP */
    serve_fn *serve;
    void *data;
    int fd;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned busy;        /* connections being served */
    unsigned connections; /* accepted */
    unsigned resumed;     /* handshakes that resumed a session */
};

/* Takes context. */
void server_start(struct server *server, SSL_CTX *context, serve_fn *serve, void *data);
/* Waits for the connections being served. */
void server_stop(struct server *server);

/* --- clients --------------------------------------------------------------------------------------- */

/* TCP to 127.0.0.1. */
void client_dial(struct line *line, unsigned port);

/* CONNECT through the proxy. Returns the status. */
int client_connect(struct line *line, unsigned proxy_port, const char *authority);

/*
 * TLS with SNI (NULL: none), verified below root when that is given. False when it failed:
 * line->error.
 */
bool client_tls(struct line *line, const char *sni, X509 *root);

/* The same, offering protocols in ALPN's wire form (NULL: no ALPN). */
bool client_tls_offering(struct line *line, const char *sni, X509 *root, const char *protocols);

/* What ALPN chose, "" nothing. Borrows from text, which has 16 bytes. */
const char *line_protocol(const struct line *line, char *text);

#endif
