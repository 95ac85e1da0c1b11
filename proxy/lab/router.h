/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_ROUTER_H
#define SAMLTAP_LAB_ROUTER_H

#include "site.h"

/*
 * The three web sites of the lab as a function from request to reply: no sockets, the clock is
 * given. Method, host, target, headers and body of the request are read; arena holds what is needed
 * on the way. The reply is complete in any case; without memory it is a 503.
 */
void lab_site_answer(struct lab_site *site, struct arena *arena, const struct exchange *request, int64_t now_ms,
                     struct lab_reply *reply);

#endif
