/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONN_SOCKS_H
#define SAMLTAP_CONN_SOCKS_H

#include "conn_state.h"

/*
 * CONN_SOCKS: reads what a SOCKS5 client asks for (RFC 1928: no authentication, CONNECT, names and
 * addresses) and answers at once, so that problems can be shown inside TLS.
 */
void conn_socks(struct conn *conn);

#endif
