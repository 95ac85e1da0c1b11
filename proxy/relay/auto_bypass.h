/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_AUTO_BYPASS_H
#define SAMLTAP_AUTO_BYPASS_H

#include "core.h"
#include "interference.h"

/*
 * --auto-bypass: a host that failed because its connection was opened passes unopened from then on. The
 * list lives as long as the relay; nothing is stored.
 */

/*
 * Notes what happened and says so, once a host. Without the option, for hosts that the user named with
 * --allow-hosts or --mode reverse, and where what happened is no reason to, nothing is done.
 */
void auto_bypass_note(struct core *core, enum interference kind, const char *host, unsigned port);

/* Why connections to host pass unopened by now; NULL: they do not. Valid as long as the core. */
const char *auto_bypass_reason(const struct core *core, const char *host, unsigned port);

#endif
