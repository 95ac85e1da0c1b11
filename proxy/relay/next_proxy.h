/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_NEXT_PROXY_H
#define SAMLTAP_NEXT_PROXY_H

#include "str.h"

/* The HTTP proxy that the relay itself goes out through. */
struct next_proxy {
    const char *host;          /* name or address literal, no brackets; NULL: none, servers are reached directly */
    unsigned port;             /* 1 to 65535 */
    bool with_tls;             /* TLS is spoken to the proxy itself, under all that goes through it */
    const char *authorization; /* value of Proxy-Authorization; NULL: none. A secret: never logged */
    const char *direct;        /* hosts that are reached directly, as in NO_PROXY; NULL or "": none */
};

/*
 * Says whether host (name or address literal, without brackets) and port (0: of no port) are reached
 * through proxy. proxy may be NULL. Loopback never is. The entries of .direct, separated by commas or
 * spaces: "*" (all), "example.com" and ".example.com" (that host and what is below it), an address,
 * "10.0.0.0/8" (a network), each with ":PORT" behind it when it is for one port alone; [] around an IPv6
 * address with a port. Case does not matter.
 */
bool next_proxy_is_for(const struct next_proxy *proxy, struct str host, unsigned port);

#endif
