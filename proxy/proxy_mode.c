/* SPDX-License-Identifier: MIT */
#include "proxy_mode.h"

#include <arpa/inet.h>
#include <string.h>

#include "transparent.h"

static const char accepted[] =
    "regular, socks5, transparent, transparent:tproxy, reverse:https://HOST[:PORT] or "
    "upstream:http://HOST[:PORT] (https:// for TLS to the proxy), each with @[ADDRESS:]PORT behind it to listen there";

static const char no_secrets_here[] =
    "user and password of the proxy in a file: --upstream-auth FILE (here everybody on this machine can read them)";

static const char no_pac[] =
    "the proxy itself, upstream:http://HOST:PORT. A PAC file is a script, which samltap does not run: open it and take "
    "the PROXY line that it returns for your sign-in hosts";

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

/* HOST[:PORT] of a proxy, or what to write instead. */
static const char *
take_next_proxy(struct str url, struct proxy_mode *mode)
{
    struct str authority = url, path = { 0 };

    mode->next_proxy_tls = str_starts_c(url, "https://");
    if (mode->next_proxy_tls || str_starts_c(url, "http://"))
        authority = str_from_offset(url, mode->next_proxy_tls ? 8 : 7);
    else if (str_find_c(url, "://") != SIZE_MAX)
        return accepted;
    mode->has_next_proxy = true;
    if (str_ends_c(url, ".pac") || str_ends_c(url, ".dat"))
        return no_pac;
    str_cut(authority, '/', &authority, &path);
    return path.len > 0 ? accepted : take_server(authority, mode->next_proxy_tls ? 443 : 3128, mode);
}

/* "upstream:http://USER:PASSWORD@HOST:PORT": what follows the last @ is no address of ours, but a name. */
static bool
has_user(struct str value)
{
    size_t at = str_find_byte(value, '@');
    char first = at != SIZE_MAX && at + 1 < value.len ? (char)(value.ptr[at + 1] | 32) : '\0';

    return first >= 'a' && first <= 'z';
}

const char *
proxy_mode_parse(struct str value, struct proxy_mode *mode)
{
    const struct str reverse = STR("reverse:https://"), upstream = STR("upstream:"), whole = value;
    const char *wrong;

    *mode = (struct proxy_mode){ .mode = RELAY_REGULAR };
    if (!take_listen(&value, mode))
        return str_starts(whole, upstream) && has_user(whole) ? no_secrets_here : accepted;
    if (str_starts(value, upstream)) {
        wrong = take_next_proxy(str_from_offset(value, upstream.len), mode);
        return wrong == accepted && mode->has_listen_port ? no_secrets_here : wrong;
    }
    if (str_eq_c(value, "regular"))
        return NULL;
    if (str_eq_c(value, "socks5")) {
        mode->mode = RELAY_SOCKS5;
        return NULL;
    }
    if (str_eq_c(value, "transparent") || str_eq_c(value, "transparent:tproxy")) {
        mode->mode = RELAY_TRANSPARENT;
        mode->tproxy = str_ends_c(value, ":tproxy");
        return transparent_unavailable();
    }
    if (!str_starts(value, reverse))
        return accepted;
    mode->mode = RELAY_REVERSE;
    return take_server(str_from_offset(value, reverse.len), 443, mode);
}
