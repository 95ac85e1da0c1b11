/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PLAIN_H
#define SAMLTAP_PLAIN_H

#include "conn_state.h"

/*
 * CONN_PLAIN: passes on plain http:// requests one after the other, each to the server that it names.
 * A request is sent only when the answer to the one before it has been passed on.
 */
void plain_step(struct conn *conn);

/* A connection that plain_step() asked for came about (fd) or did not (-1). */
void plain_dialled(struct conn *conn, int fd);

#endif
