/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_CLIENT_H
#define SAMLTAP_LAB_CLIENT_H

#include <openssl/types.h>

#include "cookies.h"
#include "exchange.h"

/*
 * A small blocking HTTPS client: one connection per request, through a proxy by CONNECT or straight
 * to one port, with cookies. For the lab's browser and for tests.
 */
struct client {
    unsigned proxy_port;  /* on 127.0.0.1; 0: connect to direct_port, whatever the host */
    unsigned direct_port; /* on 127.0.0.1 */
    int timeout_ms;       /* of each wait; 10 000 */
    SSL_CTX *tls;
    struct cookies cookies;
    char problem[200]; /* why the last request failed, one line; may quote the peer */
};

/* ca_pem: certificates to trust. Returns false when there is none in it. */
bool client_init(struct client *client, unsigned proxy_port, unsigned direct_port, struct str ca_pem);
void client_release(struct client *client);

/*
 * Sends one request and reads the answer. url is https://host[:port]/…; body is absent for GET, else
 * an urlencoded form. Fills *exchange, whose strings live in the arena. Returns false with
 * client->problem when there was no complete answer. Cookies are sent and kept.
 */
bool client_fetch(struct client *client, struct arena *arena, struct str url, struct str body,
                  struct exchange *exchange);

#endif
