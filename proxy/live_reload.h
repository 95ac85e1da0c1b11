/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_RELOAD_H
#define SAMLTAP_LIVE_RELOAD_H

#include <stdbool.h>

struct live;
struct live_settings;
struct options;

/*
 * Makes settings out of options: the relay's share and the command line of the desk. Takes options when they are its
 * own (owned). NULL, *why (malloc'd) and *code (enum exit_code). Free with live_settings_free().
 */
struct live_settings *live_settings_new(const struct live *live, struct options *owned, const struct options *options,
                                        int *code, char **why);
void live_settings_free(struct live_settings *settings); /* NULL is fine */

/* Makes the timer that live_reload() needs. False: no memory. */
bool live_reload_init(struct live *live);

/*
 * Reads the options and the files that they name again, and puts a desk with them in the place of the running one.
 * What is wrong is said, and all stays as it was; what needs a restart is said too. Later connections get the new
 * settings.
 */
void live_reload(struct live *live);

/* Gives up what is under way, and frees all settings. The relay and the desk are gone. */
void live_reload_release(struct live *live);

#endif
