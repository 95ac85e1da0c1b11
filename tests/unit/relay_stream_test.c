/* SPDX-License-Identifier: MIT */
#include "http2_party.h"
#include "relay_world.h"

#include <openssl/err.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/*
 * What must not be held back: one side sends a part and waits until the other one says, beside the
 * connection, that it has got it. A relay that buffers makes these tests wait for ever (that is 20 s).
 */
enum { PARTS = 5 };

struct stream_world {
    struct world world;
    struct server plain; /* without TLS; other.test leads to it */
    struct http2_service service;
    sem_t got; /* a part arrived */
};

static void
arrived(struct stream_world *world)
{
    sem_post(&world->got);
}

/* False: it did not arrive. */
static bool
wait_arrival(struct stream_world *world)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    return sem_timedwait(&world->got, &until) == 0;
}

static void
open_world(struct stream_world *world, serve_fn *serve)
{
    sem_init(&world->got, 0, 0);
    world_open(&world->world, "sp.test", FLAW_NONE, serve, world);
    server_start(&world->plain, NULL, serve, world);
    world->world.rows[1].to_port = world->plain.port;
    rig_start(&world->world.rig);
}

static void
close_world(struct stream_world *world)
{
    world_close(&world->world);
    server_stop(&world->plain);
    sem_destroy(&world->got);
}

/* Sends a request head through the relay: inside TLS, or as a plain proxy request. fields end with a line's end. */
static void
ask(struct stream_world *world, struct line *line, bool is_plain, const char *method, const char *fields)
{
    char head[500];

    if (is_plain)
        client_dial(line, world->world.rig.port);
    else
        browse(&world->world, line, "sp.test");
    snprintf(head, sizeof head, "%s %s/stream HTTP/1.1\r\nHost: %s\r\n%s\r\n", method,
             is_plain ? "http://other.test" : "", is_plain ? "other.test" : "sp.test", fields);
    assert_true(line_say(line, head));
}

static void
expect(struct line *line, const char *text)
{
    char got[400];
    size_t len = strlen(text);

    assert_true(len < sizeof got);
    assert_true(line_read_exactly(line, got, len));
    if (memcmp(got, text, len) != 0)
        fail_msg("'%.*s' instead of '%s'", (int)len, got, text);
}

/* Runs a test inside TLS and as a plain proxy request. */
static void
both_ways(serve_fn *serve, void (*test)(struct stream_world *world, bool is_plain))
{
    for (int is_plain = 0; is_plain < 2; is_plain++) {
        struct stream_world world;

        open_world(&world, serve);
        test(&world, is_plain != 0);
        close_world(&world);
        assert_int_equal(world.world.rig.exchange_count, 1);
    }
}

static bool
read_head(struct line *line)
{
    struct buf head;
    bool ok;

    buf_init(&head, 65536);
    ok = line_read_head(line, &head);
    buf_release(&head);
    return ok;
}

/* --- answers that take their time ------------------------------------------------------------------ */

static const char events_head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/* Each event is sent when the one before has arrived; so is the head. */
static void
serve_events(struct line *line, void *data)
{
    bool ok = read_head(line) && line_say(line, events_head) && wait_arrival(data);

    for (int i = 0; ok && i < PARTS; i++)
        ok = line_say(line, "9\r\ndata: x\n\n\r\n") && wait_arrival(data);
    if (ok)
        line_say(line, "0\r\n\r\n");
}

static void
read_events(struct stream_world *world, bool is_plain)
{
    struct line line;

    ask(world, &line, is_plain, "GET", "Accept: text/event-stream\r\n");
    expect(&line, events_head);
    arrived(world);
    for (int i = 0; i < PARTS; i++) {
        expect(&line, "9\r\ndata: x\n\n\r\n");
        arrived(world);
    }
    expect(&line, "0\r\n\r\n");
    assert_int_equal(rig_wait(&world->world.rig, 1)->response_body.size, 9 * PARTS);
    line_close(&line);
}

static void
server_sent_events_pass_one_by_one(void **state)
{
    (void)state;
    both_ways(serve_events, read_events);
}

/* The answer comes when something has happened; both wait until then. */
static void
serve_late(struct line *line, void *data)
{
    if (read_head(line) && wait_arrival(data))
        line_say(line, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnews");
}

static void
poll_long(struct stream_world *world, bool is_plain)
{
    struct line line;

    ask(world, &line, is_plain, "GET", "");
    arrived(world);
    expect(&line, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnews");
    assert_int_equal(rig_wait(&world->world.rig, 1)->response_body.size, 4);
    line_close(&line);
}

static void
long_polling_waits(void **state)
{
    (void)state;
    both_ways(serve_late, poll_long);
}

static void
serve_hints(struct line *line, void *data)
{
    if (read_head(line) && line_say(line, "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n") &&
        wait_arrival(data))
        line_say(line, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static void
read_hints(struct stream_world *world, bool is_plain)
{
    struct line line;

    ask(world, &line, is_plain, "GET", "");
    expect(&line, "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n");
    arrived(world);
    expect(&line, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(rig_wait(&world->world.rig, 1)->status, 200);
    line_close(&line);
}

static void
early_hints_come_early(void **state)
{
    (void)state;
    both_ways(serve_hints, read_hints);
}

/* --- requests that take their time ----------------------------------------------------------------- */

static void
serve_continue(struct line *line, void *data)
{
    char body[4];

    (void)data;
    if (read_head(line) && line_say(line, "HTTP/1.1 100 Continue\r\n\r\n") &&
        line_read_exactly(line, body, sizeof body) && memcmp(body, "body", sizeof body) == 0)
        line_say(line, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
}

static void
await_continue(struct stream_world *world, bool is_plain)
{
    struct line line;

    ask(world, &line, is_plain, "POST", "Expect: 100-continue\r\nContent-Length: 4\r\n");
    expect(&line, "HTTP/1.1 100 Continue\r\n\r\n");
    line_say(&line, "body");
    expect(&line, "HTTP/1.1 201 Created\r\n");
    assert_int_equal(rig_wait(&world->world.rig, 1)->status, 201);
    assert_int_equal(rig_wait(&world->world.rig, 1)->request_body.size, 4);
    line_close(&line);
}

static void
continue_is_awaited(void **state)
{
    (void)state;
    both_ways(serve_continue, await_continue);
}

static void
serve_upload(struct line *line, void *data)
{
    char part[8];
    bool ok = read_head(line);

    for (int i = 0; ok && i < PARTS; i++) {
        ok = line_read_exactly(line, part, sizeof part) && memcmp(part, "3\r\nabc\r\n", sizeof part) == 0;
        arrived(data);
    }
    if (ok && line_read_exactly(line, part, 5))
        line_say(line, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static void
send_upload(struct stream_world *world, bool is_plain)
{
    struct line line;

    ask(world, &line, is_plain, "POST", "Transfer-Encoding: chunked\r\n");
    for (int i = 0; i < PARTS; i++) {
        line_say(&line, "3\r\nabc\r\n");
        assert_true(wait_arrival(world));
    }
    line_say(&line, "0\r\n\r\n");
    expect(&line, "HTTP/1.1 200 OK\r\n");
    assert_int_equal(rig_wait(&world->world.rig, 1)->request_body.size, 3 * PARTS);
    line_close(&line);
}

static void
uploads_pass_part_by_part(void **state)
{
    (void)state;
    both_ways(serve_upload, send_upload);
}

/* --- WebSocket ------------------------------------------------------------------------------------- */

/* Speaks first, then sends back what it gets, to the end. */
static void
serve_websocket(struct line *line, void *data)
{
    char chunk[100];
    ssize_t n;

    (void)data;
    if (!read_head(line) ||
        !line_say(line, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x05hello"))
        return;
    while ((n = line_read(line, chunk, sizeof chunk)) > 0)
        if (!line_write(line, chunk, (size_t)n))
            return;
    line_end(line);
}

static void
speak_websocket(struct stream_world *world, bool is_plain)
{
    struct line line;
    struct buf head;
    char got[6];

    ask(world, &line, is_plain, "GET",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        "dGhlIHNhbXBsZSBub25jZQ==\r\n");
    buf_init(&head, 65536);
    assert_true(line_read_head(&line, &head));
    assert_true(str_starts_c(buf_str(&head), "HTTP/1.1 101 Switching Protocols\r\n"));
    expect(&line, "\x81\x05hello");
    for (int i = 0; i < PARTS; i++) { /* a masked frame each; the next one when its echo is here */
        static const char frame[] = { '\x81', '\x80', 1, 2, 3, 4 };

        assert_true(line_write(&line, frame, sizeof frame));
        assert_true(line_read_exactly(&line, got, sizeof got));
        assert_memory_equal(got, frame, sizeof frame);
    }
    assert_int_equal(rig_wait(&world->world.rig, 1)->status, 101);
    assert_int_equal(rig_wait(&world->world.rig, 1)->problem, EXCHANGE_OK);
    line_end(&line);
    assert_int_equal(line_read(&line, got, 1), 0);
    buf_release(&head);
    line_close(&line);
}

static void
websockets_pass_both_ways(void **state)
{
    (void)state;
    both_ways(serve_websocket, speak_websocket);
}

/* --- gRPC: both sides of one HTTP/2 stream take turns ---------------------------------------------- */

static const char message[] = "\0\0\0\0\2hi";

enum { MESSAGE = sizeof message - 1 };

/* Begins to answer with the first message, and sends each one back while the request goes on. */
static void
echo_messages(struct http2_party *party, struct http2_party_stream *stream, void *data)
{
    static const char *const fields[] = { "content-type", "application/grpc-web+proto", NULL };
    size_t whole = stream->body.len / MESSAGE;

    (void)data;
    if (!stream->is_answered && whole > 0) {
        http2_answer_begin(party, stream, 200, fields, "grpc-status: 0");
        stream->is_answered = true;
    }
    while (stream->sent < whole) {
        http2_send(party, stream, (struct str){ message, MESSAGE }, false);
        stream->sent++;
    }
    if (stream->ended)
        http2_send(party, stream, (struct str){ 0 }, true);
}

static void
serve_grpc(struct line *line, void *data)
{
    static const struct http2_service service = { .answer = echo_messages, .answers_early = true };

    (void)data;
    serve_http2(line, (void *)(uintptr_t)&service);
}

static void
grpc_streams_both_ways(void **state)
{
    static const char *const fields[] = { "content-type", "application/grpc-web+proto", "te", "trailers", NULL };
    struct stream_world world;
    struct line line;
    struct http2_party *party = calloc(1, sizeof *party);
    struct http2_party_stream *stream;
    const struct exchange *exchange;

    (void)state;
    sem_init(&world.got, 0, 0);
    world_open(&world.world, "sp.test", FLAW_NONE, serve_grpc, NULL);
    server_speaks(world.world.server.context, "\x02h2");
    rig_start(&world.world.rig);
    assert_int_equal(client_connect(&line, world.world.rig.port, "sp.test:443"), 200);
    assert_true(client_tls_offering(&line, "sp.test", world.world.rig.root, "\x02h2"));
    http2_client_init(party, &line);
    stream = http2_ask_begin(party, "POST", "sp.test", "/package.Service/Method", fields);
    for (size_t i = 1; i <= PARTS; i++) {
        http2_send(party, stream, (struct str){ message, MESSAGE }, false);
        while (stream->body.len < i * MESSAGE)
            assert_true(http2_turn(party));
        assert_memory_equal(stream->body.bytes + (i - 1) * MESSAGE, message, MESSAGE);
    }
    http2_send(party, stream, (struct str){ 0 }, true);
    assert_true(http2_finish(party, stream));
    assert_int_equal(stream->body.len, PARTS * MESSAGE);
    assert_true(str_eq_c(http2_field(stream, "grpc-status"), "0"));
    exchange = rig_wait(&world.world.rig, 1);
    assert_int_equal(exchange->problem, EXCHANGE_OK);
    assert_int_equal(exchange->request_body.size, PARTS * MESSAGE);
    assert_int_equal(exchange->response_body.size, PARTS * MESSAGE);
    http2_party_release(party);
    free(party);
    line_close(&line);
    world_close(&world.world);
    sem_destroy(&world.got);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_sent_events_pass_one_by_one),
        cmocka_unit_test(long_polling_waits),
        cmocka_unit_test(early_hints_come_early),
        cmocka_unit_test(continue_is_awaited),
        cmocka_unit_test(uploads_pass_part_by_part),
        cmocka_unit_test(websockets_pass_both_ways),
        cmocka_unit_test(grpc_streams_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
