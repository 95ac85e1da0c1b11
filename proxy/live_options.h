/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_OPTIONS_H
#define SAMLTAP_LIVE_OPTIONS_H

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
    struct connect_to *connect_to;
    const char **allow_hosts;
    const char **ignore_hosts;
};

/*
 * more: rows that come before those of --connect-to. False and *why (malloc'd) when options contradict
 * each other; release in any case.
 */
bool relay_arguments_init(struct relay_arguments *arguments, const struct options *options,
                          const struct connect_to *more, size_t more_count, char **why);
void relay_arguments_release(struct relay_arguments *arguments);

/*
 * The command line of the desk: every option in force that it knows, as --name=value, and --metadata
 * for more (NULL-terminated or NULL). A NULL-terminated array; free with desk_arguments_free.
 */
char **desk_arguments(const struct options *options, const char *state_directory, const char *const *more);
void desk_arguments_free(char **arguments);

#endif
