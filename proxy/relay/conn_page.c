/* SPDX-License-Identifier: MIT */
#include "conn_page.h"

#include <stdlib.h>

#include "http1.h"
#include "memory.h"
#include "pages.h"

enum { PAGE_CEILING = 1 << 20 };

/* Answers a request for target, in whichever version of HTTP it came. stream: of HTTP/2. */
static void
answer(struct conn *conn, struct str target, bool with_body, uint32_t stream)
{
    struct buf page, frames;

    buf_init(&page, PAGE_CEILING);
    if (conn->refusal != NULL)
        pages_bad_request(&page, str_from(conn->refusal));
    else if (conn->kind == CONN_SITE)
        pages_site(&page, conn->core->options.ca, target, conn->way->address, with_body);
    else
        pages_problem(&page, str_from(conn->name), conn->port, conn->problem, str_from(conn->problem_text));
    if (conn->protocol == LEAF_HTTP2) {
        buf_init(&frames, PAGE_CEILING);
        pages_http2(&frames, buf_str(&page), stream);
        stream_write(&conn->client, buf_str(&frames));
        buf_release(&frames);
    } else {
        stream_write(&conn->client, buf_str(&page));
    }
    buf_release(&page);
}

bool
conn_page_now(struct conn *conn)
{
    uint64_t number;
    const struct exchange *request = tap_awaited(conn->tap, &number);

    if (request == NULL)
        return false;
    answer(conn, request->target, !str_eq_c(request->method, "HEAD"), (uint32_t)number);
    return true;
}

/* Returns 1 when a request was read (and answered), 0 when more is needed, -1 when there will be none. */
static int
look_at_http1(struct conn *conn, struct str input)
{
    struct arena *arena;
    struct exchange exchange = { 0 };
    struct str slice;

    switch (http1_pair_next(conn->page_pair, HTTP1_REQUEST, &input, &slice)) {
    case HTTP1_MORE:
        return 0;
    case HTTP1_HEAD:
        arena = arena_new(PAGE_CEILING);
        if (arena != NULL && http1_copy_head(arena, &conn->page_pair->request, &exchange))
            answer(conn, exchange.target, !str_eq_c(exchange.method, "HEAD"), 0);
        arena_free(arena);
        return 1;
    default:
        return -1;
    }
}

static int
read_request(struct conn *conn)
{
    char *scratch = conn->core->scratch;
    ssize_t n = stream_read(&conn->client, scratch, PUMP_SCRATCH);
    struct str input = { scratch, n > 0 ? (size_t)n : 0 };

    if (n <= 0)
        return (int)n;
    if (conn->tap != NULL)
        tap_bytes(conn->tap, TAP_REQUEST, input);
    if (conn->protocol != LEAF_HTTP2)
        return look_at_http1(conn, input);
    return conn_page_now(conn) ? 1 : 0;
}

static void
begin(struct conn *conn)
{
    bool is_http2 = conn->protocol == LEAF_HTTP2;

    if (!is_http2 && conn->page_pair == NULL) {
        conn->page_pair = xcalloc(1, sizeof *conn->page_pair);
        http1_pair_init(conn->page_pair);
    }
    /* The tap is what reads HTTP/2, even where nothing is to be told. */
    if (conn->tap == NULL && (is_http2 || conn->problem != EXCHANGE_OK))
        conn_start_tap(conn, conn->client.ssl != NULL ? "https" : "http", conn->client.ssl != NULL);
}

void
conn_page(struct conn *conn)
{
    int result;

    begin(conn);
    do
        result = read_request(conn);
    while (result == 0 && stream_has_buffered(&conn->client) && !conn->client.read_needs_write);
    if (result == 0) {
        stream_watch(&conn->client, true);
        return;
    }
    conn_end_tap(conn);
    conn_note_reason(conn, conn->refusal != NULL ? CLOSE_BAD_REQUEST : result > 0 ? CLOSE_OWN_PAGE : CLOSE_NONE);
    if (result > 0)
        conn_go(conn, CONN_LINGER);
    else
        conn_close(conn, CLOSE_CLIENT_LEFT_EARLY);
}
