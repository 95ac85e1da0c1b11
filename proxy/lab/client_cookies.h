/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_CLIENT_COOKIES_H
#define SAMLTAP_LAB_CLIENT_COOKIES_H

#include "client.h"

/* Appends the Cookie header line for host, nothing when there is no cookie. */
void client_cookies_add(const struct client *client, const char *host, struct buf *out);

/* Keeps what Set-Cookie headers say; Max-Age=0 removes. Cookies that are too long are ignored. */
void client_cookies_keep(struct client *client, const char *host, const struct headers *headers);

#endif
