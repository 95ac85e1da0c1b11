/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SCOPE_H
#define SAMLTAP_SCOPE_H

#include "relay_options.h"
#include "relay_stats.h"

/* What the relay does with a host's TLS. */
enum scope_decision { SCOPE_INTERCEPT, SCOPE_TUNNEL };

/* A host that fails under interception by design. */
struct scope_bypass {
    const char *pattern; /* POSIX extended regex on the host, anchored by us */
    const char *port;    /* digits; NULL: any */
    const char *reason;
};

struct scope;

/* Compiles the user's expressions. NULL and *why (malloc'd, caller frees) names the one that is wrong. */
struct scope *scope_new(const struct relay_options *options, char **why);
void scope_free(struct scope *scope);

/*
 * Decides for host (lower case) and port. The user's word goes first: ignore, then allow, then the
 * built-in bypass list. For a tunnel *cause, and *reason, what to tell the user: static or the scope's.
 */
enum scope_decision scope_decide(const struct scope *scope, struct str host, unsigned port, enum tunnel_cause *cause,
                                 const char **reason);

/* The same without the allow list: is this host certain not to be opened, whatever name TLS will give? */
bool scope_is_excluded(const struct scope *scope, struct str host, unsigned port, enum tunnel_cause *cause,
                       const char **reason);

/* True when the user named it with --allow-hosts. */
bool scope_is_named(const struct scope *scope, struct str host, unsigned port);

/* The built-in list, for documentation: NULL past the end. */
const struct scope_bypass *scope_bypass_at(size_t i);

#endif
