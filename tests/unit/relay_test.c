/* SPDX-License-Identifier: MIT */
#include "relay_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t
next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* --- intercepted exchanges ------------------------------------------------------------------------- */

static void
exchange_is_told_as_it_was(void **state)
{
    static char response[] = "HTTP/1.1 302 Found\r\nLocation: https://idp.test/?SAMLRequest=abc%2Bd\r\n"
                             "Set-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n";
    struct world world;
    struct line line;
    struct buf head;
    const struct exchange *exchange;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, response);
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    line_say(&line, "GET /start?x=%2f+1 HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    buf_init(&head, 65536);
    assert_true(line_read_head(&line, &head));
    assert_true(str_eq_c(buf_str(&head), response));
    exchange = rig_wait(&world.rig, 1);
    assert_int_equal(exchange->problem, EXCHANGE_OK);
    assert_int_equal(exchange->status, 302);
    assert_true(str_eq_c(exchange->host, "sp.test"));
    assert_int_equal(exchange->port, 443);
    assert_true(str_eq_c(exchange->scheme, "https"));
    assert_true(str_eq_c(exchange->method, "GET"));
    assert_true(str_eq_c(exchange->target, "/start?x=%2f+1"));
    assert_true(str_eq_c(exchange->client, "127.0.0.1"));
    assert_int_equal(headers_count(&exchange->response_headers, "Set-Cookie"), 2);
    assert_int_equal(exchange->number, 1);
    assert_true(exchange->started_ms > 0 && exchange->finished_ms >= exchange->started_ms);
    /* The same connection goes on. */
    buf_reset(&head);
    line_say(&line, "GET /again HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    assert_true(line_read_head(&line, &head));
    exchange = rig_wait(&world.rig, 2);
    assert_true(str_eq_c(exchange->target, "/again"));
    assert_int_equal(exchange->connection, 1);
    buf_release(&head);
    line_close(&line);
    world_close(&world);
    assert_int_equal(world.rig.stats.intercepted, 1);
}

/* What a POST of a SAML response looks like: its body and the page that answers it are kept. */
static void
bodies_of_a_sign_in_are_kept(void **state)
{
    static char response[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "5\r\n<html\r\n6;x=y\r\n>oh no\r\n0\r\nTrailer: t\r\n\r\n";
    static const char form[] = "SAMLResponse=PHNhbWxwOlJlc3BvbnNlLz4%3D&RelayState=r";
    struct world world;
    struct line line;
    char got[sizeof response], request[400];
    const struct exchange *exchange;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, response);
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    snprintf(request, sizeof request,
             "POST /saml/acs HTTP/1.1\r\nHost: sp.test\r\nContent-Type: application/x-www-form-urlencoded\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             strlen(form), form);
    line_say(&line, request);
    assert_true(line_read_exactly(&line, got, sizeof response - 1));
    assert_memory_equal(got, response, sizeof response - 1);
    exchange = rig_wait(&world.rig, 1);
    assert_true(str_eq_c(exchange->request_body.bytes, form));
    assert_int_equal(exchange->request_body.size, strlen(form));
    assert_true(str_eq_c(exchange->response_body.bytes, "<html>oh no"));
    assert_false(exchange->response_body.cut);
    line_close(&line);
    world_close(&world);
}

/* gzip("hello hello hello hello\n"): the tap keeps what went over the wire. */
static const unsigned char gzipped[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb,
                                         0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x27, 0xb8, 0x00, 0x00 };

static void
serve_gzip(struct line *line, void *data)
{
    struct buf head;
    char body[32];

    (void)data;
    buf_init(&head, 65536);
    if (line_read_head(line, &head) && line_read_exactly(line, body, 14)) {
        line_say(line, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n");
        line_write(line, gzipped, sizeof gzipped);
        line_end(line);
    }
    buf_release(&head);
}

static void
coded_body_until_close_is_kept_as_it_came(void **state)
{
    struct world world;
    struct line line;
    struct buf all;
    const struct exchange *exchange;
    struct str body = { (const char *)gzipped, sizeof gzipped };

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_gzip, NULL);
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    line_say(&line, "POST /acs HTTP/1.1\r\nHost: sp.test\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    "Content-Length: 14\r\n\r\nSAMLResponse=x");
    buf_init(&all, 65536);
    assert_int_equal(line_read_all(&line, &all), 0); /* a proper end is passed on as one */
    exchange = rig_wait(&world.rig, 1);
    assert_int_equal(exchange->problem, EXCHANGE_OK);
    assert_true(str_eq(exchange->response_body.bytes, body));
    buf_release(&all);
    line_close(&line);
    world_close(&world);
}

static void
serve_cut(struct line *line, void *data)
{
    struct buf head;

    (void)data;
    buf_init(&head, 65536);
    if (line_read_head(line, &head))
        line_say(line, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
    buf_release(&head); /* and the connection is closed without close_notify */
}

static void
cut_response_stays_cut(void **state)
{
    struct world world;
    struct line line;
    struct buf all;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_cut, NULL);
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    buf_init(&all, 65536);
    assert_int_equal(line_read_all(&line, &all), -1); /* no proper end is made up */
    assert_true(str_ends_c(buf_str(&all), "only this"));
    assert_int_equal(rig_wait(&world.rig, 1)->problem, EXCHANGE_CUT_SHORT);
    assert_int_equal(rig_wait(&world.rig, 1)->status, 200);
    buf_release(&all);
    line_close(&line);
    world_close(&world);
}

/* --- bytes ----------------------------------------------------------------------------------------- */

/* Sends back what it gets, a random piece at a time, until the client ends; then says so and ends. */
static void
serve_echo(struct line *line, void *data)
{
    char chunk[50000];
    uint32_t random = 99;
    ssize_t n;

    (void)data;
    while ((n = line_read(line, chunk, 1 + next_random(&random) % sizeof chunk)) > 0)
        if (!line_write(line, chunk, (size_t)n))
            return;
    line_say(line, "END");
    line_end(line);
    while (line_read(line, chunk, sizeof chunk) > 0)
        continue;
}

struct sending {
    struct line *line;
    const char *bytes;
    size_t len;
};

static void *
send_all(void *data)
{
    struct sending *sending = data;
    uint32_t random = 7;
    size_t at = 0;

    while (at < sending->len) {
        size_t n = 1 + next_random(&random) % (next_random(&random) % 4 == 0 ? 60000 : 300);

        if (n > sending->len - at)
            n = sending->len - at;
        if (!line_write(sending->line, sending->bytes + at, n))
            break;
        at += n;
    }
    return NULL;
}

/*
 * Random bytes in random pieces out and back, more than the watermarks hold; then the client ends its
 * direction, and what the server says after that still arrives. Plain TCP in the tunnel, because
 * OpenSSL does not read and write one connection from two threads.
 */
static void
tunnel_is_exact_and_half_closes(void **state)
{
    enum { SIZE = 3000000 };
    struct world world;
    struct line line;
    char *sent = malloc(SIZE), *got = malloc(SIZE + 16);
    struct sending sending = { &line, sent, SIZE };
    uint32_t random = 42;
    pthread_t thread;
    const struct exchange *exchange;

    (void)state;
    for (size_t i = 0; i < SIZE; i++)
        sent[i] = (char)next_random(&random);
    sent[0] = 'x'; /* no TLS record begins so */
    world_open(&world, NULL, FLAW_NONE, serve_echo, NULL);
    rig_start(&world.rig);
    assert_int_equal(client_connect(&line, world.rig.port, "sp.test:443"), 200);
    assert_int_equal(pthread_create(&thread, NULL, send_all, &sending), 0);
    assert_true(line_read_exactly(&line, got, SIZE));
    pthread_join(thread, NULL);
    assert_memory_equal(got, sent, SIZE);
    line_end(&line);
    assert_true(line_read_exactly(&line, got, 3));
    assert_memory_equal(got, "END", 3);
    assert_int_equal(line_read(&line, got, 1), 0);
    exchange = rig_wait(&world.rig, 1);
    assert_true(str_eq_c(exchange->method, "CONNECT"));
    assert_true(str_eq_c(exchange->target, "sp.test:443"));
    assert_int_equal(exchange->request_body.size, SIZE);
    assert_int_equal(exchange->response_body.size, SIZE + 3);
    assert_true(str_find_c(exchange->problem_text, "TLS") != SIZE_MAX);
    line_close(&line);
    free(sent);
    free(got);
    world_close(&world);
}

static void
intercepted_bytes_are_exact(void **state)
{
    enum { ROUNDS = 60, MAX = 70000 };
    struct world world;
    struct line line;
    char *sent = malloc(MAX), *got = malloc(MAX);
    uint32_t random = 11;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_echo, NULL);
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    for (int round = 0; round < ROUNDS; round++) {
        size_t n = 1 + next_random(&random) % (round % 3 == 0 ? MAX : 40);

        for (size_t i = 0; i < n; i++)
            sent[i] = (char)next_random(&random);
        assert_true(line_write(&line, sent, n));
        assert_true(line_read_exactly(&line, got, n));
        assert_memory_equal(got, sent, n);
    }
    line_end(&line); /* TLS half-close */
    assert_true(line_read_exactly(&line, got, 3));
    assert_memory_equal(got, "END", 3);
    assert_int_equal(line_read(&line, got, 1), 0);
    assert_int_equal(rig_wait(&world.rig, 1)->problem, EXCHANGE_BAD_HTTP); /* noise is no HTTP, and passes */
    line_close(&line);
    free(sent);
    free(got);
    world_close(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchange_is_told_as_it_was),
        cmocka_unit_test(bodies_of_a_sign_in_are_kept),
        cmocka_unit_test(coded_body_until_close_is_kept_as_it_came),
        cmocka_unit_test(cut_response_stays_cut),
        cmocka_unit_test(tunnel_is_exact_and_half_closes),
        cmocka_unit_test(intercepted_bytes_are_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
