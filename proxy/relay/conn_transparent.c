/* SPDX-License-Identifier: MIT */
#include "conn_transparent.h"

#include <stdio.h>
#include <string.h>

#include "address.h"
#include "conn_request.h"
#include "hello.h"
#include "http1.h"
#include "log.h"
#include "pages.h"
#include "transparent.h"

enum { RECORD_HANDSHAKE = 22, LONGEST_METHOD = 24 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/* --- where to -------------------------------------------------------------------------------------- */

/* Nothing redirected this client: it was told that this port is a proxy, or came by mistake. */
static void
refuse_direct(struct conn *conn)
{
    log_warn("connection %llu of %s came straight to the port of --mode transparent: only what a rule of the packet "
             "filter redirects can be passed on there (--print-rules shows the rules; for a proxy that browsers are "
             "told of: --mode regular)",
             (unsigned long long)conn->number, conn->client_address);
    conn_refuse(conn, "This port takes connections that a rule of the packet filter redirects here; this one came "
                      "straight to it, and nothing says where it should go. A browser that is told of a proxy needs "
                      "samltap proxy --mode regular.");
}

/* Our own connection came back. Whoever waits at its other end learns why. */
static void
end_loop(struct conn *conn, int fd)
{
    char text[500];

    snprintf(text, sizeof text,
             "samltap's own connection to %s port %u was redirected back to samltap: the rule must leave out the user "
             "that samltap runs as (--print-rules)",
             conn->host, conn->port);
    for (struct conn *one = conn->core->conns; one != NULL; one = one->next)
        if (one->server.fd == fd || (one->upstream != NULL && one->upstream->fd == fd)) {
            conn_note_reason(one, CLOSE_LOOP);
            conn_set_problem(one, EXCHANGE_UPSTREAM_UNREACHABLE, text);
        }
    log_warn("%s", text);
    conn_close(conn, CLOSE_LOOP);
}

/* Sets host and port. False when there is nowhere to go: the connection is over or will be. */
static bool
find_destination(struct conn *conn)
{
    const struct upstream_rules *rules = &conn->core->upstream_rules;
    const struct relay_way *way = conn->way->rules;
    transparent_ask_fn *ask = way->destination != NULL ? way->destination : transparent_destination;
    struct sockaddr_storage to, peer, client;
    const struct sockaddr *address = (const struct sockaddr *)&to;
    socklen_t len = sizeof peer;
    int fd;

    if (conn->host[0] != '\0')
        return true;
    if (ask(conn->client.fd, way->tproxy, &to) == TRANSPARENT_DIRECT || upstream_is_own(rules, address)) {
        refuse_direct(conn);
        return false;
    }
    if (!address_text(address, conn->host, sizeof conn->host) ||
        getpeername(conn->client.fd, (struct sockaddr *)&peer, &len) != 0) {
        conn_close(conn, CLOSE_CLIENT_LEFT_EARLY);
        return false;
    }
    conn->port = ntohs(address_port(address));
    address_unmap((const struct sockaddr *)&peer, &client);
    fd = transparent_loop(conn->core->own_sockets, &client, &to);
    if (fd >= 0)
        end_loop(conn, fd);
    return fd < 0;
}

/* --- what it speaks -------------------------------------------------------------------------------- */

enum speech { SPEECH_MORE, SPEECH_TLS, SPEECH_HTTP, SPEECH_OTHER };

/* HTTP begins with a method, which is a word in capitals for all that browsers send. */
static enum speech
speech_of(struct str bytes)
{
    size_t i = 0;

    if (bytes.len == 0)
        return SPEECH_MORE;
    if (bytes.ptr[0] == RECORD_HANDSHAKE)
        return SPEECH_TLS;
    while (i < bytes.len && i < LONGEST_METHOD && bytes.ptr[i] >= 'A' && bytes.ptr[i] <= 'Z')
        i++;
    if (i == bytes.len && i < LONGEST_METHOD)
        return SPEECH_MORE;
    if (i == 0 || i == LONGEST_METHOD || bytes.ptr[i] != ' ' || str_starts_c(bytes, preface))
        return SPEECH_OTHER;
    if (str_starts(STR(preface), bytes))
        return SPEECH_MORE;
    return str_find_c(bytes, "\r\n\r\n") != SIZE_MAX || bytes.len >= HELLO_MAX_BYTES ? SPEECH_HTTP : SPEECH_MORE;
}

/* The name that the first request gives, where it gives one. The request itself is passed on as it is. */
static void
read_name(struct conn *conn, struct str head)
{
    struct http1_pair *pair = conn->core->connect_pair;
    struct arena *arena = arena_new(64 * 1024);
    char address[sizeof conn->host];
    unsigned port = conn->port;
    struct str slice, host;

    http1_pair_init(pair);
    snprintf(address, sizeof address, "%s", conn->host);
    if (arena != NULL && http1_pair_next(pair, HTTP1_REQUEST, &head, &slice) == HTTP1_HEAD &&
        http1_split_authority(arena, headers_get(&pair->request.headers, "Host"), &host, &port) &&
        conn_set_host(conn, host))
        snprintf(conn->name, sizeof conn->name, "%s", conn->host);
    else
        snprintf(conn->name, sizeof conn->name, "%s", address);
    snprintf(conn->host, sizeof conn->host, "%s", address);
    http1_pair_release(pair);
    arena_free(arena);
}

static void
take_http(struct conn *conn, struct str bytes)
{
    read_name(conn, bytes);
    if (strcmp(conn->name, PAGES_HOST) == 0) {
        conn->kind = CONN_SITE;
        conn_go(conn, CONN_PAGE);
        return;
    }
    conn_follow_name(conn);
    conn->kind = CONN_PLAIN_HTTP;
    conn->core->stats.plain++;
    conn_go(conn, CONN_DIAL);
}

void
conn_transparent(struct conn *conn)
{
    struct str bytes;

    if (!find_destination(conn) || !conn_read_more(conn, HELLO_MAX_BYTES))
        return;
    bytes = conn_bytes_ahead(conn);
    stream_watch(&conn->client, true);
    switch (speech_of(bytes)) {
    case SPEECH_MORE:
        return;
    case SPEECH_TLS:
        conn_decide_by_address(conn);
        return;
    case SPEECH_HTTP:
        take_http(conn, bytes);
        return;
    case SPEECH_OTHER:
        conn_tunnel(conn, TUNNEL_NOT_TLS, "the client speaks neither TLS nor HTTP/1.1");
        return;
    }
}

void
conn_transparent_timeout(struct conn *conn)
{
    if (!find_destination(conn))
        return;
    if (conn_bytes_ahead(conn).len == 0)
        conn_tunnel(conn, TUNNEL_SERVER_FIRST, "the client waits for the server to speak first");
    else
        conn_close(conn, CLOSE_REQUEST_TIMEOUT);
}
