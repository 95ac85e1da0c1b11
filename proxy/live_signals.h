/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_SIGNALS_H
#define SAMLTAP_LIVE_SIGNALS_H

#include <stdbool.h>

struct live;

/*
 * What the running proxy does on signals: SIGINT and SIGTERM end it, SIGHUP reads the settings again, SIGUSR1 opens the logs again, SIGUSR2 prints what was counted. Linux has no SIGINFO. False: no memory.
 */
bool live_signals_add(struct live *live);

#endif
