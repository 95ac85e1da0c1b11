/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONN_REQUEST_H
#define SAMLTAP_CONN_REQUEST_H

#include "conn_state.h"

/* CONN_REQUEST: reads the first request; answers CONNECT at once, so that problems can be shown inside TLS. */
void conn_request(struct conn *conn);

/* CONN_HELLO: finds out what the client speaks and to whom, and decides what becomes of it. */
void conn_hello(struct conn *conn);

/* CONN_HELLO lasted too long: a client that waits for the server to speak first is not TLS. */
void conn_hello_timeout(struct conn *conn);

#endif
