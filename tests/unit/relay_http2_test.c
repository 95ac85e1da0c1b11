/* SPDX-License-Identifier: MIT */
#include "http2_party.h"
#include "relay_world.h"

#include <openssl/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char http2_only[] = "\x02h2", http1_only[] = "\x08http/1.1", both[] = "\x02h2\x08http/1.1";

static void
assert_text(struct str text, const char *expected)
{
    if (!str_eq_c(text, expected))
        fail_msg("'%.*s' instead of '%s'", STR_ARG(text), expected);
}

static void
assert_has(struct str text, const char *part)
{
    if (str_find_c(text, part) == SIZE_MAX)
        fail_msg("'%s' is not in: %.*s", part, STR_ARG(text));
}

/* --- a world whose server speaks HTTP/2 ------------------------------------------------------------- */

struct http2_world {
    struct world world;
    struct http2_service service;
    struct line line;
    struct http2_party *client;
};

static void
open_world(struct http2_world *world, http2_answer_fn *answer)
{
    world->service = (struct http2_service){ .answer = answer };
    world_open(&world->world, "sp.test", FLAW_NONE, serve_http2, &world->service);
    server_speaks(world->world.server.context, both);
}

static void
connect_client(struct http2_world *world, const char *host, const char *protocols)
{
    char authority[300], chosen[16];

    snprintf(authority, sizeof authority, "%s:443", host);
    assert_int_equal(client_connect(&world->line, world->world.rig.port, authority), 200);
    if (!client_tls_offering(&world->line, host, world->world.rig.root, protocols))
        fail_msg("TLS: %s", ERR_error_string(world->line.error, NULL));
    assert_string_equal(line_protocol(&world->line, chosen), "h2");
    world->client = calloc(1, sizeof *world->client);
    http2_client_init(world->client, &world->line);
}

static void
start_world(struct http2_world *world, http2_answer_fn *answer)
{
    open_world(world, answer);
    rig_start(&world->world.rig);
    connect_client(world, "sp.test", both);
}

static void
leave(struct http2_world *world)
{
    http2_party_release(world->client);
    free(world->client);
    line_close(&world->line);
}

static void
close_world(struct http2_world *world)
{
    leave(world);
    world_close(&world->world);
}

/* --- exchanges ------------------------------------------------------------------------------------- */

static void
answer_page(struct http2_party *party, struct http2_party_stream *stream, void *data)
{
    static const char *const fields[] = { "content-type", "text/html", "set-cookie", "a=1", "set-cookie", "b=2", NULL };

    (void)data;
    http2_answer(party, stream, 200, fields, STR("<html>signed in"), NULL);
}

static void
exchanges_are_told_as_they_were(void **state)
{
    static const char *const fields[] = {
        "content-type", "application/x-www-form-urlencoded", "cookie", "c=1", "cookie", "d=2", NULL
    };
    struct str form = STR("SAMLResponse=PHNhbWxwOlJlc3BvbnNlLz4%3D&RelayState=r");
    struct http2_world world;
    struct http2_party_stream *first, *second;
    const struct exchange *exchange;

    (void)state;
    start_world(&world, answer_page);
    first = http2_ask(world.client, "POST", "sp.test", "/saml/acs?x=%2f+1", fields, form);
    second = http2_ask(world.client, "GET", "sp.test", "/second", NULL, (struct str){ 0 });
    assert_true(http2_finish(world.client, first) && http2_finish(world.client, second));
    assert_int_equal(first->status, 200);
    assert_text(buf_str(&first->body), "<html>signed in");
    assert_int_equal(second->status, 200);
    rig_wait(&world.world.rig, 2);
    exchange = rig_wait(&world.world.rig, 1);
    if (str_eq_c(exchange->target, "/second"))
        exchange = rig_wait(&world.world.rig, 2);
    assert_int_equal(exchange->problem, EXCHANGE_OK);
    assert_text(exchange->version, "HTTP/2");
    assert_text(exchange->scheme, "https");
    assert_text(exchange->host, "sp.test");
    assert_int_equal(exchange->port, 443);
    assert_text(exchange->method, "POST");
    assert_text(exchange->target, "/saml/acs?x=%2f+1");
    assert_text(headers_get(&exchange->request_headers, "Cookie"), "c=1; d=2");
    assert_true(str_eq(exchange->request_body.bytes, form));
    assert_int_equal(exchange->status, 200);
    assert_int_equal(headers_count(&exchange->response_headers, "Set-Cookie"), 2);
    assert_text(exchange->response_body.bytes, "<html>signed in");
    assert_false(exchange->response_body.cut);
    assert_int_equal(exchange->connection, 1);
    close_world(&world);
    assert_int_equal(world.world.rig.stats.http2, 1);
    assert_int_equal(world.world.rig.stats.unreadable, 0);
}

/* --- who speaks what ------------------------------------------------------------------------------- */

static char hello_page[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

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
expect_protocol(const char *offered, const char *spoken, bool no_http2, const char *chosen)
{
    struct http2_service service = { .answer = answer_page };
    struct world world;
    struct line line;
    struct buf head;
    char text[16];

    world_open(&world, "sp.test", FLAW_NONE, serve_what_was_chosen, &service);
    if (spoken != NULL)
        server_speaks(world.server.context, spoken);
    world.rig.options.no_http2 = no_http2;
    rig_start(&world.rig);
    assert_int_equal(client_connect(&line, world.rig.port, "sp.test:443"), 200);
    assert_true(client_tls_offering(&line, "sp.test", world.rig.root, offered));
    assert_string_equal(line_protocol(&line, text), chosen);
    if (strcmp(chosen, "h2") != 0) {
        buf_init(&head, 65536);
        line_say(&line, "GET /page HTTP/1.1\r\nHost: sp.test\r\n\r\n");
        assert_true(line_read_head(&line, &head));
        assert_true(str_starts_c(buf_str(&head), "HTTP/1.1 200 OK"));
        assert_int_equal(rig_wait(&world.rig, 1)->status, 200);
        buf_release(&head);
    }
    line_close(&line);
    world_close(&world);
    assert_int_equal(world.rig.stats.http2, strcmp(chosen, "h2") == 0);
    assert_int_equal(world.rig.stats.intercepted, 1);
}

static void
protocol_is_the_servers_choice(void **state)
{
    (void)state;
    expect_protocol(both, both, false, "h2");
    expect_protocol(both, "\x08http/1.1\x02h2", false, "http/1.1");
    expect_protocol(both, http1_only, false, "http/1.1");
    expect_protocol(both, NULL, false, ""); /* it knows no ALPN */
    expect_protocol(http2_only, both, false, "h2");
    expect_protocol(http1_only, both, false, "http/1.1");
    expect_protocol(NULL, both, false, "");
    expect_protocol(both, both, true, "http/1.1"); /* --no-http2 */
}

static void
without_http2_its_clients_are_tunnelled(void **state)
{
    struct http2_service service = { .answer = answer_page };
    struct world world;
    struct line line;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_what_was_chosen, &service);
    server_speaks(world.server.context, both);
    world.rig.options.no_http2 = true;
    rig_start(&world.rig);
    assert_int_equal(client_connect(&line, world.rig.port, "sp.test:443"), 200);
    assert_true(client_tls_offering(&line, "sp.test", world.authority.certificate, http2_only));
    line_end(&line);
    line_close(&line);
    assert_text(rig_wait(&world.rig, 1)->problem_text, "the client offers h2, but not HTTP/1.1");
    world_close(&world);
    assert_int_equal(world.rig.stats.tunnelled, 1);
}

/* --- our own pages --------------------------------------------------------------------------------- */

static void
problem_is_shown_over_http2(void **state)
{
    struct http2_world world;
    struct http2_party_stream *stream, *later;
    const struct exchange *exchange;

    (void)state;
    open_world(&world, answer_page);
    world.world.rig.options.upstream_ca = NULL;
    rig_start(&world.world.rig);
    connect_client(&world, "sp.test", http2_only);
    stream = http2_ask(world.client, "POST", "sp.test", "/page", NULL, STR("some=form"));
    later = http2_ask(world.client, "GET", "sp.test", "/later", NULL, (struct str){ 0 });
    assert_true(http2_finish(world.client, stream));
    assert_int_equal(stream->status, 502);
    assert_int_equal(stream->code, NGHTTP2_NO_ERROR);
    assert_text(http2_field(stream, "content-type"), "text/html; charset=utf-8");
    assert_false(str_present(http2_field(stream, "connection")));
    assert_has(http2_field(stream, "content-security-policy"), "frame-ancestors 'none'");
    assert_has(buf_str(&stream->body), "no chain to a known authority");
    assert_true(str_ends_c(buf_str(&stream->body), "</html>\n"));
    while (!later->is_closed && http2_turn(world.client))
        continue;
    assert_true(world.client->has_goaway);
    assert_int_equal(world.client->goaway_code, NGHTTP2_NO_ERROR);
    assert_int_equal(later->code, NGHTTP2_REFUSED_STREAM); /* it may be sent again */
    exchange = rig_wait(&world.world.rig, 1);
    assert_int_equal(exchange->problem, EXCHANGE_UPSTREAM_UNTRUSTED);
    assert_text(exchange->target, "/page");
    assert_text(exchange->version, "HTTP/2");
    close_world(&world);
}

static int
refuse_nobody(int ok, X509_STORE_CTX *context)
{
    (void)ok;
    (void)context;
    return 1;
}

/* With TLS 1.3 the server says so only when the client believes to be connected and has asked. */
static void
missing_certificate_is_shown_over_http2(void **state)
{
    struct http2_world world;
    struct http2_party_stream *stream;

    (void)state;
    open_world(&world, answer_page);
    SSL_CTX_set_verify(world.world.server.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, refuse_nobody);
    rig_start(&world.world.rig);
    connect_client(&world, "sp.test", both);
    stream = http2_ask(world.client, "GET", "sp.test", "/page", NULL, (struct str){ 0 });
    assert_true(http2_finish(world.client, stream));
    assert_int_equal(stream->status, 502);
    assert_has(buf_str(&stream->body), "asks for a client certificate");
    assert_int_equal(rig_wait(&world.world.rig, 1)->problem, EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT);
    close_world(&world);
}

static void
own_site_speaks_http2(void **state)
{
    struct http2_world world;
    struct http2_party_stream *stream;

    (void)state;
    open_world(&world, answer_page);
    rig_start(&world.world.rig);
    connect_client(&world, "samltap.test", http2_only);
    stream = http2_ask(world.client, "GET", "samltap.test", "/ca.pem", NULL, (struct str){ 0 });
    assert_true(http2_finish(world.client, stream));
    assert_int_equal(stream->status, 200);
    assert_true(str_starts_c(buf_str(&stream->body), "-----BEGIN CERTIFICATE-----"));
    leave(&world);
    connect_client(&world, "samltap.test", http2_only);
    stream = http2_ask(world.client, "HEAD", "samltap.test", "/", NULL, (struct str){ 0 });
    assert_true(http2_finish(world.client, stream));
    assert_int_equal(stream->status, 200);
    assert_int_equal(stream->body.len, 0);
    close_world(&world);
    assert_int_equal(world.world.rig.exchange_count, 0); /* what is said to us is no traffic */
}

static void
prior_knowledge_is_refused(enum relay_mode mode, const char *words)
{
    struct http2_world world;
    struct http2_party_stream *stream;

    open_world(&world, answer_page);
    world.world.rig.options.ways[0].mode = mode;
    world.world.rig.options.ways[0].reverse_host = "sp.test";
    world.world.rig.options.ways[0].reverse_port = 443;
    rig_start(&world.world.rig);
    client_dial(&world.line, world.world.rig.port);
    world.client = calloc(1, sizeof *world.client);
    http2_client_init(world.client, &world.line);
    stream = http2_ask(world.client, "GET", "sp.test", "/", NULL, (struct str){ 0 });
    assert_true(http2_finish(world.client, stream));
    assert_int_equal(stream->status, 400);
    assert_has(buf_str(&stream->body), words);
    close_world(&world);
    assert_int_equal(world.world.rig.exchange_count, 0);
    assert_int_equal(world.world.rig.stats.closed[CLOSE_BAD_REQUEST], 1);
}

static void
prior_knowledge_is_refused_in_http2(void **state)
{
    (void)state;
    prior_knowledge_is_refused(RELAY_REGULAR, "A proxy takes HTTP/1.1 here");
    prior_knowledge_is_refused(RELAY_REVERSE, "This port speaks https only");
}

/* --- what HTTP/2 has beside requests and answers ---------------------------------------------------- */

static void
answer_specially(struct http2_party *party, struct http2_party_stream *stream, void *data)
{
    static const char *const hints[] = { "link", "</a.css>; rel=preload", NULL };
    static const char *const grpc[] = { "content-type", "application/grpc-web+proto", NULL };
    static const char *const type[] = { "content-type", "text/html", NULL };
    static char long_value[40000];
    const char *const big[] = { "x-long", long_value, "content-type", "text/html", NULL };

    (void)data;
    if (strcmp(stream->path, "/hints") == 0) {
        http2_answer_interim(party, stream, 103, hints);
        http2_answer_interim(party, stream, 103, hints);
        http2_answer(party, stream, 200, type, STR("after hints"), NULL);
    } else if (strcmp(stream->path, "/grpc") == 0) {
        http2_answer(party, stream, 200, grpc, STR("\0\0\0\0\1x"), "grpc-status: 0");
    } else if (strcmp(stream->path, "/big") == 0) {
        memset(long_value, 'v', sizeof long_value - 1);
        http2_answer(party, stream, 200, big, STR("big"), NULL);
    } else if (strcmp(stream->path, "/reset") == 0) {
        nghttp2_submit_rst_stream(party->session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_INTERNAL_ERROR);
    } else if (strcmp(stream->path, "/push") == 0) {
        http2_push(party, stream, "sp.test", "/pushed");
        http2_answer(party, stream, 200, type, STR("after push"), NULL);
    } else if (strcmp(stream->path, "/goaway") == 0) {
        http2_answer(party, stream, 200, type, STR("the last one"), NULL);
        nghttp2_submit_goaway(party->session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR, NULL, 0);
    } else {
        http2_answer(party, stream, 404, NULL, (struct str){ 0 }, NULL);
    }
}

/* Asks for path on an open connection; the answer must pass as it is, and be told as exchange number count. */
static struct http2_party_stream *
ask(struct http2_world *world, const char *path, size_t count, const struct exchange **exchange)
{
    static const char *const form[] = { "content-type", "application/x-www-form-urlencoded", NULL };
    struct http2_party_stream *stream = http2_ask(world->client, "POST", "sp.test", path, form, STR("SAMLResponse=x"));

    assert_true(http2_finish(world->client, stream));
    *exchange = rig_wait(&world->world.rig, count);
    assert_text((*exchange)->target, path);
    assert_text((*exchange)->request_body.bytes, "SAMLResponse=x");
    return stream;
}

static void
everything_in_http2_passes(void **state)
{
    struct http2_world world;
    struct http2_party_stream *stream;
    const struct exchange *exchange;

    (void)state;
    start_world(&world, answer_specially);

    stream = ask(&world, "/hints", 1, &exchange);
    assert_int_equal(stream->interims, 2);
    assert_text(http2_field(stream, "link"), "</a.css>; rel=preload");
    assert_int_equal(exchange->status, 200);
    assert_text(exchange->response_body.bytes, "after hints");

    stream = ask(&world, "/grpc", 2, &exchange);
    assert_text(http2_field(stream, "grpc-status"), "0"); /* a trailer */
    assert_true(str_eq(buf_str(&stream->body), STR("\0\0\0\0\1x")));
    assert_int_equal(exchange->problem, EXCHANGE_OK);
    assert_int_equal(exchange->response_body.size, 6);

    stream = ask(&world, "/big", 3, &exchange); /* its head goes in CONTINUATION frames */
    assert_int_equal(http2_field(stream, "x-long").len, 39999);
    assert_int_equal(headers_get(&exchange->response_headers, "x-long").len, 39999);
    assert_text(exchange->response_body.bytes, "big");

    stream = ask(&world, "/reset", 4, &exchange);
    assert_int_equal(stream->code, NGHTTP2_INTERNAL_ERROR);
    assert_int_equal(exchange->problem, EXCHANGE_CUT_SHORT);
    assert_int_equal(exchange->status, 0);

    stream = ask(&world, "/push", 5, &exchange);
    assert_int_equal(world.client->pushes, 1);
    assert_text(buf_str(&stream->body), "after push");
    assert_text(exchange->response_body.bytes, "after push");

    stream = ask(&world, "/goaway", 6, &exchange);
    assert_text(buf_str(&stream->body), "the last one");
    assert_text(exchange->response_body.bytes, "the last one");
    while (!world.client->has_goaway && http2_turn(world.client))
        continue;
    assert_true(world.client->has_goaway);
    close_world(&world);
    assert_int_equal(world.world.rig.exchange_count, 6);
    assert_int_equal(world.world.rig.stats.unreadable, 0);
}

/* Answers bytes that are no HTTP/2. */
static void
serve_nonsense(struct line *line, void *data)
{
    struct buf all;

    (void)data;
    line_say(line, "this is no frame at all, and long enough to look like one");
    line_end(line);
    buf_init(&all, 65536);
    line_read_all(line, &all);
    buf_release(&all);
}

static void
what_is_no_http2_passes_unread(void **state)
{
    struct world world;
    struct line line;
    struct buf all;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_nonsense, NULL);
    server_speaks(world.server.context, http2_only);
    rig_start(&world.rig);
    assert_int_equal(client_connect(&line, world.rig.port, "sp.test:443"), 200);
    assert_true(client_tls_offering(&line, "sp.test", world.rig.root, both));
    buf_init(&all, 65536);
    assert_int_equal(line_read_all(&line, &all), 0);
    assert_text(buf_str(&all), "this is no frame at all, and long enough to look like one");
    assert_int_equal(rig_wait(&world.rig, 1)->problem, EXCHANGE_BAD_HTTP);
    buf_release(&all);
    line_close(&line);
    world_close(&world);
    assert_int_equal(world.rig.stats.unreadable, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchanges_are_told_as_they_were),         cmocka_unit_test(protocol_is_the_servers_choice),
        cmocka_unit_test(without_http2_its_clients_are_tunnelled), cmocka_unit_test(problem_is_shown_over_http2),
        cmocka_unit_test(missing_certificate_is_shown_over_http2), cmocka_unit_test(own_site_speaks_http2),
        cmocka_unit_test(prior_knowledge_is_refused_in_http2),     cmocka_unit_test(everything_in_http2_passes),
        cmocka_unit_test(what_is_no_http2_passes_unread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
