/* SPDX-License-Identifier: MIT */
#include "relay_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

static void
ask(struct line *line, const char *host)
{
    char request[300];
    struct buf head;

    snprintf(request, sizeof request, "GET /saml/acs HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    line_say(line, request);
    buf_init(&head, 65536);
    assert_true(line_read_head(line, &head));
    assert_true(str_eq_c(buf_str(&head), response));
    buf_release(&head);
}

/* --- reverse ---------------------------------------------------------------------------------------- */

/* The browser knows the server by a name of ours: that is in our certificate, the server's own goes to the server. */
static void
reverse_shows_its_own_name_and_passes_host_on(void **state)
{
    struct world world;
    struct line line;
    const struct exchange *exchange;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, response);
    world.rig.options.mode = RELAY_REVERSE;
    world.rig.options.reverse_host = "sp.test";
    world.rig.options.reverse_port = 443;
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    assert_true(client_tls(&line, "acs.example.com", world.rig.root));
    ask(&line, "acs.example.com:8443");
    exchange = rig_wait(&world.rig, 1);
    assert_int_equal(exchange->problem, EXCHANGE_OK);
    assert_true(str_eq_c(exchange->scheme, "https"));
    assert_true(str_eq_c(exchange->host, "acs.example.com"));
    assert_int_equal(exchange->port, 8443);
    assert_true(str_eq_c(headers_get(&exchange->request_headers, "Host"), "acs.example.com:8443"));
    line_close(&line);
    world_close(&world);
    assert_int_equal(world.rig.stats.intercepted, 1);
}

static void
reverse_refuses_plain_http(void **state)
{
    struct world world;
    struct line line;
    struct buf head;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, response);
    world.rig.options.mode = RELAY_REVERSE;
    world.rig.options.reverse_host = "sp.test";
    world.rig.options.reverse_port = 443;
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    buf_init(&head, 65536);
    assert_true(line_read_head(&line, &head));
    assert_true(str_starts_c(buf_str(&head), "HTTP/1.1 400 "));
    buf_release(&head);
    line_close(&line);
    world_close(&world);
}

/* --- SOCKS5 ----------------------------------------------------------------------------------------- */

static void
open_socks(struct world *world, struct line *line)
{
    world_open(world, "sp.test", FLAW_NONE, serve_fixed, response);
    world->rig.options.mode = RELAY_SOCKS5;
    rig_start(&world->rig);
    client_dial(line, world->rig.port);
}

static void
expect(struct line *line, const char *bytes, size_t len)
{
    char got[16];

    assert_true(len <= sizeof got);
    assert_true(line_read_exactly(line, got, len));
    assert_memory_equal(got, bytes, len);
}

static const char succeeded[] = { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 };

/* One byte at a time, as a hostile network would. */
static void
socks_opens_a_name(void **state)
{
    static const char greeting[] = { 5, 2, 2, 0 }, request[] = "\5\1\0\3\7SP.Test\1\273";
    struct world world;
    struct line line;
    const struct exchange *exchange;

    (void)state;
    open_socks(&world, &line);
    for (size_t i = 0; i < sizeof greeting; i++)
        assert_true(line_write(&line, greeting + i, 1));
    expect(&line, "\5\0", 2);
    for (size_t i = 0; i < sizeof request - 1; i++)
        assert_true(line_write(&line, request + i, 1));
    expect(&line, succeeded, sizeof succeeded);
    assert_true(client_tls(&line, "sp.test", world.rig.root));
    ask(&line, "sp.test");
    exchange = rig_wait(&world.rig, 1);
    assert_true(str_eq_c(exchange->host, "sp.test"));
    assert_int_equal(exchange->port, 443);
    line_close(&line);
    world_close(&world);
    assert_int_equal(world.rig.stats.intercepted, 1);
}

/* Greeting and request in one piece; the address is the server's, the name comes with TLS. */
static void
socks_opens_an_address(void **state)
{
    char bytes[] = { 5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 0 };
    struct world world;
    struct line line;

    (void)state;
    open_socks(&world, &line);
    bytes[11] = (char)(world.server.port >> 8);
    bytes[12] = (char)world.server.port;
    assert_true(line_write(&line, bytes, sizeof bytes));
    expect(&line, "\5\0", 2);
    expect(&line, succeeded, sizeof succeeded);
    assert_true(client_tls(&line, "sp.test", world.rig.root));
    ask(&line, "sp.test");
    line_close(&line);
    world_close(&world);
}

static void
expect_refusal(const char *bytes, size_t len, const char *answer, size_t answer_len)
{
    struct world world;
    struct line line;

    open_socks(&world, &line);
    assert_true(line_write(&line, bytes, len));
    expect(&line, answer, answer_len);
    line_end(&line);
    assert_int_equal(line_read(&line, (char[1]){ 0 }, 1), 0);
    line_close(&line);
    world_close(&world);
}

static void
socks_refuses_what_it_cannot_do(void **state)
{
    (void)state;
    expect_refusal("\5\1\2", 3, "\5\377", 2);                                             /* only passwords */
    expect_refusal("\5\1\0\5\2\0\1\177\0\0\1\0\120", 13, "\5\0\5\7\0\1\0\0\0\0\0\0", 12); /* BIND */
    expect_refusal("\5\1\0\5\1\0\2\1x\0\120", 11, "\5\0\5\10\0\1\0\0\0\0\0\0", 12);       /* no such address type */
    expect_refusal("\5\1\0\5\1\0\3\1x\0\0", 11, "\5\0\5\1\0\1\0\0\0\0\0\0", 12);          /* port 0 */
    expect_refusal("\5\1\0\5\1\0\3\3a b\0\120", 13, "\5\0\5\1\0\1\0\0\0\0\0\0", 12);      /* a blank in the name */
    expect_refusal("\4\1\0\120\177\0\0\1\0", 9, "", 0);                                   /* SOCKS4 */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reverse_shows_its_own_name_and_passes_host_on),
        cmocka_unit_test(reverse_refuses_plain_http),
        cmocka_unit_test(socks_opens_a_name),
        cmocka_unit_test(socks_opens_an_address),
        cmocka_unit_test(socks_refuses_what_it_cannot_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
