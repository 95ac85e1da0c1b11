/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONNECT_TO_H
#define SAMLTAP_CONNECT_TO_H

#include "relay_options.h"

/*
 * Where host and port are really reached: the first row that matches wins. *to_host is borrowed from
 * host or the row. Returns true when a row matched.
 */
bool connect_to_map(const struct connect_to *rows, size_t count, struct str host, unsigned port, struct str *to_host,
                    unsigned *to_port);

#endif
