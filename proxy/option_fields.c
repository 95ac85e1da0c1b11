/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <string.h>

#include "options.h"

static bool
is_port_or_empty(struct str text)
{
    uint64_t port;

    return text.len == 0 || (str_to_u64(text, &port) && port >= 1 && port <= 65535);
}

/* Takes an address with or without brackets from the front of *rest, up to the colon behind it. */
static bool
cut_host(struct str *rest, struct str *host)
{
    if (str_starts_c(*rest, "[")) {
        size_t end = str_find_byte(*rest, ']');

        if (end == SIZE_MAX || end + 1 >= rest->len || rest->ptr[end + 1] != ':')
            return false;
        *host = str_slice(*rest, 1, end - 1);
        *rest = str_from_offset(*rest, end + 2);
        return true;
    }
    return str_cut(*rest, ':', host, rest);
}

bool
option_connect_to_split(struct str value, struct str *host, struct str *port, struct str *to_host, struct str *to_port)
{
    struct str rest = value;

    if (!cut_host(&rest, host) || !str_cut(rest, ':', port, &rest) || !cut_host(&rest, to_host))
        return false;
    *to_port = rest;
    return is_port_or_empty(*port) && is_port_or_empty(*to_port);
}

bool
option_resolve_split(struct str value, struct str *host, struct str *port, struct str *address)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char binary[16];

    if (!cut_host(&value, host) || host->len == 0 || !str_cut(value, ':', port, address))
        return false;
    if (str_eq_c(*port, "*"))
        port->len = 0;
    if (str_starts_c(*address, "[") && str_ends_c(*address, "]"))
        *address = str_slice(*address, 1, address->len - 2);
    if (!is_port_or_empty(*port) || address->len >= sizeof(text))
        return false;
    memcpy(text, address->ptr, address->len);
    text[address->len] = '\0';
    return inet_pton(AF_INET, text, binary) == 1 || inet_pton(AF_INET6, text, binary) == 1;
}
