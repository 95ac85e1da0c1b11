/* SPDX-License-Identifier: MIT */
#include "key_pair.h"
#include "relay_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    world.rig.options.ways[0].mode = RELAY_REVERSE;
    world.rig.options.ways[0].reverse_host = "sp.test";
    world.rig.options.ways[0].reverse_port = 443;
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
    world.rig.options.ways[0].mode = RELAY_REVERSE;
    world.rig.options.ways[0].reverse_host = "sp.test";
    world.rig.options.ways[0].reverse_port = 443;
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

/* The user's certificate is shown, whatever name the browser asks for, and nothing is minted. */
static void
reverse_shows_the_given_certificate(void **state)
{
    struct world world;
    struct line line;
    char *pair;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, response);
    pair = authority_pair_file(&world.authority, "acs.example.com");
    world.rig.options.own_cert = pair;
    world.rig.options.ways[0].mode = RELAY_REVERSE;
    world.rig.options.ways[0].reverse_host = "sp.test";
    world.rig.options.ways[0].reverse_port = 443;
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    assert_true(client_tls(&line, "acs.example.com", world.authority.certificate));
    ask(&line, "acs.example.com");
    line_close(&line);
    world_close(&world);
    unlink(pair);
    free(pair);
}

static void
own_certificate_is_explained(const char *certificate, const char *key, const char *words)
{
    struct key_pair pair;
    char *why = NULL;

    assert_false(key_pair_read(&pair, certificate, key, "--cert", &why));
    if (strstr(why, words) == NULL || strstr(why, "--cert") == NULL)
        fail_msg("%s", why);
    assert_false(key_pair_present(&pair));
    free(why);
}

static void
own_certificates_that_cannot_be_used_are_explained(void **state)
{
    struct authority authority;
    char *only, *first, *second;

    (void)state;
    authority_init(&authority, "Test authority");
    only = authority_file(&authority);
    first = authority_pair_file(&authority, "a.test");
    second = authority_pair_file(&authority, "b.test");
    own_certificate_is_explained("/nonexistent/file", NULL, "/nonexistent/file: no certificate");
    own_certificate_is_explained(only, NULL, "no private key");
    own_certificate_is_explained(first, second, "does not belong to the first certificate");
    for (char *const *file = (char *const[]){ only, first, second, NULL }; *file != NULL; file++) {
        unlink(*file);
        free(*file);
    }
    authority_release(&authority);
}

/* One relay, two ways in, each with its own port. */
static void
several_ways_in_work_side_by_side(void **state)
{
    struct world world;
    struct line line;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, response);
    world.rig.options.way_count = 2;
    world.rig.options.ways[1] =
        (struct relay_way){ .mode = RELAY_REVERSE, .reverse_host = "sp.test", .reverse_port = 443 };
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    ask(&line, "sp.test");
    line_close(&line);
    client_dial(&line, world.rig.second_port);
    assert_true(client_tls(&line, "acs.example.com", world.rig.root));
    ask(&line, "acs.example.com");
    line_close(&line);
    world.rows[0].to_port = world.rig.second_port; /* either of them would be a loop */
    assert_int_equal(client_connect(&line, world.rig.port, "sp.test:443"), 200);
    assert_true(client_tls(&line, "sp.test", world.rig.root));
    line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    assert_non_null(strstr(rig_wait(&world.rig, 3)->problem_text.ptr, "leads back to this proxy itself"));
    line_close(&line);
    world_close(&world);
    assert_int_equal(world.rig.stats.intercepted, 3);
}

/* --- SOCKS5 ----------------------------------------------------------------------------------------- */

static void
open_socks(struct world *world, struct line *line)
{
    world_open(world, "sp.test", FLAW_NONE, serve_fixed, response);
    world->rig.options.ways[0].mode = RELAY_SOCKS5;
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
        cmocka_unit_test(reverse_shows_the_given_certificate),
        cmocka_unit_test(own_certificates_that_cannot_be_used_are_explained),
        cmocka_unit_test(several_ways_in_work_side_by_side),
        cmocka_unit_test(socks_opens_a_name),
        cmocka_unit_test(socks_opens_an_address),
        cmocka_unit_test(socks_refuses_what_it_cannot_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
