/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONN_REQUEST_H
#define SAMLTAP_CONN_REQUEST_H

#include "conn_state.h"

/* What the client said that nobody has used yet. */
struct str conn_bytes_ahead(const struct conn *conn);

/* Reads once if the socket is said to be ready. False when the client is gone (and the connection closed). */
bool conn_read_more(struct conn *conn, size_t max);

/* Copies a name or an address literal, in lower case, into conn->host. False when it can be none. */
bool conn_set_host(struct conn *conn, struct str host);

/* The client was told that it may talk to conn->host and port: lets it through unread, or waits for its ClientHello. */
void conn_decide_by_address(struct conn *conn);

/*
 * The client looked up an address by itself. Where the name of the server (conn->name) leads elsewhere by
 * --connect-to, or the way out is a proxy, which wants names, the name counts.
 */
void conn_follow_name(struct conn *conn);

/* Lets the client through to conn->host and port unread. reason: static or the connection's. */
void conn_tunnel(struct conn *conn, enum tunnel_cause cause, const char *reason);

/* Answers with a page that says what is wrong (a sentence), and ends. */
void conn_refuse(struct conn *conn, const char *text);

/* CONN_REQUEST: reads the first request; answers CONNECT at once, so that problems can be shown inside TLS. */
void conn_request(struct conn *conn);

/* CONN_HELLO: finds out what the client speaks and to whom, and decides what becomes of it. */
void conn_hello(struct conn *conn);

/* CONN_HELLO lasted too long: a client that waits for the server to speak first is not TLS. */
void conn_hello_timeout(struct conn *conn);

#endif
