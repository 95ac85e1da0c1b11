/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PROXY_MODE_H
#define SAMLTAP_PROXY_MODE_H

#include "relay_options.h"

/* A --mode as written: "regular", "socks5" or "reverse:https://HOST[:PORT]". */
struct proxy_mode {
    enum relay_mode mode;
    char host[254]; /* RELAY_REVERSE: lower case, no brackets; else "" */
    unsigned port;
};

/* Returns false when value is no mode. */
bool proxy_mode_parse(struct str value, struct proxy_mode *mode);

#endif
