/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONN_SERVE_H
#define SAMLTAP_CONN_SERVE_H

#include "conn_state.h"

/* CONN_PUMP: hands bytes on; tells what it was when it is over. */
void conn_pump(struct conn *conn);

/* CONN_LINGER: sends the rest, says good-bye, and gives the client time to read (no reset). */
void conn_linger(struct conn *conn);

#endif
