/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_OPTIONS_H
#define SAMLTAP_LIVE_OPTIONS_H

#include "live_proxy.h"
#include "options.h"
#include "proxy_mode.h"
#include "relay.h"

/*
 * The relay's share of the options; rows and lists are allocated, everything else is borrowed from
 * options and more. Release with relay_arguments_release.
 */
struct relay_arguments {
    struct relay_options relay;
    struct proxy_mode modes[RELAY_MAX_WAYS]; /* the texts of the ways */
    struct live_proxy proxy;
    struct connect_to *connect_to;
    const char **allow_hosts;
    const char **ignore_hosts;
};

/*
 * more: rows that come before those of --connect-to. False, *why (malloc'd) and *code (enum
 * exit_code) when options contradict each other or a file cannot be used; release in any case.
 */
bool relay_arguments_init(struct relay_arguments *arguments, const struct options *options,
                          const struct connect_to *more, size_t more_count, int *code, char **why);
void relay_arguments_release(struct relay_arguments *arguments);

/* Where a way in is reached from this machine: its host, and appended "127.0.0.1:8080" or "[::1]:8080". Borrowed. */
const char *relay_way_host(const struct relay_way *way);
void relay_way_address(struct buf *out, const struct relay_way *way, unsigned port);

/*
 * The command line of the desk: every option in force that it knows, as --name=value, and --metadata
 * for more (NULL-terminated or NULL). A NULL-terminated array; free with desk_arguments_free.
 */
char **desk_arguments(const struct options *options, const char *state_directory, const char *const *more);
void desk_arguments_free(char **arguments);

#endif
