/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "exchange.h"
#include "http1.h"

/* Not printf: a target may hold any byte, NUL too. */
static struct str
url_with_target(struct arena *arena, const struct exchange *exchange, struct str target)
{
    bool is_https = str_eq_nocase(exchange->scheme, STR("https"));
    bool bracket = str_find_byte(exchange->host, ':') != SIZE_MAX;
    char port[16] = "";
    struct str parts[] = { exchange->scheme,
                           str_from(bracket ? "://[" : "://"),
                           exchange->host,
                           str_from(bracket ? "]" : ""),
                           { 0 },
                           target };
    size_t total = 0, at = 0;
    char *url;

    if (exchange->port != 0 && exchange->port != (is_https ? 443u : 80u))
        snprintf(port, sizeof(port), ":%u", exchange->port);
    parts[4] = str_from(port);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        total += parts[i].len;
    url = arena_alloc(arena, total + 1);
    if (url == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < COUNT_OF(parts); at += parts[i++].len)
        if (parts[i].len > 0)
            memcpy(url + at, parts[i].ptr, parts[i].len);
    return (struct str){ url, total };
}

struct str
exchange_url(struct arena *arena, const struct exchange *exchange)
{
    return url_with_target(arena, exchange, exchange->target);
}

struct str
exchange_url_without_query(struct arena *arena, const struct exchange *exchange)
{
    struct str path, query;

    str_cut(exchange->target, '?', &path, &query);
    return url_with_target(arena, exchange, path);
}

static struct str
join(struct arena *arena, struct str a, struct str b)
{
    char *joined = arena_alloc(arena, a.len + b.len + 1);

    if (joined == NULL)
        return (struct str){ 0 };
    memcpy(joined, a.ptr, a.len);
    if (b.len > 0)
        memcpy(joined + a.len, b.ptr, b.len);
    return (struct str){ joined, a.len + b.len };
}

void
exchange_host_pattern(struct buf *out, struct str host, unsigned port)
{
    buf_add_byte(out, '^');
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                        c == '_' || c == ':';

        if (c == '.')
            buf_add_c(out, "\\.");
        else
            buf_add_byte(out, is_plain ? c : '.');
    }
    buf_printf(out, ":%u$", port);
}

bool
exchange_set_url(struct arena *arena, struct exchange *exchange, struct str url)
{
    struct str rest, target;
    size_t i;

    str_cut(url, '#', &rest, &target);
    url = rest;
    if (str_starts_nocase(url, STR("https://")))
        exchange->scheme = STR("https");
    else if (str_starts_nocase(url, STR("http://")))
        exchange->scheme = STR("http");
    else
        return false;
    rest = str_from_offset(url, exchange->scheme.len + 3);
    for (i = 0; i < rest.len && rest.ptr[i] != '/' && rest.ptr[i] != '?'; i++)
        ;
    exchange->port = exchange->scheme.len == 5 ? 443 : 80;
    target = str_from_offset(rest, i);
    exchange->target = target.len > 0 && target.ptr[0] == '/' ? target : join(arena, STR("/"), target);
    return http1_split_authority(arena, str_slice(rest, 0, i), &exchange->host, &exchange->port);
}
