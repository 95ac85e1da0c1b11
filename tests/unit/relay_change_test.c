/* SPDX-License-Identifier: MIT */
#include "relay_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char hello_page[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
static const char *const ignore[] = { "^sp\\.test:" };

static void
ask(struct line *line)
{
    char answer[sizeof hello_page - 1];

    assert_true(line_say(line, "GET /page HTTP/1.1\r\nHost: sp.test\r\n\r\n"));
    assert_true(line_read_exactly(line, answer, sizeof answer));
    assert_memory_equal(answer, hello_page, sizeof answer);
}

/* Open connections go on under the settings that they began with; these live as long as one of them does. */
static void
later_connections_get_the_new_settings(void **state)
{
    struct world world;
    struct relay_options other;
    struct line first, second;
    struct relay_stats stats;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    browse(&world, &first, "sp.test");
    ask(&first);
    other = world.rig.options;
    other.ignore_hosts = ignore;
    other.ignore_host_count = 1;
    assert_true(rig_adopt(&world.rig, &other));
    ask(&first);
    assert_int_equal(world.rig.released, 0);
    assert_int_equal(client_connect(&second, world.rig.port, "sp.test:443"), 200);
    assert_true(client_tls(&second, "sp.test", world.authority.certificate));
    ask(&second);
    line_close(&first);
    while (rig_stats(&world.rig).open > 1)
        continue;
    assert_int_equal(world.rig.released, 1);
    line_close(&second);
    stats = rig_wait_closed(&world.rig);
    assert_int_equal(stats.intercepted, 1);
    assert_int_equal(stats.tunnels[TUNNEL_IGNORE_HOSTS], 1);
    assert_int_equal(world.rig.released, 1);
    world_close(&world);
}

static void
trust_is_asked_again(void **state)
{
    struct world world;
    struct relay_options other;
    struct line line;
    struct buf answer;
    struct relay_stats stats;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    ask(&line);
    line_close(&line);
    rig_wait_closed(&world.rig);
    other = world.rig.options;
    other.upstream_ca = NULL; /* a session of before must not spare the server its certificate */
    assert_true(rig_adopt(&world.rig, &other));
    assert_int_equal(world.rig.released, 1);
    browse(&world, &line, "sp.test");
    buf_init(&answer, 1 << 20);
    assert_true(line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n"));
    line_read_all(&line, &answer);
    assert_true(str_starts_c(buf_str(&answer), "HTTP/1.1 502 "));
    buf_release(&answer);
    line_close(&line);
    stats = rig_wait_closed(&world.rig);
    assert_int_equal(stats.closed[CLOSE_UPSTREAM_UNTRUSTED], 1);
    world_close(&world);
}

static void
what_cannot_be_read_changes_nothing(void **state)
{
    struct world world;
    struct relay_options other;
    struct line line;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    other = world.rig.options;
    other.upstream_ca = "/nonexistent/ca.pem";
    assert_false(rig_adopt(&world.rig, &other));
    assert_non_null(strstr(world.rig.why, "/nonexistent/ca.pem"));
    assert_int_equal(world.rig.released, 0);
    browse(&world, &line, "sp.test");
    ask(&line);
    line_close(&line);
    world_close(&world);
}

/* Twice over while a connection is open: each of the settings is let go when its time has come. */
static void
settings_are_let_go_in_any_order(void **state)
{
    struct world world;
    struct relay_options other;
    struct line first, second;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    other = world.rig.options;
    browse(&world, &first, "sp.test");
    assert_true(rig_adopt(&world.rig, &other));
    browse(&world, &second, "sp.test");
    assert_true(rig_adopt(&world.rig, &other));
    assert_true(rig_adopt(&world.rig, &other)); /* nobody came in between */
    assert_int_equal(world.rig.released, 1);
    line_close(&second);
    while (rig_stats(&world.rig).open > 1)
        continue;
    assert_int_equal(world.rig.released, 2);
    ask(&first);
    rig_stop(&world.rig); /* with the oldest still in use */
    assert_int_equal(world.rig.released, 3);
    line_close(&first);
    world_close(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_connections_get_the_new_settings),
        cmocka_unit_test(trust_is_asked_again),
        cmocka_unit_test(what_cannot_be_read_changes_nothing),
        cmocka_unit_test(settings_are_let_go_in_any_order),
    };

    return cmocka_run_group_tests_name("relay_change", tests, NULL, NULL);
}
