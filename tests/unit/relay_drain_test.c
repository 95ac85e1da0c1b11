/* SPDX-License-Identifier: MIT */
#include "relay_world.h"

#include <netinet/in.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static char hello_page[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/* A server that answers when it is told to. */
struct slow {
    sem_t asked, may_answer;
};

static void
serve_slowly(struct line *line, void *data)
{
    struct slow *slow = data;
    struct buf head;

    buf_init(&head, 65536);
    while (line_read_head(line, &head)) {
        sem_post(&slow->asked);
        sem_wait(&slow->may_answer);
        line_say(line, hello_page);
        buf_reset(&head);
    }
    buf_release(&head);
}

static void
say_request(struct line *line)
{
    assert_true(line_say(line, "GET /page HTTP/1.1\r\nHost: sp.test\r\n\r\n"));
}

static void
read_answer(struct line *line)
{
    char answer[sizeof hello_page - 1];

    assert_true(line_read_exactly(line, answer, sizeof answer));
    assert_memory_equal(answer, hello_page, sizeof answer);
}

static void
expect_end(struct line *line)
{
    char more[16];

    assert_int_equal(line_read(line, more, sizeof more), 0);
    line_close(line);
}

static void
idle_connections_are_closed(void **state)
{
    static const char *const ignore[] = { "^other\\.test:" };
    struct world world;
    struct line kept_alive, tunnel, silent, plain;
    struct relay_stats stats;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    world.rig.options.ignore_hosts = ignore;
    world.rig.options.ignore_host_count = 1;
    rig_start(&world.rig);
    browse(&world, &kept_alive, "sp.test");
    say_request(&kept_alive);
    read_answer(&kept_alive);
    assert_int_equal(client_connect(&tunnel, world.rig.port, "other.test:443"), 200);
    assert_true(client_tls(&tunnel, "sp.test", world.authority.certificate));
    say_request(&tunnel);
    read_answer(&tunnel);
    client_dial(&silent, world.rig.port);
    client_dial(&plain, world.rig.port);
    assert_true(line_say(&plain, "GET http://nowhere.invalid HTTP/1.1\r\n"));
    while (stats = rig_stats(&world.rig), stats.plain < 1 || stats.connections < 4)
        continue;
    rig_drain(&world.rig);
    expect_end(&kept_alive);
    assert_true(line_read(&tunnel, (char[16]){ 0 }, 16) <= 0); /* its TLS is not ours to end */
    line_close(&tunnel);
    expect_end(&silent);
    stats = rig_stats(&world.rig);
    assert_int_equal(stats.closed[CLOSE_DRAINED], 3);
    assert_int_equal(stats.open, 1); /* the beginning of a request is something under way */
    assert_int_equal(world.rig.drained, 0);
    line_close(&plain);
    stats = rig_wait_closed(&world.rig);
    assert_int_equal(stats.closed[CLOSE_CLIENT_CLOSED], 1);
    assert_int_equal(world.rig.drained, 1);
    world_close(&world);
}

static void
what_is_under_way_comes_to_its_end(void **state)
{
    struct world world;
    struct slow slow;
    struct line line;
    struct relay_stats stats;

    (void)state;
    sem_init(&slow.asked, 0, 0);
    sem_init(&slow.may_answer, 0, 0);
    world_open(&world, "sp.test", FLAW_NONE, serve_slowly, &slow);
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    say_request(&line);
    sem_wait(&slow.asked);
    rig_drain(&world.rig);
    stats = rig_stats(&world.rig);
    assert_int_equal(stats.open, 1);
    sem_post(&slow.may_answer);
    read_answer(&line);
    expect_end(&line);
    stats = rig_wait_closed(&world.rig);
    assert_int_equal(stats.closed[CLOSE_DRAINED], 1);
    assert_int_equal(stats.exchanges, 1);
    assert_int_equal(world.rig.drained, 1);
    world_close(&world);
    sem_destroy(&slow.asked);
    sem_destroy(&slow.may_answer);
}

static void
nobody_gets_in_any_more(void **state)
{
    struct world world;
    struct line line;
    char answer[16];

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    rig_drain(&world.rig);
    assert_int_equal(world.rig.drained, 1);
    line = (struct line){ .fd = socket(AF_INET, SOCK_STREAM, 0) };
    assert_int_equal(connect(line.fd,
                             (const struct sockaddr *)&(struct sockaddr_in){
                                 .sin_family = AF_INET,
                                 .sin_port = htons((in_port_t)world.rig.port),
                                 .sin_addr = { htonl(INADDR_LOOPBACK) },
                             },
                             sizeof(struct sockaddr_in)),
                     -1);
    assert_true(line_read(&line, answer, sizeof answer) <= 0);
    line_close(&line);
    world_close(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_connections_are_closed),
        cmocka_unit_test(what_is_under_way_comes_to_its_end),
        cmocka_unit_test(nobody_gets_in_any_more),
    };

    return cmocka_run_group_tests_name("relay_drain", tests, NULL, NULL);
}
