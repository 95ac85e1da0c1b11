/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PROXY_MODE_H
#define SAMLTAP_PROXY_MODE_H

#include "relay_options.h"

/*
 * A --mode as written: "regular", "socks5", "reverse:https://HOST[:PORT]" or
 * "upstream:http://HOST[:PORT]", and where to listen: "@[ADDRESS:]PORT".
 */
struct proxy_mode {
    enum relay_mode mode; /* RELAY_REGULAR also for upstream: */
    bool is_upstream;     /* connections go out through the proxy host:port */
    char host[254];       /* of reverse: and upstream:, lower case, no brackets; else "" */
    unsigned port;
    bool has_listen_port;
    char listen_host[254]; /* "" not given */
    unsigned listen_port;
};

/* Returns NULL, or what is accepted (static text) when value is no mode. */
const char *proxy_mode_parse(struct str value, struct proxy_mode *mode);

#endif
