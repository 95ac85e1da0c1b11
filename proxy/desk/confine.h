/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONFINE_H
#define SAMLTAP_CONFINE_H

#include <stdbool.h>

/*
 * Gives up what the examining process has no use for: core dumps and being traced (secrets would be
 * in them), new privileges, more than 2 GiB of address space (not under AddressSanitizer, which
 * needs more), and outliving its parent. Returns false when the system refused one; that is no
 * reason to stop.
 */
bool confine_process(void);

#endif
