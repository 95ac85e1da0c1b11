/* SPDX-License-Identifier: MIT */
#include "cookies.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "text.h"

void
cookies_add_header(const struct cookies *cookies, const char *host, struct buf *out)
{
    bool any = false;

    for (size_t i = 0; i < cookies->count; i++) {
        const struct cookie *cookie = &cookies->items[i];

        if (strcasecmp(cookie->host, host) != 0)
            continue;
        buf_printf(out, "%s%s=%s", any ? "; " : "Cookie: ", cookie->name, cookie->value);
        any = true;
    }
    if (any)
        buf_add_c(out, "\r\n");
}

static struct cookie *
cookie_named(struct cookies *cookies, const char *host, struct str name)
{
    for (size_t i = 0; i < cookies->count; i++)
        if (strcasecmp(cookies->items[i].host, host) == 0 && str_eq_c(name, cookies->items[i].name))
            return &cookies->items[i];
    return NULL;
}

static void
keep(struct cookies *cookies, const char *host, struct str line)
{
    struct str pair, attributes, name, value;
    struct cookie *cookie;

    str_cut(line, ';', &pair, &attributes);
    if (!str_cut(str_trim(pair), '=', &name, &value) || strlen(host) >= sizeof(cookie->host) ||
        name.len >= sizeof(cookie->name) || value.len >= sizeof(cookie->value))
        return;
    cookie = cookie_named(cookies, host, name);
    if (str_find_nocase(attributes, STR("max-age=0")) != SIZE_MAX) {
        if (cookie != NULL)
            *cookie = cookies->items[--cookies->count];
        return;
    }
    if (cookie == NULL) {
        if (cookies->count == COOKIES_MAX)
            return;
        cookie = &cookies->items[cookies->count++];
    }
    snprintf(cookie->host, sizeof(cookie->host), "%s", host);
    text_copy(cookie->name, sizeof(cookie->name), name);
    text_copy(cookie->value, sizeof(cookie->value), value);
}

void
cookies_keep(struct cookies *cookies, const char *host, const struct headers *headers)
{
    for (size_t i = 0; i < headers->count; i++)
        if (str_eq_nocase(headers->items[i].name, STR("Set-Cookie")))
            keep(cookies, host, headers->items[i].value);
}
