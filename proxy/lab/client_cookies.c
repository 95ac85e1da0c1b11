/* SPDX-License-Identifier: MIT */
#include "client_cookies.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void
client_cookies_add(const struct client *client, const char *host, struct buf *out)
{
    bool any = false;

    for (size_t i = 0; i < client->cookie_count; i++) {
        const struct client_cookie *cookie = &client->cookies[i];

        if (strcasecmp(cookie->host, host) != 0)
            continue;
        buf_printf(out, "%s%s=%s", any ? "; " : "Cookie: ", cookie->name, cookie->value);
        any = true;
    }
    if (any)
        buf_add_c(out, "\r\n");
}

static struct client_cookie *
cookie_named(struct client *client, const char *host, struct str name)
{
    for (size_t i = 0; i < client->cookie_count; i++)
        if (strcasecmp(client->cookies[i].host, host) == 0 && str_eq_c(name, client->cookies[i].name))
            return &client->cookies[i];
    return NULL;
}

static void
keep(struct client *client, const char *host, struct str line)
{
    struct str pair, attributes, name, value;
    struct client_cookie *cookie;

    str_cut(line, ';', &pair, &attributes);
    if (!str_cut(str_trim(pair), '=', &name, &value) || strlen(host) >= sizeof(cookie->host) ||
        name.len >= sizeof(cookie->name) || value.len >= sizeof(cookie->value))
        return;
    cookie = cookie_named(client, host, name);
    if (str_find_nocase(attributes, STR("max-age=0")) != SIZE_MAX) {
        if (cookie != NULL)
            *cookie = client->cookies[--client->cookie_count];
        return;
    }
    if (cookie == NULL) {
        if (client->cookie_count == CLIENT_MAX_COOKIES)
            return;
        cookie = &client->cookies[client->cookie_count++];
    }
    snprintf(cookie->host, sizeof(cookie->host), "%s", host);
    snprintf(cookie->name, sizeof(cookie->name), "%.*s", STR_ARG(name));
    snprintf(cookie->value, sizeof(cookie->value), "%.*s", STR_ARG(value));
}

void
client_cookies_keep(struct client *client, const char *host, const struct headers *headers)
{
    for (size_t i = 0; i < headers->count; i++)
        if (str_eq_nocase(headers->items[i].name, STR("Set-Cookie")))
            keep(client, host, headers->items[i].value);
}
