/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CORE_CHANGE_H
#define SAMLTAP_CORE_CHANGE_H

#include "core.h"

/*
 * Other settings for a relay that runs. What the earlier ones gave is kept until the last connection that was there
 * when they were replaced has ended: it may still use them.
 */
struct core_change;

/* Reads what the options name. See relay_prepare(). */
struct core_change *core_change_new(const struct core *core, const struct relay_options *options, char **why);

/* Takes it when it is not put in force. NULL is fine. */
void core_change_free(struct core_change *change);

/* Puts it in force; takes it. released: see relay_adopt(). */
void core_change_adopt(struct core *core, struct core_change *change, void (*released)(void *data), void *data);

/* A connection begins, and is told under which generation of settings; and it ends. */
void core_change_begin(struct core *core, unsigned *generation);
void core_change_end(struct core *core, unsigned generation);

#endif
