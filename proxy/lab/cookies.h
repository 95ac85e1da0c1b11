/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_COOKIES_H
#define SAMLTAP_LAB_COOKIES_H

#include "exchange.h"

/* Cookies by exact host; path, domain and expiry are not looked at, Max-Age=0 removes. */
enum { COOKIES_MAX = 32 };

struct cookie {
    char host[100];
    char name[64];
    char value[256];
};

struct cookies {
    struct cookie items[COOKIES_MAX];
    size_t count;
};

/* Appends the Cookie header line for host, nothing when there is no cookie. */
void cookies_add_header(const struct cookies *cookies, const char *host, struct buf *out);

/* Keeps what Set-Cookie headers say. Cookies that are too long, or one too many, are ignored. */
void cookies_keep(struct cookies *cookies, const char *host, const struct headers *headers);

#endif
