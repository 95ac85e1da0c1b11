/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PROXY_MODE_H
#define SAMLTAP_PROXY_MODE_H

#include "relay_options.h"

/*
 * A --mode as written: "regular", "socks5" or "reverse:https://HOST[:PORT]", and where to listen:
 * "@[ADDRESS:]PORT".
 */
struct proxy_mode {
    enum relay_mode mode;
    char host[254]; /* RELAY_REVERSE: lower case, no brackets; else "" */
    unsigned port;
    bool has_listen_port;
    char listen_host[254]; /* "" not given */
    unsigned listen_port;
};

/* Returns NULL, or what is accepted (static text) when value is no mode. */
const char *proxy_mode_parse(struct str value, struct proxy_mode *mode);

#endif
