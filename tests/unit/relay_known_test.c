/* SPDX-License-Identifier: MIT */
#include "http2_party.h"
#include "known_servers.h"
#include "relay_world.h"

#include <openssl/err.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Of a server that is known the client's handshake does not wait for the server's. */

static const char http1_only[] = "\x08http/1.1", both[] = "\x02h2\x08http/1.1";
static char hello_page[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

enum gate { GATE_OPEN, GATE_SHUT, GATE_REFUSES };

struct gated_world {
    struct world world;
    struct http2_service service;
    atomic_int gate; /* at which the server's handshakes stop: enum gate */
    sem_t opens;
};

static int
pass_gate(SSL *ssl, int *alert, void *data)
{
    struct gated_world *world = data;

    (void)ssl;
    *alert = SSL_AD_INTERNAL_ERROR;
    if (atomic_load(&world->gate) == GATE_SHUT)
        sem_wait(&world->opens);
    return atomic_load(&world->gate) == GATE_REFUSES ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_OK;
}

static void
answer(struct http2_party *party, struct http2_party_stream *stream, void *data)
{
    (void)data;
    http2_answer(party, stream, 200, NULL, STR("hello"), NULL);
}

static void
serve_what_was_chosen(struct line *line, void *data)
{
    char text[16];

    if (strcmp(line_protocol(line, text), "h2") == 0)
        serve_http2(line, data);
    else
        serve_fixed(line, hello_page);
}

static void
open_world(struct gated_world *world)
{
    sem_init(&world->opens, 0, 0);
    atomic_init(&world->gate, GATE_OPEN);
    world->service = (struct http2_service){ .answer = answer };
    world_open(&world->world, "sp.test", FLAW_NONE, serve_what_was_chosen, &world->service);
    server_speaks(world->world.server.context, both);
    SSL_CTX_set_tlsext_servername_callback(world->world.server.context, pass_gate);
    SSL_CTX_set_tlsext_servername_arg(world->world.server.context, world);
    rig_start(&world->world.rig);
}

static void
close_world(struct gated_world *world)
{
    world_close(&world->world);
    sem_destroy(&world->opens);
}

static void
connect_client(struct gated_world *world, struct line *line, const char *chosen)
{
    char text[16];

    assert_int_equal(client_connect(line, world->world.rig.port, "sp.test:443"), 200);
    if (!client_tls_offering(line, "sp.test", world->world.rig.root, both))
        fail_msg("TLS: %s", ERR_error_string(line->error, NULL));
    assert_string_equal(line_protocol(line, text), chosen);
}

/* Asks over HTTP/2, expects status and words in the body, and leaves. */
static void
ask(struct line *line, unsigned status, const char *words)
{
    struct http2_party *party = calloc(1, sizeof *party);
    struct http2_party_stream *stream;

    http2_client_init(party, line);
    stream = http2_ask(party, "GET", "sp.test", "/page", NULL, (struct str){ 0 });
    assert_true(http2_finish(party, stream));
    assert_int_equal(stream->status, status);
    if (str_find_c(buf_str(&stream->body), words) == SIZE_MAX)
        fail_msg("'%s' is not in: %.*s", words, STR_ARG(buf_str(&stream->body)));
    http2_party_release(party);
    free(party);
    line_close(line);
}

static void
handshakes_with_a_known_server_are_parallel(void **state)
{
    struct gated_world world;
    struct line line;

    (void)state;
    open_world(&world);
    connect_client(&world, &line, "h2");
    ask(&line, 200, "hello");
    atomic_store(&world.gate, GATE_SHUT);
    connect_client(&world, &line, "h2"); /* is through, although the server has not even begun */
    atomic_store(&world.gate, GATE_OPEN);
    sem_post(&world.opens);
    ask(&line, 200, "hello");
    assert_int_equal(rig_wait(&world.world.rig, 2)->status, 200);
    close_world(&world);
    assert_int_equal(world.world.rig.stats.failed, 0);
}

static void
known_server_that_fails_is_explained(void **state)
{
    struct gated_world world;
    struct line line;

    (void)state;
    open_world(&world);
    connect_client(&world, &line, "h2");
    ask(&line, 200, "hello");
    atomic_store(&world.gate, GATE_SHUT);
    connect_client(&world, &line, "h2");
    atomic_store(&world.gate, GATE_REFUSES);
    sem_post(&world.opens);
    ask(&line, 502, "TLS handshake with the server failed");
    assert_int_equal(rig_wait(&world.world.rig, 2)->problem, EXCHANGE_UPSTREAM_TLS_FAILED);
    connect_client(&world, &line, "http/1.1"); /* not known any more: our own page has no reason to be HTTP/2 */
    line_close(&line);
    close_world(&world);
}

/* The client was promised HTTP/2 already. The next connection is right. */
static void
known_server_that_changes_is_explained(void **state)
{
    struct gated_world world;
    struct line line;
    struct buf head;

    (void)state;
    open_world(&world);
    connect_client(&world, &line, "h2");
    ask(&line, 200, "hello");
    server_speaks(world.world.server.context, http1_only);
    atomic_store(&world.gate, GATE_SHUT);
    connect_client(&world, &line, "h2");
    atomic_store(&world.gate, GATE_OPEN);
    sem_post(&world.opens);
    ask(&line, 502, "another version of HTTP");
    connect_client(&world, &line, "http/1.1");
    buf_init(&head, 65536);
    line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    assert_true(line_read_head(&line, &head));
    assert_true(str_starts_c(buf_str(&head), "HTTP/1.1 200 OK"));
    buf_release(&head);
    line_close(&line);
    close_world(&world);
}

static void
servers_are_known_by_name_port_and_offer(void **state)
{
    static struct known_servers servers;
    enum leaf_protocol protocol = LEAF_NO_PROTOCOL;

    (void)state;
    assert_false(known_servers_get(&servers, "sp.test", 443, 3, &protocol));
    known_servers_put(&servers, "sp.test", 443, 3, LEAF_HTTP2);
    assert_true(known_servers_get(&servers, "sp.test", 443, 3, &protocol));
    assert_int_equal(protocol, LEAF_HTTP2);
    assert_false(known_servers_get(&servers, "sp.tesu", 443, 3, &protocol));
    assert_false(known_servers_get(&servers, "sp.test", 444, 3, &protocol));
    assert_false(known_servers_get(&servers, "sp.test", 443, 1, &protocol));
    known_servers_forget(&servers, "sp.test", 443, 1);
    assert_true(known_servers_get(&servers, "sp.test", 443, 3, &protocol));
    known_servers_forget(&servers, "sp.test", 443, 3);
    assert_false(known_servers_get(&servers, "sp.test", 443, 3, &protocol));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshakes_with_a_known_server_are_parallel),
        cmocka_unit_test(known_server_that_fails_is_explained),
        cmocka_unit_test(known_server_that_changes_is_explained),
        cmocka_unit_test(servers_are_known_by_name_port_and_offer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
