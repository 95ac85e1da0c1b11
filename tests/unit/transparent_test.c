/* SPDX-License-Identifier: MIT */
#include "transparent.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "address.h"
#include "relay_world.h"

/* What redirection itself does is seen with the real packet filter: tests/e2e/namespaces.py. */

/* A connection over loopback: both its ends. */
struct pair {
    int listener, ours, accepted;
    struct sockaddr_storage client, destination; /* as the accepted end sees them */
};

static void
pair_open(struct pair *pair, struct transparent_own *own)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof address;

    pair->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(pair->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(pair->listener, 1), 0);
    assert_int_equal(getsockname(pair->listener, (struct sockaddr *)&address, &len), 0);
    pair->ours = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(pair->ours, (struct sockaddr *)&address, sizeof address), 0);
    if (own != NULL)
        transparent_note(own, pair->ours);
    len = sizeof pair->client;
    pair->accepted = accept(pair->listener, (struct sockaddr *)&pair->client, &len);
    assert_true(pair->accepted >= 0);
    address_unmap((struct sockaddr *)&address, &pair->destination);
}

static void
pair_close(struct pair *pair)
{
    close(pair->accepted);
    close(pair->ours);
    close(pair->listener);
}

static void
what_was_not_redirected_is_direct(void **state)
{
    struct sockaddr_storage to;
    struct pair pair;

    (void)state;
    pair_open(&pair, NULL);
    assert_int_equal(transparent_destination(pair.accepted, false, &to), TRANSPARENT_DIRECT);
    assert_int_equal(transparent_destination(pair.accepted, true, &to), TRANSPARENT_FOUND);
    assert_true(address_same_host((struct sockaddr *)&to, (struct sockaddr *)&pair.destination));
    assert_int_equal(address_port((struct sockaddr *)&to), address_port((struct sockaddr *)&pair.destination));
    pair_close(&pair);
}

static void
own_connections_are_known_by_both_ends(void **state)
{
    struct transparent_own own = { 0 };
    struct sockaddr_storage elsewhere;
    struct pair pair, stranger;

    (void)state;
    pair_open(&pair, &own);
    pair_open(&stranger, NULL);
    elsewhere = pair.destination;
    ((struct sockaddr_in *)(void *)&elsewhere)->sin_port ^= 1;
    assert_int_equal(transparent_loop(&own, &pair.client, &pair.destination), pair.ours);
    assert_int_equal(transparent_loop(&own, &pair.client, &elsewhere), -1);
    assert_int_equal(transparent_loop(&own, &stranger.client, &stranger.destination), -1);
    close(pair.ours);
    pair.ours = socket(AF_INET, SOCK_STREAM, 0); /* the same number for another socket */
    assert_int_equal(transparent_loop(&own, &pair.client, &pair.destination), -1);
    pair_close(&stranger);
    pair_close(&pair);
}

static void
only_the_latest_are_kept(void **state)
{
    struct transparent_own own = { 0 };
    struct pair first, pair;

    (void)state;
    pair_open(&first, &own);
    pair_open(&pair, NULL);
    for (int i = 0; i < TRANSPARENT_OWN; i++)
        transparent_note(&own, pair.ours);
    assert_int_equal(own.used, TRANSPARENT_OWN);
    assert_int_equal(transparent_loop(&own, &first.client, &first.destination), -1);
    assert_int_equal(transparent_loop(&own, &pair.client, &pair.destination), pair.ours);
    pair_close(&pair);
    pair_close(&first);
}

/* The relay refuses whom nothing redirected, in words, and dials nobody. */
static void
direct_clients_are_refused(void **state)
{
    static char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    struct world world;
    struct line line;
    struct buf answer;

    (void)state;
    world_open(&world, NULL, FLAW_NONE, serve_fixed, response);
    world.rig.options.ways[0].mode = RELAY_TRANSPARENT;
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    line_say(&line, "GET http://sp.test/ HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    buf_init(&answer, 65536);
    assert_int_equal(line_read_all(&line, &answer), 0);
    assert_true(str_starts_c(buf_str(&answer), "HTTP/1.1 400 "));
    assert_true(str_find_c(buf_str(&answer), "--mode regular") != SIZE_MAX);
    buf_release(&answer);
    line_close(&line);
    assert_int_equal(world.server.connections, 0);
    world_close(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_redirected_is_direct),
        cmocka_unit_test(own_connections_are_known_by_both_ends),
        cmocka_unit_test(only_the_latest_are_kept),
        cmocka_unit_test(direct_clients_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
