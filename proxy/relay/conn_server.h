/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONN_SERVER_H
#define SAMLTAP_CONN_SERVER_H

#include "conn_state.h"

/* CONN_DIAL: starts to connect; conn_dialled() is the end of it. */
void conn_dial(struct conn *conn);
void conn_dialled(struct conn *conn, int fd);

/* CONN_SERVER_TLS: handshake with the server, verified. */
void conn_server_tls(struct conn *conn);

/* The server could not be reached: shows that inside TLS, or ends a tunnel. */
void conn_server_failed(struct conn *conn, enum exchange_problem problem, const char *text);

#endif
