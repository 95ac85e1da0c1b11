/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONN_DRAIN_H
#define SAMLTAP_CONN_DRAIN_H

#include "conn_state.h"

/*
 * Nothing is under way on the connection, as far as can be seen: no request without its answer, nothing unsent, or
 * bytes that nobody here can read.
 */
bool conn_is_idle(const struct conn *conn);

/* While the relay drains: closes the connection when it is idle. */
void conn_close_if_drained(struct conn *conn);

#endif
