/* SPDX-License-Identifier: MIT */
#include "relay_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Answers each request with its own head (and the body, when a length is given) as body. */
static void
serve_mirror(struct line *line, void *data)
{
    struct buf head, answer;
    char body[65536];

    buf_init(&head, 65536);
    buf_init(&answer, 1 << 20);
    while (line_read_head(line, &head)) {
        struct str text = buf_str(&head);
        size_t at = str_find_c(text, "Content-Length: "), len = 0;

        if (at != SIZE_MAX)
            len = (size_t)strtoul(text.ptr + at + 16, NULL, 10);
        if (len > sizeof body || !line_read_exactly(line, body, len))
            break;
        buf_printf(&answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n", head.len + len,
                   data != NULL ? (const char *)data : "");
        buf_add_str(&answer, text);
        buf_add(&answer, body, len);
        line_write(line, answer.bytes, answer.len);
        buf_reset(&head);
        buf_reset(&answer);
    }
    buf_release(&head);
    buf_release(&answer);
}

/* Reads one response with Content-Length; its body is appended to *body. */
static void
read_response(struct line *line, struct buf *body)
{
    struct buf head;
    size_t at, len;
    char *bytes;

    buf_init(&head, 65536);
    assert_true(line_read_head(line, &head));
    at = str_find_c(buf_str(&head), "Content-Length: ");
    assert_true(at != SIZE_MAX);
    len = (size_t)strtoul(head.bytes + at + 16, NULL, 10);
    bytes = malloc(len + 1);
    assert_true(line_read_exactly(line, bytes, len));
    buf_reset(body);
    buf_add(body, bytes, len);
    free(bytes);
    buf_release(&head);
}

static void
request_is_rewritten_no_more_than_needed(void **state)
{
    struct world world;
    struct line line;
    struct buf body;
    const struct exchange *exchange;

    (void)state;
    world_open(&world, NULL, FLAW_NONE, serve_mirror, NULL);
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    line_say(&line, "GET http://sp.test/a%2Fb?SAMLRequest=x%2b&y HTTP/1.1\r\nHOST: sp.test\r\nProxy-Connection: "
                    "keep-alive\r\nX-Odd:  two  spaces \r\nproxy-authorization: Basic c2VjcmV0\r\nCookie: a=b\r\n\r\n");
    buf_init(&body, 1 << 20);
    read_response(&line, &body);
    assert_true(str_eq_c(buf_str(&body), "GET /a%2Fb?SAMLRequest=x%2b&y HTTP/1.1\r\nHOST: sp.test\r\nX-Odd:  two  "
                                         "spaces \r\nCookie: a=b\r\n\r\n"));
    exchange = rig_wait(&world.rig, 1);
    assert_true(str_eq_c(exchange->scheme, "http"));
    assert_true(str_eq_c(exchange->host, "sp.test"));
    assert_int_equal(exchange->port, 80);
    assert_true(str_eq_c(exchange->target, "/a%2Fb?SAMLRequest=x%2b&y"));
    assert_int_equal(exchange->status, 200);
    buf_release(&body);
    line_close(&line);
    world_close(&world);
    assert_int_equal(world.rig.stats.plain, 1);
}

/* One client connection, requests for two hosts, bodies of both kinds, some sent before the answer came. */
static void
kept_connection_is_routed_anew(void **state)
{
    struct world world;
    struct line line;
    struct buf body;

    (void)state;
    world_open(&world, NULL, FLAW_NONE, serve_mirror, NULL);
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    buf_init(&body, 1 << 20);
    line_say(&line, "POST http://sp.test/1 HTTP/1.1\r\nHost: sp.test\r\nContent-Length: 5\r\n\r\nfirst"
                    "GET http://sp.test/2 HTTP/1.1\r\nHost: sp.test\r\n\r\n"
                    "GET http://other.test/3 HTTP/1.1\r\nHost: other.test\r\n\r\n");
    read_response(&line, &body);
    assert_true(str_starts_c(buf_str(&body), "POST /1 HTTP/1.1\r\nHost: sp.test\r\n"));
    assert_true(str_ends_c(buf_str(&body), "first"));
    read_response(&line, &body);
    assert_true(str_starts_c(buf_str(&body), "GET /2 HTTP/1.1\r\n"));
    read_response(&line, &body);
    assert_true(str_starts_c(buf_str(&body), "GET /3 HTTP/1.1\r\nHost: other.test\r\n"));
    line_say(&line, "GET http://sp.test/4 HTTP/1.1\r\nHost: sp.test\r\nConnection: close\r\n\r\n");
    read_response(&line, &body);
    assert_true(str_starts_c(buf_str(&body), "GET /4 HTTP/1.1\r\n"));
    assert_int_equal(line_read(&line, &(char){ 0 }, 1), 0);
    assert_true(str_eq_c(rig_wait(&world.rig, 4)->target, "/4"));
    assert_true(str_eq_c(rig_wait(&world.rig, 3)->host, "other.test"));
    buf_release(&body);
    line_close(&line);
    world_close(&world);
    assert_int_equal(world.server.connections, 3); /* sp, other, sp */
}

static void
server_that_closes_is_obeyed(void **state)
{
    static char close_header[] = "Connection: close\r\n";
    struct world world;
    struct line line;
    struct buf body;

    (void)state;
    world_open(&world, NULL, FLAW_NONE, serve_mirror, close_header);
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    buf_init(&body, 1 << 20);
    line_say(&line, "GET http://sp.test/ HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    read_response(&line, &body);
    assert_int_equal(line_read(&line, &(char){ 0 }, 1), 0);
    buf_release(&body);
    line_close(&line);
    world_close(&world);
}

static void
serve_until_close(struct line *line, void *data)
{
    struct buf head;

    (void)data;
    buf_init(&head, 65536);
    if (line_read_head(line, &head))
        line_say(line, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nuntil the end");
    buf_release(&head);
}

static void
body_until_close_ends_the_connection(void **state)
{
    struct world world;
    struct line line;
    struct buf all;

    (void)state;
    world_open(&world, NULL, FLAW_NONE, serve_until_close, NULL);
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    buf_init(&all, 1 << 20);
    line_say(&line, "GET http://sp.test/ HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    assert_int_equal(line_read_all(&line, &all), 0);
    assert_true(str_eq_c(buf_str(&all), "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nuntil the end"));
    assert_int_equal(rig_wait(&world.rig, 1)->problem, EXCHANGE_OK);
    buf_release(&all);
    line_close(&line);
    world_close(&world);
}

/* After 101 anything may be said. */
static void
serve_switch(struct line *line, void *data)
{
    struct buf head;
    char word[4];

    (void)data;
    buf_init(&head, 65536);
    if (line_read_head(line, &head)) {
        line_say(line, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\n");
        if (line_read_exactly(line, word, 4))
            line_write(line, word, 4);
    }
    buf_release(&head);
}

static void
switched_protocol_passes(void **state)
{
    struct world world;
    struct line line;
    struct buf head;
    char word[4];

    (void)state;
    world_open(&world, NULL, FLAW_NONE, serve_switch, NULL);
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    buf_init(&head, 65536);
    line_say(&line, "GET http://sp.test/ws HTTP/1.1\r\nHost: sp.test\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\n");
    assert_true(line_read_head(&line, &head));
    line_write(&line, "\0\1\2\3", 4);
    assert_true(line_read_exactly(&line, word, 4));
    assert_memory_equal(word, "\0\1\2\3", 4);
    assert_int_equal(rig_wait(&world.rig, 1)->status, 101);
    buf_release(&head);
    line_close(&line);
    world_close(&world);
}

static void
problems_are_shown(void **state)
{
    struct world world;
    struct line line;
    struct buf all;

    (void)state;
    world_open(&world, NULL, FLAW_NONE, serve_mirror, NULL);
    server_stop(&world.server);
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    buf_init(&all, 1 << 20);
    line_say(&line, "GET http://sp.test/x HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    assert_int_equal(line_read_all(&line, &all), 0);
    assert_true(str_find_c(buf_str(&all), "refused the connection") != SIZE_MAX);
    assert_int_equal(rig_wait(&world.rig, 1)->problem, EXCHANGE_UPSTREAM_UNREACHABLE);
    assert_true(str_eq_c(rig_wait(&world.rig, 1)->target, "/x"));
    buf_release(&all);
    line_close(&line);
    server_start(&world.server, NULL, serve_mirror, NULL);
    world_close(&world);
}

/* Bodies far over the watermarks, both ways, a small piece at a time. */
static void
big_bodies_are_exact(void **state)
{
    enum { SIZE = 65000, ROUNDS = 20 };
    struct world world;
    struct line line;
    struct buf body;
    char *sent = malloc(SIZE), request[200];

    (void)state;
    world_open(&world, NULL, FLAW_NONE, serve_mirror, NULL);
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    buf_init(&body, 1 << 20);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < SIZE; i++)
            sent[i] = (char)(i * 7 + (size_t)round);
        snprintf(request, sizeof request,
                 "PUT http://sp.test/%d HTTP/1.1\r\nHost: sp.test\r\nContent-Length: %d\r\n\r\n", round, SIZE);
        line_say(&line, request);
        for (size_t at = 0; at < SIZE; at += 1300)
            assert_true(line_write(&line, sent + at, SIZE - at < 1300 ? SIZE - at : 1300));
        read_response(&line, &body);
        assert_true(body.len > SIZE);
        assert_memory_equal(body.bytes + body.len - SIZE, sent, SIZE);
    }
    buf_release(&body);
    free(sent);
    line_close(&line);
    world_close(&world);
    assert_int_equal(world.server.connections, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_is_rewritten_no_more_than_needed),
        cmocka_unit_test(kept_connection_is_routed_anew),
        cmocka_unit_test(server_that_closes_is_obeyed),
        cmocka_unit_test(body_until_close_ends_the_connection),
        cmocka_unit_test(switched_protocol_passes),
        cmocka_unit_test(problems_are_shown),
        cmocka_unit_test(big_bodies_are_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
