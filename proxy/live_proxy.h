/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_PROXY_H
#define SAMLTAP_LIVE_PROXY_H

#include "next_proxy.h"
#include "options.h"
#include "proxy_mode.h"

/* The way out through a proxy, as the options say it: what next_proxy points to lives here. */
struct live_proxy {
    struct next_proxy next_proxy; /* .host NULL: none */
    char *authorization;          /* malloc'd, wiped when released */
};

/*
 * Reads --mode upstream: (modes, count), --upstream-auth and --no-proxy (without it NO_PROXY and no_proxy of
 * the environment). modes and options are borrowed until the release. False, *why (malloc'd) and
 * *code (enum exit_code) when they contradict each other or the file cannot be used; release in any case.
 */
bool live_proxy_init(struct live_proxy *proxy, const struct options *options, const struct proxy_mode *modes,
                     size_t count, int *code, char **why);

/* Frees what is in it and makes it empty. */
void live_proxy_release(struct live_proxy *proxy);

#endif
