/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PROXY_MODE_H
#define SAMLTAP_PROXY_MODE_H

#include "relay_options.h"

/*
 * A --mode as written: "regular", "socks5", "transparent[:tproxy]", "reverse:https://HOST[:PORT]" or
 * "upstream:http[s]://HOST[:PORT]" (regular, and everything goes out through that proxy), and where to
 * listen: "@[ADDRESS:]PORT".
 */
struct proxy_mode {
    enum relay_mode mode;
    bool tproxy;         /* RELAY_TRANSPARENT: by TPROXY rather than by REDIRECT */
    bool has_next_proxy; /* upstream: host and port are those of the proxy */
    bool next_proxy_tls; /* upstream:https: TLS is spoken to the proxy itself */
    char host[254];      /* RELAY_REVERSE and has_next_proxy: lower case, no brackets; else "" */
    unsigned port;
    bool has_listen_port;
    char listen_host[254]; /* "" not given */
    unsigned listen_port;
};

/* Returns NULL, or what is accepted (static text) when value is no mode. */
const char *proxy_mode_parse(struct str value, struct proxy_mode *mode);

#endif
