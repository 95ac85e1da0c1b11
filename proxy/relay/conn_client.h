/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONN_CLIENT_H
#define SAMLTAP_CONN_CLIENT_H

#include "conn_state.h"

/* CONN_CLIENT_TLS: handshake with the client, under the leaf of conn->name. */
void conn_client_tls(struct conn *conn);

/*
 * One step of that handshake, in whatever state. False when it failed: the connection is closed then. It
 * has to be complete nowhere but in CONN_CLIENT_TLS.
 */
bool conn_client_shake(struct conn *conn, bool *is_done);

/* Tells it when the client's alert says that it does not accept our certificate. True when it did. */
bool conn_client_told_rejection(struct conn *conn);

#endif
