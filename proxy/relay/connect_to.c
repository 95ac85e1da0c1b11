/* SPDX-License-Identifier: MIT */
#include "connect_to.h"

static bool
is_given(const char *text)
{
    return text != NULL && *text != '\0';
}

bool
connect_to_map(const struct connect_to *rows, size_t count, struct str host, unsigned port, struct str *to_host,
               unsigned *to_port)
{
    *to_host = host;
    *to_port = port;
    for (size_t i = 0; i < count; i++) {
        if ((is_given(rows[i].host) && !str_eq_nocase(str_from(rows[i].host), host)) ||
            (rows[i].port != 0 && rows[i].port != port))
            continue;
        if (is_given(rows[i].to_host))
            *to_host = str_from(rows[i].to_host);
        if (rows[i].to_port != 0)
            *to_port = rows[i].to_port;
        return true;
    }
    return false;
}
