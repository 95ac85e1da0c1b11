/* SPDX-License-Identifier: MIT */
#include "proxy_mode.h"

#include <string.h>

static bool
take_port(struct str text, unsigned *port)
{
    uint64_t number;

    if (!str_to_u64(text, &number) || number < 1 || number > 65535)
        return false;
    *port = (unsigned)number;
    return true;
}

/* Letters, digits, dots, dashes and the colons of an address: what a name or an address literal is made of. */
static bool
take_host(struct str host, bool is_address, struct proxy_mode *mode)
{
    if (host.len == 0 || host.len >= sizeof mode->host)
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i] >= 'A' && host.ptr[i] <= 'Z' ? (char)(host.ptr[i] - 'A' + 'a') : host.ptr[i];

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' &&
            !(is_address && c == ':'))
            return false;
        mode->host[i] = c;
    }
    mode->host[host.len] = '\0';
    return true;
}

static bool
take_authority(struct str authority, struct proxy_mode *mode)
{
    struct str host, port = { 0 };
    bool is_address = str_starts_c(authority, "["), has_port;

    mode->port = 443;
    if (is_address) {
        if (!str_cut(str_from_offset(authority, 1), ']', &host, &port) || (port.len > 0 && port.ptr[0] != ':'))
            return false;
        has_port = port.len > 0;
        port = str_from_offset(port, has_port);
    } else {
        has_port = str_cut(authority, ':', &host, &port);
    }
    return take_host(host, is_address, mode) && (!has_port || take_port(port, &mode->port));
}

bool
proxy_mode_parse(struct str value, struct proxy_mode *mode)
{
    const struct str reverse = STR("reverse:https://");

    *mode = (struct proxy_mode){ .mode = RELAY_REGULAR };
    if (str_eq_c(value, "regular"))
        return true;
    if (str_eq_c(value, "socks5")) {
        mode->mode = RELAY_SOCKS5;
        return true;
    }
    if (!str_starts(value, reverse))
        return false;
    mode->mode = RELAY_REVERSE;
    value = str_from_offset(value, reverse.len);
    if (str_ends_c(value, "/"))
        value.len--;
    return take_authority(value, mode);
}
