/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HARDENING_H
#define SAMLTAP_HARDENING_H

#include <stdbool.h>

/* No core dumps and no tracing of this process: keys and messages would be in them. False when refused. */
bool hardening_forbid_dumps(void);

/* No new privileges, at most 2 GiB of address space (sanitizers need more), SIGTERM when the parent dies. */
bool hardening_confine_child(void);

/*
 * Lets the relay and the browser go first while the processors are busy: what is examined is on its way already.
 * Ten steps of niceness still leave a tenth of a processor against one that is fully used. False when refused.
 */
bool hardening_give_way(void);

#endif
