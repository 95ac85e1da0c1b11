/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TUNNEL_WORDS_H
#define SAMLTAP_TUNNEL_WORDS_H

#include "host_table.h"

/* Logs, at the end, which hosts passed unopened, how often and why: the first 20, and how many there are more. */
void tunnel_words_log(const struct host_table *tunnels);

#endif
