/* SPDX-License-Identifier: MIT */
#include "conn_request.h"

#include <stdio.h>
#include <string.h>

#include "auto_bypass.h"
#include "connect_to.h"
#include "hello.h"
#include "http1.h"
#include "log.h"
#include "pages.h"

enum { HEAD_CEILING = 64 * 1024 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct str
conn_bytes_ahead(const struct conn *conn)
{
    const struct stream *client = &conn->client;

    return (struct str){ client->in.bytes + client->in_used, client->in.len - client->in_used };
}

bool
conn_read_more(struct conn *conn, size_t max)
{
    if ((conn->ready & PUMP_CLIENT_READY) == 0)
        return true;
    conn->ready &= ~(unsigned)PUMP_CLIENT_READY;
    if (stream_read_ahead(&conn->client, max) >= 0)
        return true;
    conn_close(conn, CLOSE_CLIENT_LEFT_EARLY);
    return false;
}

void
conn_refuse(struct conn *conn, const char *text)
{
    struct buf page;

    buf_init(&page, 64 * 1024);
    pages_bad_request(&page, str_from(text));
    stream_write(&conn->client, buf_str(&page));
    buf_release(&page);
    conn_note_reason(conn, CLOSE_BAD_REQUEST);
    conn_go(conn, CONN_LINGER);
}

static bool
is_host(struct str host)
{
    if (host.len == 0 || host.len > CONN_MAX_HOST)
        return false;
    for (size_t i = 0; i < host.len; i++)
        if ((unsigned char)host.ptr[i] <= ' ' || (unsigned char)host.ptr[i] >= 127 || host.ptr[i] == '/' ||
            host.ptr[i] == '%')
            return false;
    return true;
}

bool
conn_set_host(struct conn *conn, struct str host)
{
    if (!is_host(host))
        return false;
    for (size_t i = 0; i < host.len; i++)
        conn->host[i] = host.ptr[i] >= 'A' && host.ptr[i] <= 'Z' ? (char)(host.ptr[i] - 'A' + 'a') : host.ptr[i];
    conn->host[host.len] = '\0';
    return true;
}

/* Reads "CONNECT host:port". Returns what is wrong, or NULL. */
static const char *
read_connect(struct conn *conn, struct str head)
{
    struct http1_pair *pair = conn->core->connect_pair;
    struct arena *arena = arena_new(4096);
    const char *wrong = "The head of the CONNECT request is malformed.";
    struct str slice, host;

    http1_pair_init(pair);
    if (arena == NULL || http1_pair_next(pair, HTTP1_REQUEST, &head, &slice) != HTTP1_HEAD)
        goto out;
    if (pair->request.deviations != 0 && (pair->request.deviations & ~(1u << HTTP1_HOST_MISSING)) != 0)
        goto out;
    wrong = "CONNECT needs host:port.";
    conn->port = 0;
    if (!http1_split_authority(arena, pair->request.target, &host, &conn->port) || conn->port == 0 ||
        !conn_set_host(conn, host))
        goto out;
    wrong = NULL;
out:
    http1_pair_release(pair);
    arena_free(arena);
    return wrong;
}

static bool
is_address(struct str host)
{
    return str_find_byte(host, ':') != SIZE_MAX ||
           (host.len > 0 && host.ptr[host.len - 1] >= '0' && host.ptr[host.len - 1] <= '9');
}

/* The server is given, and nothing of it is out of scope. */
static bool
is_reverse(const struct conn *conn)
{
    return conn->way->rules->mode == RELAY_REVERSE;
}

void
conn_tunnel(struct conn *conn, enum tunnel_cause cause, const char *reason)
{
    const char *name = conn->name[0] != '\0' ? conn->name : conn->host;

    conn->kind = CONN_TUNNELLED;
    conn->core->stats.tunnelled++;
    conn->core->stats.tunnels[cause]++;
    conn->tunnel_reason = reason;
    if (host_table_count(&conn->core->tunnels, name, conn->port, reason))
        log_info("%s port %u passes unopened: %s", name, conn->port, reason);
    conn_go(conn, CONN_DIAL);
}

void
conn_decide_by_address(struct conn *conn)
{
    const char *reason;
    enum tunnel_cause cause;

    if (strcmp(conn->host, PAGES_HOST) != 0 &&
        scope_is_excluded(conn->core->scope, str_from(conn->host), conn->port, &cause, &reason))
        conn_tunnel(conn, cause, reason);
    else
        conn_go(conn, CONN_HELLO);
}

static void
accept_connect(struct conn *conn, struct str head)
{
    const char *wrong = read_connect(conn, head);

    if (wrong != NULL) {
        conn_refuse(conn, wrong);
        return;
    }
    conn->client.in_used += head.len;
    if (!stream_write(&conn->client, STR("HTTP/1.1 200 Connection established\r\n\r\n"))) {
        conn_close(conn, conn_end_reason(conn, PUMP_CLIENT));
        return;
    }
    conn_decide_by_address(conn);
}

/* HTTP/2 without TLS, by a client that did not ask whether we speak it: it gets the refusal in its own words. */
static void
refuse_http2(struct conn *conn, const char *words)
{
    log_info("connection %llu of %s is refused: HTTP/2 without TLS. %s", (unsigned long long)conn->number,
             conn->client_address, words);
    conn->kind = CONN_SITE;
    conn->protocol = LEAF_HTTP2;
    conn->refusal = words;
    conn_go(conn, CONN_PAGE);
}

/* By a client that takes us for the server, and speaks to us without TLS. */
static void
refuse_without_tls(struct conn *conn)
{
    struct str bytes = conn_bytes_ahead(conn);

    if (str_starts_c(bytes, preface)) {
        refuse_http2(conn, "This port speaks https only; HTTP/2 passes inside of TLS.");
    } else if (str_starts(STR(preface), bytes)) { /* or a method that begins alike */
        stream_watch(&conn->client, true);
    } else {
        log_info("connection %llu of %s is refused: it speaks no TLS, as https needs", (unsigned long long)conn->number,
                 conn->client_address);
        conn_refuse(conn, "This port speaks https only.");
    }
}

void
conn_request(struct conn *conn)
{
    static const char connect[] = "CONNECT ";
    struct str bytes;
    size_t compared, end;

    if (!conn_read_more(conn, HEAD_CEILING))
        return;
    bytes = conn_bytes_ahead(conn);
    compared = bytes.len < sizeof connect - 1 ? bytes.len : sizeof connect - 1;
    stream_watch(&conn->client, true);
    if (compared == 0)
        return;
    if (str_starts_c(bytes, preface)) {
        refuse_http2(conn, "A proxy takes HTTP/1.1 here. HTTP/2 passes inside of TLS, by CONNECT.");
        return;
    }
    if (str_starts(STR(preface), bytes))
        return;
    if (memcmp(bytes.ptr, connect, compared) != 0) {
        conn->kind = CONN_PLAIN_HTTP;
        conn->core->stats.plain++;
        conn_go(conn, CONN_PLAIN);
        return;
    }
    end = str_find_c(bytes, "\r\n\r\n");
    if (end != SIZE_MAX)
        accept_connect(conn, str_slice(bytes, 0, end + 4));
    else if (bytes.len >= HEAD_CEILING)
        conn_refuse(conn, "The head of the CONNECT request is too long.");
}

void
conn_follow_name(struct conn *conn)
{
    const struct upstream_rules *rules = &conn->core->upstream_rules;
    struct str name = str_from(conn->name), to_host;
    unsigned to_port;

    if (connect_to_map(rules->connect_to, rules->connect_to_count, name, conn->port, &to_host, &to_port) ||
        next_proxy_is_for(rules->next_proxy, name, conn->port))
        snprintf(conn->host, sizeof conn->host, "%s", conn->name);
}

/* The client speaks TLS to conn->name: may and can we open it? */
static void
decide(struct conn *conn, const struct hello *hello)
{
    struct str name = str_from(conn->name);
    const char *reason, *why;
    enum tunnel_cause cause;

    if (!is_reverse(conn) && strcmp(conn->name, PAGES_HOST) == 0) {
        conn->kind = CONN_SITE;
        conn_go(conn, CONN_CLIENT_TLS);
        return;
    }
    if (hello->has_alpn && conn->offers == 0) {
        snprintf(conn->reason_text, sizeof conn->reason_text,
                 conn->core->options.no_http2 ? "the client offers %s, but not HTTP/1.1"
                                              : "the client offers %s, but neither HTTP/1.1 nor HTTP/2",
                 hello->first_protocol);
        conn_tunnel(conn, TUNNEL_PROTOCOL, conn->reason_text);
        return;
    }
    if (!is_reverse(conn) && scope_decide(conn->core->scope, name, conn->port, &cause, &reason) == SCOPE_TUNNEL) {
        conn_tunnel(conn, cause, reason);
        return;
    }
    if (!is_reverse(conn) && (reason = auto_bypass_reason(conn->core, conn->name, conn->port)) != NULL) {
        conn_tunnel(conn, TUNNEL_AUTO_BYPASS, reason);
        return;
    }
    if ((!is_reverse(conn) || !key_pair_present(&conn->core->own)) &&
        leaf_cache_get(conn->core->leafs, str_from(conn->leaf_name), conn_now_ms(conn->core) / 1000, &why) == NULL) {
        conn_tunnel(conn, TUNNEL_NO_CERTIFICATE, why);
        return;
    }
    conn->kind = CONN_INTERCEPTED;
    conn->core->stats.intercepted++;
    conn_go(conn, CONN_DIAL);
}

/* What the client offers and we can relay: that much is offered to the server. */
static unsigned
offers_of(const struct conn *conn, const struct hello *hello)
{
    if (!hello->has_alpn)
        return 0;
    return (hello->offers_http1 ? TRUST_HTTP1 : 0u) |
           (hello->offers_http2 && !conn->core->options.no_http2 ? TRUST_HTTP2 : 0u);
}

/*
 * Browsers send the extension always, mostly with nothing in it. It strikes when the client asked the proxy
 * for another name than the one that can be read.
 */
static void
tell_encrypted_hello(struct conn *conn, const struct hello *hello)
{
    char text[1000];

    if (is_reverse(conn) || hello->name[0] == '\0' || strcmp(hello->name, conn->host) == 0 ||
        is_address(str_from(conn->host)))
        return;
    conn->core->told_encrypted_hello = true;
    interference_text(text, sizeof text, INTERFERENCE_ENCRYPTED_HELLO, hello->name, conn->port, "");
    log_info("connection %llu asked for %s: %s", (unsigned long long)conn->number, conn->host, text);
}

void
conn_hello(struct conn *conn)
{
    struct hello hello;

    if (!conn_read_more(conn, HELLO_MAX_BYTES))
        return;
    switch (hello_parse(conn_bytes_ahead(conn), &hello)) {
    case HELLO_MORE:
        stream_watch(&conn->client, true);
        return;
    case HELLO_NOT_TLS:
        if (is_reverse(conn))
            refuse_without_tls(conn);
        else
            conn_tunnel(conn, TUNNEL_NOT_TLS, "the client does not speak TLS");
        return;
    case HELLO_TLS:
        break;
    }
    conn->offers = offers_of(conn, &hello);
    snprintf(conn->leaf_name, sizeof conn->leaf_name, "%s", hello.name[0] != '\0' ? hello.name : conn->host);
    snprintf(conn->name, sizeof conn->name, "%s", is_reverse(conn) ? conn->host : conn->leaf_name);
    if (hello.has_encrypted_hello && !conn->core->told_encrypted_hello)
        tell_encrypted_hello(conn, &hello);
    if (conn->way->rules->mode == RELAY_TRANSPARENT)
        conn_follow_name(conn);
    decide(conn, &hello);
}

void
conn_hello_timeout(struct conn *conn)
{
    if (conn_bytes_ahead(conn).len == 0 && !is_reverse(conn))
        conn_tunnel(conn, TUNNEL_SERVER_FIRST, "the client waits for the server to speak first");
    else
        conn_close(conn, CLOSE_REQUEST_TIMEOUT);
}
