/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONN_TRANSPARENT_H
#define SAMLTAP_CONN_TRANSPARENT_H

#include "conn_state.h"

/*
 * CONN_TRANSPARENT: finds out where the client wanted to go, and by its first bytes whether it speaks
 * TLS, HTTP, or something that is passed on unread.
 */
void conn_transparent(struct conn *conn);

/* CONN_TRANSPARENT lasted too long: a client that says nothing waits for the server to speak first. */
void conn_transparent_timeout(struct conn *conn);

#endif
