/* SPDX-License-Identifier: MIT */
#include "exact_run.h"

#include "exact_case.h"
#include "http2_party.h"
#include "relay_world.h"

#include <openssl/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { SMALL = 70000, CONNECTION = 60, GROUP = 4, MAX_CASES = 2000000, FAILURE = 200 };

struct exact_world {
    struct world world;
    struct server plain;   /* without TLS; it takes what is meant for a proxy, too */
    struct server way_out; /* the proxy that UPSTREAM goes out through */
    struct http2_service service;
    enum exact_mode mode;
    uint32_t random;
    uint32_t next; /* case */
    size_t max_body;
    atomic_bool *is_last; /* of its connection, by case */

    pthread_mutex_t lock;
    unsigned char *told; /* how often, by case */
    size_t told_count, bodies;
    char failure[FAILURE]; /* the first one, "" none */
};

static void
fail_case(struct exact_world *world, uint32_t number, const char *who, const char *what)
{
    pthread_mutex_lock(&world->lock);
    if (world->failure[0] == '\0')
        snprintf(world->failure, sizeof world->failure, "case %u: %s: %s", number, who, what);
    pthread_mutex_unlock(&world->lock);
}

static bool
is_plain(enum exact_mode mode)
{
    return mode == PLAIN || mode == UPSTREAM_PLAIN || mode == TRANSPARENT_PLAIN;
}

/* In front of the target, as the client sends it. */
static const char *
origin_at_client(enum exact_mode mode)
{
    return mode == PLAIN || mode == UPSTREAM_PLAIN ? "http://sp.test" : "";
}

/* In front of the target, as the server sees it. */
static const char *
origin_at_server(enum exact_mode mode)
{
    return mode == UPSTREAM_PLAIN ? "http://sp.test" : "";
}

static void
init_case(struct exact_world *world, struct exact_case *exact, uint32_t number)
{
    struct exact_limits limits = { .max_body = world->max_body, .is_last = atomic_load(&world->is_last[number]) };

    exact_case_init(exact, number, limits);
}

/* Writes pieces of random sizes. */
static bool
write_pieces(struct line *line, struct str bytes, uint32_t random)
{
    while (bytes.len > 0) {
        struct str piece = str_slice(bytes, 0, 1 + exact_roll(&random, exact_roll(&random, 4) == 0 ? 50 : 40000));

        if (!line_write(line, piece.ptr, piece.len))
            return false;
        bytes = str_from_offset(bytes, piece.len);
    }
    return true;
}

/* Reads that many bytes, sometimes slowly. NULL, or what is wrong. */
static const char *
read_same(struct line *line, struct str expected, uint32_t random)
{
    char chunk[65536];
    size_t most = exact_roll(&random, 8) == 0 ? 700 : sizeof chunk;

    while (expected.len > 0) {
        size_t wanted = expected.len < most ? expected.len : most;
        ssize_t n = line_read(line, chunk, wanted);

        if (n <= 0)
            return "the bytes end too early";
        if (memcmp(chunk, expected.ptr, (size_t)n) != 0)
            return "the bytes differ";
        expected = str_from_offset(expected, (size_t)n);
    }
    return NULL;
}

/* --- what is told ---------------------------------------------------------------------------------- */

static void
on_told(void *data, const struct exchange *exchange)
{
    struct exact_world *world = data;
    uint32_t number = exact_number_of(exchange->target);
    struct exact_case exact;
    const char *wrong;
    size_t bodies = 0;

    if (number == 0 || number >= MAX_CASES) {
        fail_case(world, 0, "an exchange", "it is none of ours");
        return;
    }
    init_case(world, &exact, number);
    wrong = exact_differs(&exact, exchange, &bodies);
    exact_case_release(&exact);
    if (wrong != NULL)
        fail_case(world, number, "the exchange", wrong);
    pthread_mutex_lock(&world->lock);
    world->told[number]++;
    world->told_count++;
    world->bodies += bodies;
    pthread_mutex_unlock(&world->lock);
}

/* --- HTTP/1.1 -------------------------------------------------------------------------------------- */

/* The last request of a connection may be followed by the end of what the client says. */
static bool
half_closes(const struct exact_world *world, const struct exact_case *exact)
{
    return atomic_load(&world->is_last[exact->number]) && exact->random % 2 == 0;
}

/* Where requests are routed one by one, the connection to the server is not the client's. */
static bool
passes_half_close(enum exact_mode mode)
{
    return mode != PLAIN && mode != UPSTREAM_PLAIN;
}

/* Returns false when the connection is over. */
static bool
serve_case(struct exact_world *world, struct line *line, struct buf *head)
{
    const char *origin = origin_at_server(world->mode);
    size_t target = str_find_byte(buf_str(head), ' ') + 1 + strlen(origin);
    uint32_t number = exact_number_of(str_from_offset(buf_str(head), target));
    bool goes_on = false;
    struct exact_case exact;
    struct buf bytes;
    const char *wrong;
    char byte;

    if (number == 0 || number >= MAX_CASES) {
        fail_case(world, 0, "the server", "a request that is none of ours");
        return false;
    }
    init_case(world, &exact, number);
    buf_init(&bytes, 200 << 20);
    exact_write_request(&exact, origin, "sp.test", &bytes);
    wrong = !str_starts(buf_str(&bytes), buf_str(head))
                ? "the head differs"
                : read_same(line, str_from_offset(buf_str(&bytes), head->len), exact.random);
    if (wrong == NULL && passes_half_close(world->mode) && half_closes(world, &exact) && line_read(line, &byte, 1) != 0)
        wrong = "the client's half-close does not arrive";
    if (wrong != NULL) {
        fail_case(world, number, "the server", wrong);
        goto out;
    }
    buf_reset(&bytes);
    exact_write_response(&exact, &bytes);
    goes_on = write_pieces(line, buf_str(&bytes), exact.random) && exact.framing[1] != EXACT_UNTIL_CLOSE;
    if (exact.framing[1] == EXACT_UNTIL_CLOSE) {
        line_end(line);
        while (line_read(line, &byte, 1) > 0)
            continue;
    }
out:
    buf_release(&bytes);
    exact_case_release(&exact);
    return goes_on;
}

static void
serve_exact(struct line *line, void *data)
{
    struct buf head;

    buf_init(&head, 65536);
    while (line_read_head(line, &head) && serve_case(data, line, &head))
        buf_reset(&head);
    buf_release(&head);
}

/* A proxy that opens every tunnel to the server. */
static void
serve_tunnel(struct line *line, void *data)
{
    const struct exact_world *world = data;
    struct line onward;
    struct buf head;

    buf_init(&head, 65536);
    if (!line_read_head(line, &head) || !str_starts_c(buf_str(&head), "CONNECT sp.test:443 HTTP/1.1\r\n")) {
        buf_release(&head);
        return;
    }
    buf_release(&head);
    client_dial(&onward, world->world.server.port);
    line_say(line, "HTTP/1.1 200 OK\r\n\r\n");
    line_join(line, &onward);
    line_close(&onward);
}

static void
expect_bytes(struct line *line, const char *bytes, size_t len)
{
    char got[16];

    assert_true(line_read_exactly(line, got, len));
    assert_memory_equal(got, bytes, len);
}

static void
open_line(struct exact_world *world, struct line *line, const char *protocols)
{
    static const char socks[] = "\5\1\0\5\1\0\3\7sp.test\1\273", accepted[] = { 5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
    const int little = 32768;

    if (world->mode == REGULAR || world->mode == UPSTREAM || world->mode == UPSTREAM_TLS)
        assert_int_equal(client_connect(line, world->world.rig.port, "sp.test:443"), 200);
    else
        client_dial(line, world->world.rig.port);
    if (exact_roll(&world->random, 8) == 0)
        setsockopt(line->fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    if (world->mode == SOCKS5) {
        assert_true(line_write(line, socks, sizeof socks - 1));
        expect_bytes(line, accepted, sizeof accepted);
    }
    if (!is_plain(world->mode) && !client_tls_offering(line, "sp.test", world->world.rig.root, protocols))
        fail_msg("TLS: %s", ERR_error_string(line->error, NULL));
}

/* Sends up to GROUP requests at once, then reads their answers. */
static void
ask_group(struct exact_world *world, struct line *line, uint32_t first, uint32_t count)
{
    struct exact_case cases[GROUP];
    struct buf bytes;
    const char *wrong = NULL;
    char byte;

    buf_init(&bytes, 400 << 20);
    for (uint32_t i = 0; i < count; i++) {
        init_case(world, &cases[i], first + i);
        exact_write_request(&cases[i], origin_at_client(world->mode), "sp.test", &bytes);
    }
    assert_true(write_pieces(line, buf_str(&bytes), world->random));
    if (half_closes(world, &cases[count - 1]))
        line_end(line);
    for (uint32_t i = 0; i < count && wrong == NULL; i++) {
        buf_reset(&bytes);
        exact_write_response(&cases[i], &bytes);
        wrong = read_same(line, buf_str(&bytes), cases[i].random);
        if (wrong == NULL && cases[i].framing[1] == EXACT_UNTIL_CLOSE && line_read(line, &byte, 1) != 0)
            wrong = "the end of the answer is no proper end";
        if (wrong != NULL)
            fail_case(world, first + i, "the client", wrong);
    }
    for (uint32_t i = 0; i < count; i++)
        exact_case_release(&cases[i]);
    buf_release(&bytes);
}

/* One connection's worth; count > 0. */
static void
ask_http1(struct exact_world *world, uint32_t count)
{
    uint32_t end = world->next + count;
    struct line line;

    atomic_store(&world->is_last[end - 1], true);
    open_line(world, &line, NULL);
    while (world->next < end && world->failure[0] == '\0') {
        uint32_t group = world->max_body > SMALL ? 1 : 1 + exact_roll(&world->random, GROUP);

        if (group > end - world->next)
            group = end - world->next;
        ask_group(world, &line, world->next, group);
        world->next += group;
    }
    line_end(&line);
    line_close(&line);
}

/* --- HTTP/2 ---------------------------------------------------------------------------------------- */

static const char *
stream_differs(const struct exact_case *exact, const struct http2_party_stream *stream, int side)
{
    if (!stream->ended)
        return "it does not come to an end";
    if (!str_eq(buf_str(&stream->body), buf_str(&exact->body[side])))
        return "the body differs";
    if (side == 0 && (strcmp(stream->method, exact->method) != 0 || strcmp(stream->path, exact->path) != 0))
        return "the request differs";
    if (side == 1 && (stream->status != exact->status || stream->interims != exact->interims))
        return "the status, or the number of interim answers";
    if (side == 1 && exact->has_trailers && exact->body[1].len > 0 &&
        !str_eq_c(http2_field(stream, "trailing"), "field"))
        return "the trailer is missing";
    return NULL;
}

static void
answer_exact(struct http2_party *party, struct http2_party_stream *stream, void *data)
{
    static const char *const hints[] = { "link", "</a>", NULL };
    struct exact_world *world = data;
    uint32_t number = exact_number_of(str_from(stream->path));
    char text[12];
    const char *fields[] = { "x-case", text, number % 3 == 0 ? "content-type" : NULL, "text/html", NULL };
    struct exact_case exact;
    const char *wrong;

    if (number == 0 || number >= MAX_CASES) {
        fail_case(world, 0, "the server", "a request that is none of ours");
        return;
    }
    init_case(world, &exact, number);
    wrong = stream_differs(&exact, stream, 0);
    if (wrong != NULL)
        fail_case(world, number, "the server", wrong);
    snprintf(text, sizeof text, "%u", number);
    for (unsigned i = 0; i < exact.interims; i++)
        http2_answer_interim(party, stream, 103, hints);
    stream->own = exact.body[1];
    exact.body[1] = (struct buf){ 0 };
    http2_answer(party, stream, exact.status, fields, buf_str(&stream->own),
                 exact.has_trailers && stream->own.len > 0 ? "trailing: field" : NULL);
    exact_case_release(&exact);
}

/* All requests of one connection, some at a time. */
static void
ask_http2(struct exact_world *world, uint32_t count)
{
    static const char *const form[] = { "content-type", "application/x-www-form-urlencoded", NULL };
    enum { AT_ONCE = 12 };
    struct http2_party *party = calloc(1, sizeof *party);
    uint32_t end = world->next + count;
    struct line line;

    open_line(world, &line, "\x02h2");
    http2_client_init(party, &line);
    party->random = exact_roll(&world->random, UINT32_MAX) | 1u;
    while (world->next < end && world->failure[0] == '\0') {
        uint32_t group = 1 + exact_roll(&world->random, AT_ONCE), asked = 0;
        struct http2_party_stream *streams[AT_ONCE];
        struct exact_case cases[AT_ONCE];

        for (; asked < group && world->next < end; asked++, world->next++) {
            init_case(world, &cases[asked], world->next);
            streams[asked] = http2_ask(party, cases[asked].method, "sp.test", cases[asked].path,
                                       world->next % 2 == 0 ? form : NULL, buf_str(&cases[asked].body[0]));
        }
        for (uint32_t i = 0; i < asked; i++) {
            const char *wrong =
                http2_finish(party, streams[i]) ? stream_differs(&cases[i], streams[i], 1) : "the connection ended";

            if (wrong != NULL)
                fail_case(world, cases[i].number, "the client", wrong);
        }
        for (uint32_t i = 0; i < asked; i++)
            exact_case_release(&cases[i]);
    }
    http2_party_release(party);
    free(party);
    line_end(&line);
    line_close(&line);
}

/* --- runs ------------------------------------------------------------------------------------------ */

static uint32_t
soak(void)
{
    const char *text = getenv("SOAK");

    return text != NULL && atoi(text) > 0 ? (uint32_t)atoi(text) : 1;
}

/* In place of the packet filter: where the client wanted to go, with TLS and without. */
static enum transparent_result
went_to(struct sockaddr_storage *to, in_port_t port)
{
    *(struct sockaddr_in *)(void *)to = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0xc0000207) /* 192.0.2.7 */
    };
    return TRANSPARENT_FOUND;
}

static enum transparent_result
went_to_https(int fd, bool tproxy, struct sockaddr_storage *to)
{
    (void)fd;
    (void)tproxy;
    return went_to(to, 443);
}

static enum transparent_result
went_to_http(int fd, bool tproxy, struct sockaddr_storage *to)
{
    (void)fd;
    (void)tproxy;
    return went_to(to, 80);
}

static void
open_exact(struct exact_world *world, enum exact_mode mode, serve_fn *serve, void *data)
{
    static const enum relay_mode modes[] = {
        [REVERSE] = RELAY_REVERSE,
        [SOCKS5] = RELAY_SOCKS5,
        [UPSTREAM] = RELAY_REGULAR,
        [UPSTREAM_TLS] = RELAY_REGULAR,
        [UPSTREAM_PLAIN] = RELAY_REGULAR,
        [TRANSPARENT] = RELAY_TRANSPARENT,
        [TRANSPARENT_PLAIN] = RELAY_TRANSPARENT,
    };
    struct relay_options *options = &world->world.rig.options;
    struct relay_way *way = &options->ways[0];

    *world = (struct exact_world){ .mode = mode, .random = 4711 + (unsigned)mode, .next = 1 };
    pthread_mutex_init(&world->lock, NULL);
    world->is_last = calloc(MAX_CASES, sizeof *world->is_last);
    world->told = calloc(MAX_CASES, sizeof *world->told);
    world->service = (struct http2_service){ .answer = answer_exact, .data = world, .random = 99 };
    world_open(&world->world, "sp.test", FLAW_NONE, serve, data);
    server_speaks(world->world.server.context, serve == serve_http2 ? "\x02h2" : "\x08http/1.1");
    server_start(&world->plain, NULL, serve_exact, world);
    server_start(&world->way_out,
                 mode == UPSTREAM_TLS ? authority_server(&world->world.authority, "127.0.0.1", FLAW_NONE) : NULL,
                 serve_tunnel, world);
    if (mode == PLAIN || mode == TRANSPARENT_PLAIN)
        world->world.rows[0].to_port = world->plain.port;
    *way = (struct relay_way){ .listen_host = "127.0.0.1", .mode = modes[mode] };
    way->destination = mode == TRANSPARENT_PLAIN ? went_to_http : went_to_https;
    if (mode == REVERSE) {
        way->reverse_host = "sp.test";
        way->reverse_port = 443;
    }
    if (mode == UPSTREAM || mode == UPSTREAM_TLS || mode == UPSTREAM_PLAIN) {
        options->connect_to_count = 0;
        options->next_proxy.host = "127.0.0.1";
        options->next_proxy.port = mode == UPSTREAM_PLAIN ? world->plain.port : world->way_out.port;
        options->next_proxy.with_tls = mode == UPSTREAM_TLS;
    }
    world->world.rig.told = on_told;
    world->world.rig.told_data = world;
    rig_start(&world->world.rig);
}

static void
close_exact(struct exact_world *world)
{
    uint32_t count = world->next - 1;

    if (world->failure[0] == '\0')
        rig_wait_told(&world->world.rig, count);
    world_close(&world->world);
    server_stop(&world->plain);
    assert_int_equal(world->way_out.connections > 0, world->mode == UPSTREAM || world->mode == UPSTREAM_TLS);
    server_stop(&world->way_out);
    if (world->failure[0] != '\0')
        fail_msg("%s", world->failure);
    assert_int_equal(world->told_count, count);
    for (uint32_t i = 1; i <= count; i++)
        assert_int_equal(world->told[i], 1);
    assert_true(world->bodies > count / 4); /* that were compared, not only counted */
    assert_int_equal(world->world.rig.stats.unreadable, 0);
    free(world->is_last);
    free(world->told);
    pthread_mutex_destroy(&world->lock);
}

void
exact_run(enum exact_mode mode, bool over_http2, uint32_t small, uint32_t big, size_t big_body)
{
    struct exact_world world;

    if (over_http2)
        open_exact(&world, mode, serve_http2, &world.service);
    else
        open_exact(&world, mode, serve_exact, &world);
    world.max_body = SMALL;
    for (small *= soak(); small > 0 && world.failure[0] == '\0';) {
        uint32_t count = 1 + exact_roll(&world.random, CONNECTION);

        if (count > small)
            count = small;
        (over_http2 ? ask_http2 : ask_http1)(&world, count);
        small -= count;
    }
    rig_wait_told(&world.world.rig, world.failure[0] == '\0' ? world.next - 1 : 0); /* the limit is about to change */
    world.max_body = soak() > 1 ? (size_t)64 << 20 : big_body;
    for (; big > 0 && world.failure[0] == '\0'; big--)
        (over_http2 ? ask_http2 : ask_http1)(&world, 1);
    close_exact(&world);
}
