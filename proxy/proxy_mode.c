/* SPDX-License-Identifier: MIT */
#include "proxy_mode.h"

#include <arpa/inet.h>
#include <string.h>

static const char accepted[] = "regular, socks5 or reverse:https://HOST[:PORT], each with @[ADDRESS:]PORT behind it to "
                               "listen there";

/* Better than to go out directly where somebody counts on the way through a proxy. */
static const char no_upstream[] =
    "regular, socks5 or reverse:https://HOST[:PORT]; samltap cannot go out through another "
    "proxy, nor does it evaluate a PAC file";

static bool
take_port(struct str text, unsigned least, unsigned *port)
{
    uint64_t number;

    if (!str_to_u64(text, &number) || number < least || number > 65535)
        return false;
    *port = (unsigned)number;
    return true;
}

/* Letters, digits, dots, dashes and the colons of an address: what a name or an address literal is made of. */
static bool
take_host(struct str host, bool is_address, char out[254])
{
    if (host.len == 0 || host.len >= 254)
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i] >= 'A' && host.ptr[i] <= 'Z' ? (char)(host.ptr[i] - 'A' + 'a') : host.ptr[i];

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' &&
            !(is_address && c == ':'))
            return false;
        out[i] = c;
    }
    out[host.len] = '\0';
    return true;
}

/* HOST[:PORT] or [ADDRESS][:PORT]; *port stays what it was when there is none. */
static bool
take_authority(struct str authority, unsigned least_port, char host_out[254], unsigned *port_out)
{
    struct str host, port = { 0 };
    bool bracketed = str_starts_c(authority, "["), has_port;

    if (bracketed) {
        if (!str_cut(str_from_offset(authority, 1), ']', &host, &port) || (port.len > 0 && port.ptr[0] != ':'))
            return false;
        has_port = port.len > 0;
        port = str_from_offset(port, has_port);
    } else {
        has_port = str_cut(authority, ':', &host, &port);
    }
    return take_host(host, bracketed, host_out) && (!has_port || take_port(port, least_port, port_out));
}

/* A name here is more likely a mistake: the host of USER@HOST. */
static bool
is_address(const char *host)
{
    struct in6_addr any;

    return strcmp(host, "localhost") == 0 || inet_pton(AF_INET, host, &any) == 1 ||
           inet_pton(AF_INET6, host, &any) == 1;
}

/* "@PORT" or "@ADDRESS:PORT" at the end. Takes it from *value. */
static bool
take_listen(struct str *value, struct proxy_mode *mode)
{
    size_t at = value->len;
    struct str where;

    while (at > 0 && value->ptr[at - 1] != '@')
        at--;
    if (at == 0)
        return true;
    where = str_from_offset(*value, at);
    *value = str_slice(*value, 0, at - 1);
    mode->has_listen_port = true;
    if (str_find_byte(where, ':') == SIZE_MAX)
        return take_port(where, 0, &mode->listen_port);
    mode->listen_port = 65536;
    return take_authority(where, 0, mode->listen_host, &mode->listen_port) && mode->listen_port <= 65535 &&
           is_address(mode->listen_host);
}

static const char *
take_server(struct str authority, unsigned port, struct proxy_mode *mode)
{
    if (str_ends_c(authority, "/"))
        authority.len--;
    mode->port = port;
    if (take_authority(authority, 1, mode->host, &mode->port))
        return NULL;
    for (size_t i = 0; i < authority.len; i++)
        if ((unsigned char)authority.ptr[i] >= 128)
            return "the name of the host as DNS has it (xn--…), not with letters beyond ASCII";
    return accepted;
}

const char *
proxy_mode_parse(struct str value, struct proxy_mode *mode)
{
    const struct str reverse = STR("reverse:https://");

    *mode = (struct proxy_mode){ .mode = RELAY_REGULAR };
    if (str_starts_c(value, "upstream:"))
        return no_upstream;
    if (!take_listen(&value, mode))
        return accepted;
    if (str_eq_c(value, "regular"))
        return NULL;
    if (str_eq_c(value, "socks5")) {
        mode->mode = RELAY_SOCKS5;
        return NULL;
    }
    if (!str_starts(value, reverse))
        return accepted;
    mode->mode = RELAY_REVERSE;
    return take_server(str_from_offset(value, reverse.len), 443, mode);
}
