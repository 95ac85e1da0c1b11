/* SPDX-License-Identifier: MIT */
#include "conn_drain.h"

#include "plain_request.h"

bool
conn_is_idle(const struct conn *conn)
{
    const struct stream *client = &conn->client;

    if (stream_pending(client) > 0 || stream_pending(&conn->server) > 0)
        return false;
    switch (conn->state) {
    case CONN_REQUEST:
    case CONN_SOCKS:
        return client->in.len == client->in_used && !conn->socks_greeted;
    case CONN_PUMP:
        return conn->tap == NULL || tap_is_idle(conn->tap);
    case CONN_PLAIN:
        return conn->upstream == NULL && conn->plain != NULL && conn->plain->phase == PLAIN_HEAD &&
               conn->plain->raw_head.len == 0;
    default:
        return false;
    }
}

void
conn_close_if_drained(struct conn *conn)
{
    if (conn->core->is_draining && conn_is_idle(conn))
        conn_close(conn, CLOSE_DRAINED);
}
