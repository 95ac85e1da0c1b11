/* SPDX-License-Identifier: MIT */
#include "relay_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static char hello_page[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

static uint64_t
sum_closed(const struct relay_stats *stats)
{
    uint64_t sum = 0;

    for (int i = 0; i < CLOSE_REASON_COUNT; i++)
        sum += stats->closed[i];
    return sum;
}

/* All connections have ended, count of them for this reason and none for another. */
static struct relay_stats
expect_reason(struct world *world, enum close_reason reason, uint64_t count)
{
    struct relay_stats stats = rig_wait_closed(&world->rig);

    for (int i = 0; i < CLOSE_REASON_COUNT; i++)
        if (stats.closed[i] != (i == (int)reason ? count : 0))
            fail_msg("%llu connections ended by %s, and not by %s", (unsigned long long)stats.closed[i],
                     close_reason_name(i), close_reason_name(reason));
    assert_int_equal(stats.connections, count);
    assert_int_equal(sum_closed(&stats), stats.connections);
    return stats;
}

/* Asks for a page on an open connection and reads the answer. */
static void
ask(struct line *line)
{
    char answer[sizeof hello_page - 1];

    assert_true(line_say(line, "GET /page HTTP/1.1\r\nHost: sp.test\r\n\r\n"));
    assert_true(line_read_exactly(line, answer, sizeof answer));
    assert_memory_equal(answer, hello_page, sizeof answer);
}

static void
open_world(struct world *world, serve_fn *serve)
{
    world_open(world, "sp.test", FLAW_NONE, serve, hello_page);
    rig_start(&world->rig);
}

/* So that the other end gets a reset. */
static void
break_off(struct line *line)
{
    const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(line->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(line->fd);
    line->fd = -1;
    SSL_free(line->ssl);
    line->ssl = NULL;
}

static void
client_ends_it(void **state)
{
    struct world world;
    struct line line;
    struct relay_stats stats;

    (void)state;
    open_world(&world, serve_fixed);
    browse(&world, &line, "sp.test");
    ask(&line);
    ask(&line);
    line_end(&line);
    line_close(&line);
    stats = expect_reason(&world, CLOSE_CLIENT_CLOSED, 1);
    assert_int_equal(stats.intercepted, 1);
    assert_int_equal(stats.http1, 1);
    assert_int_equal(stats.http2, 0);
    assert_int_equal(stats.exchanges, 2);
    assert_int_equal(stats.dialled, 1);
    assert_int_equal(stats.dial_failures, 0);
    assert_int_equal(stats.upstream_handshakes, 1);
    assert_int_equal(stats.client_handshakes, 1);
    assert_int_equal(stats.leafs_minted, 1);
    assert_int_equal(stats.leafs_reused, 0);
    assert_int_equal(stats.leafs_cached, 1);
    assert_int_equal(stats.bytes_down, 2 * (sizeof hello_page - 1));
    assert_true(stats.bytes_up > 0);
    assert_int_equal(stats.failed, 0);
    world_close(&world);
}

static void
client_breaks_off(void **state)
{
    struct world world;
    struct line line;

    (void)state;
    open_world(&world, serve_fixed);
    browse(&world, &line, "sp.test");
    ask(&line);
    break_off(&line);
    expect_reason(&world, CLOSE_CLIENT_RESET, 1);
    world_close(&world);
}

static void
serve_one(struct line *line, void *data)
{
    struct buf head;

    buf_init(&head, 65536);
    if (line_read_head(line, &head))
        line_say(line, data);
    buf_release(&head);
}

static void
serve_and_end(struct line *line, void *data)
{
    serve_one(line, data);
    line_end(line);
}

static void
server_ends_it(void **state)
{
    struct world world;
    struct line line;
    char more[16];

    (void)state;
    open_world(&world, serve_and_end);
    browse(&world, &line, "sp.test");
    ask(&line);
    assert_int_equal(line_read(&line, more, sizeof more), 0);
    line_close(&line);
    expect_reason(&world, CLOSE_UPSTREAM_CLOSED, 1);
    world_close(&world);
}

static void
serve_and_break_off(struct line *line, void *data)
{
    serve_one(line, data);
    break_off(line);
}

static void
server_breaks_off(void **state)
{
    struct world world;
    struct line line;
    char more[16];

    (void)state;
    open_world(&world, serve_and_break_off);
    browse(&world, &line, "sp.test");
    ask(&line);
    assert_int_equal(line_read(&line, more, sizeof more), -1);
    line_close(&line);
    expect_reason(&world, CLOSE_UPSTREAM_RESET, 1);
    world_close(&world);
}

/* The same sessions and certificates serve again. */
static void
known_hosts_are_counted(void **state)
{
    struct world world;
    struct line line;
    struct relay_stats stats;

    (void)state;
    open_world(&world, serve_fixed);
    for (int i = 0; i < 3; i++) {
        browse(&world, &line, "sp.test");
        ask(&line);
        line_end(&line);
        line_close(&line);
        rig_wait_closed(&world.rig);
    }
    stats = expect_reason(&world, CLOSE_CLIENT_CLOSED, 3);
    assert_int_equal(stats.leafs_minted, 1);
    assert_int_equal(stats.leafs_reused, 2);
    assert_int_equal(stats.upstream_handshakes, 3);
    assert_int_equal(stats.upstream_resumed, 2);
    world_close(&world);
}

/* CONNECT to host, TLS, and the page that says why there is no other one; the client closes then. */
static void
see_problem(struct world *world, const char *host)
{
    struct line line;
    struct buf answer;

    browse(world, &line, host);
    buf_init(&answer, 1 << 20);
    assert_true(line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n"));
    assert_int_equal(line_read_all(&line, &answer), 0);
    assert_true(str_starts_c(buf_str(&answer), "HTTP/1.1 502 "));
    buf_release(&answer);
    line_close(&line);
}

/* Answers a ClientHello with text. */
static void
serve_text(struct line *line, void *data)
{
    char chunk[1024];

    (void)data;
    if (line_read(line, chunk, sizeof chunk) > 0)
        line_say(line, "no TLS here\r\n");
}

static void
unreachable_servers_have_reasons(void **state)
{
    struct world world;
    struct relay_stats stats;

    (void)state;
    open_world(&world, serve_fixed);
    server_stop(&world.server);
    see_problem(&world, "sp.test");
    stats = expect_reason(&world, CLOSE_CONNECT_REFUSED, 1);
    assert_int_equal(stats.dial_failures, 1);
    assert_int_equal(stats.failed, 1);
    server_start(&world.server, NULL, serve_text, NULL);
    world_close(&world);

    open_world(&world, serve_fixed);
    see_problem(&world, "samltap-test.invalid");
    expect_reason(&world, CLOSE_RESOLVE_FAILED, 1);
    world_close(&world);

    open_world(&world, serve_fixed);
    world.rows[0].to_port = world.rig.port;
    see_problem(&world, "sp.test");
    expect_reason(&world, CLOSE_LOOP, 1);
    world_close(&world);

    world_open(&world, NULL, FLAW_NONE, serve_text, NULL);
    rig_start(&world.rig);
    see_problem(&world, "sp.test");
    expect_reason(&world, CLOSE_HANDSHAKE_FAILED_UPSTREAM, 1);
    world_close(&world);

    world_open(&world, "sp.test", FLAW_EXPIRED, serve_fixed, hello_page);
    rig_start(&world.rig);
    see_problem(&world, "sp.test");
    expect_reason(&world, CLOSE_UPSTREAM_UNTRUSTED, 1);
    world_close(&world);
}

static void
clients_that_ask_for_nothing_have_reasons(void **state)
{
    static const char secure_word[] = "\x16\x03\x01";
    struct world world;
    struct line line;
    char answer[256];

    (void)state;
    open_world(&world, serve_fixed);
    client_dial(&line, world.rig.port);
    line_close(&line);
    expect_reason(&world, CLOSE_CLIENT_LEFT_EARLY, 1);
    world_close(&world);

    open_world(&world, serve_fixed);
    assert_int_equal(client_connect(&line, world.rig.port, "sp.test:443"), 200);
    assert_true(line_write(&line, secure_word, sizeof secure_word - 1));
    line_close(&line);
    expect_reason(&world, CLOSE_CLIENT_LEFT_EARLY, 1);
    world_close(&world);

    open_world(&world, serve_fixed);
    client_dial(&line, world.rig.port);
    assert_true(line_say(&line, "CONNECT nowhere HTTP/1.1\r\n\r\n"));
    while (line_read(&line, answer, sizeof answer) > 0)
        continue;
    line_close(&line);
    expect_reason(&world, CLOSE_BAD_REQUEST, 1);
    world_close(&world);

    open_world(&world, serve_fixed);
    client_dial(&line, world.rig.port);
    assert_true(line_say(&line, "GET http://samltap.test/ HTTP/1.1\r\nHost: samltap.test\r\n\r\n"));
    while (line_read(&line, answer, sizeof answer) > 0)
        continue;
    line_close(&line);
    expect_reason(&world, CLOSE_OWN_PAGE, 1);
    world_close(&world);
}

static void
authority_that_is_not_trusted_is_a_reason(void **state)
{
    struct world world;
    struct line line;
    struct relay_stats stats;

    (void)state;
    open_world(&world, serve_fixed);
    assert_int_equal(client_connect(&line, world.rig.port, "sp.test:443"), 200);
    assert_false(client_tls(&line, "sp.test", world.authority.certificate));
    line_close(&line);
    stats = expect_reason(&world, CLOSE_CA_REJECTED, 1);
    assert_int_equal(stats.failed, 1);
    world_close(&world);
}

static void
idle_connections_end(void **state)
{
    struct world world;
    struct line line;
    char more[16];

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    world.rig.options.idle_timeout_s = 1;
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    ask(&line);
    assert_int_equal(line_read(&line, more, sizeof more), 0);
    line_close(&line);
    expect_reason(&world, CLOSE_IDLE_TIMEOUT, 1);
    world_close(&world);
}

static void
tunnels_are_counted_by_cause(void **state)
{
    static const char *const ignore[] = { "^sp\\.test:" };
    struct world world;
    struct line line;
    struct relay_stats stats;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    world.rig.options.ignore_hosts = ignore;
    world.rig.options.ignore_host_count = 1;
    rig_start(&world.rig);
    assert_int_equal(client_connect(&line, world.rig.port, "sp.test:443"), 200);
    assert_true(client_tls(&line, "sp.test", world.authority.certificate));
    ask(&line);
    line_end(&line);
    line_close(&line);
    rig_wait_closed(&world.rig);
    assert_int_equal(client_connect(&line, world.rig.port, "other.test:443"), 200);
    assert_true(line_say(&line, "SSH-2.0-x\r\n"));
    line_end(&line);
    line_close(&line);
    stats = rig_wait_closed(&world.rig);
    assert_int_equal(stats.tunnelled, 2);
    assert_int_equal(stats.tunnels[TUNNEL_IGNORE_HOSTS], 1);
    assert_int_equal(stats.tunnels[TUNNEL_NOT_TLS], 1);
    assert_int_equal(stats.intercepted + stats.http1 + stats.http2, 0);
    /* The server ends, too, when it has seen the client's end or what is no TLS: either may come first. */
    assert_int_equal(stats.closed[CLOSE_CLIENT_CLOSED] + stats.closed[CLOSE_UPSTREAM_CLOSED] +
                         stats.closed[CLOSE_UPSTREAM_RESET],
                     stats.connections);
    world_close(&world);
}

/* The third one waits in the queue of the system until there is room. */
static void
connections_have_a_limit(void **state)
{
    struct world world;
    struct line lines[3];
    struct relay_stats stats;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    world.rig.options.max_connections = 2;
    rig_start(&world.rig);
    for (size_t i = 0; i < 2; i++)
        browse(&world, &lines[i], "sp.test");
    client_dial(&lines[2], world.rig.port);
    ask(&lines[0]);
    stats = rig_stats(&world.rig);
    assert_int_equal(stats.open, 2);
    assert_int_equal(stats.open_limit, 2);
    assert_int_equal(stats.limited, 1);
    line_close(&lines[0]);
    assert_true(line_say(&lines[2], "GET http://samltap.test/ HTTP/1.1\r\nHost: samltap.test\r\n\r\n"));
    assert_true(line_read(&lines[2], (char[16]){ 0 }, 16) > 0);
    line_close(&lines[1]);
    line_close(&lines[2]);
    stats = rig_wait_closed(&world.rig);
    assert_int_equal(stats.connections, 3);
    world_close(&world);
}

static void
names_are_kebab_case_and_different(void **state)
{
    (void)state;
    for (int i = 0; i < CLOSE_REASON_COUNT; i++) {
        const char *name = close_reason_name(i);

        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        assert_true(strlen(close_reason_text(i)) > 0);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(name, close_reason_name(j));
    }
    for (int i = 0; i < TUNNEL_CAUSE_COUNT; i++)
        assert_int_equal(strspn(tunnel_cause_name(i), "abcdefghijklmnopqrstuvwxyz-"), strlen(tunnel_cause_name(i)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_ends_it),
        cmocka_unit_test(client_breaks_off),
        cmocka_unit_test(server_ends_it),
        cmocka_unit_test(server_breaks_off),
        cmocka_unit_test(known_hosts_are_counted),
        cmocka_unit_test(unreachable_servers_have_reasons),
        cmocka_unit_test(clients_that_ask_for_nothing_have_reasons),
        cmocka_unit_test(authority_that_is_not_trusted_is_a_reason),
        cmocka_unit_test(idle_connections_end),
        cmocka_unit_test(tunnels_are_counted_by_cause),
        cmocka_unit_test(connections_have_a_limit),
        cmocka_unit_test(names_are_kebab_case_and_different),
    };

    return cmocka_run_group_tests_name("relay_stats", tests, NULL, NULL);
}
