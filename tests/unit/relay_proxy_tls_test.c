/* SPDX-License-Identifier: MIT */
/* TLS to the proxy on the way out: --mode upstream:https://. */
#include "relay_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
static const char tunnel_opens[] = "HTTP/1.1 200 Go on\r\nVia: 1.1 proxy\r\n\r\n";

/* --- a proxy that is reached by TLS ---------------------------------------------------------------- */

struct tls_proxy {
    struct server server;
    const char *answer;   /* to the first head */
    unsigned server_port; /* where tunnels lead; 0: the answer is all */
    bool in_pieces;       /* the answer comes a record a byte */
    struct buf head;      /* of the last request */
    char name[64];        /* that the handshake asked for */
    char protocol[16];    /* that it chose */
    bool got_stuck;       /* bytes came only when everything was over, if at all */
};

static void
serve_as_proxy(struct line *line, void *data)
{
    struct tls_proxy *proxy = data;
    const char *name = line->ssl != NULL ? SSL_get_servername(line->ssl, TLSEXT_NAMETYPE_host_name) : NULL;
    struct line onward;

    snprintf(proxy->name, sizeof proxy->name, "%s", name != NULL ? name : "");
    if (line->ssl != NULL)
        line_protocol(line, proxy->protocol);
    buf_reset(&proxy->head);
    if (!line_read_head(line, &proxy->head))
        return;
    for (const char *at = proxy->answer; proxy->in_pieces && *at != '\0'; at++)
        line_write(line, at, 1);
    if (!proxy->in_pieces)
        line_say(line, proxy->answer);
    if (proxy->server_port == 0)
        return;
    client_dial(&onward, proxy->server_port);
    proxy->got_stuck = !line_join(line, &onward);
    line_close(&onward);
}

struct proxied_world {
    struct world world;
    struct tls_proxy proxy;
};

/* The proxy's certificate is for certified; the relay knows it as localhost. */
static void
proxied_world_open(struct proxied_world *it, const char *certified, enum flaw flaw, bool with_tls, serve_fn *serve,
                   void *data)
{
    struct tls_proxy *proxy = &it->proxy;
    SSL_CTX *context;

    world_open(&it->world, with_tls ? "sp.test" : NULL, FLAW_NONE, serve, data);
    *proxy = (struct tls_proxy){ .answer = tunnel_opens, .server_port = it->world.server.port };
    buf_init(&proxy->head, 65536);
    context = authority_server(&it->world.authority, certified, flaw);
    server_speaks(context, "\x02h2\x08http/1.1");
    server_start(&proxy->server, context, serve_as_proxy, proxy);
    it->world.rig.options.connect_to_count = 0;
    it->world.rig.options.next_proxy = (struct next_proxy){
        .host = "localhost", .port = proxy->server.port, .with_tls = true, .authorization = "Basic b3duOm93bg=="
    };
}

static void
proxied_world_close(struct proxied_world *it)
{
    world_close(&it->world);
    server_stop(&it->proxy.server);
    assert_false(it->proxy.got_stuck);
    buf_release(&it->proxy.head);
}

/* --- what goes through ------------------------------------------------------------------------------ */

static void
https_goes_through(bool in_pieces)
{
    struct proxied_world it;
    struct line line;
    struct buf head;

    proxied_world_open(&it, "localhost", FLAW_NONE, true, serve_fixed, response);
    it.proxy.in_pieces = in_pieces;
    rig_start(&it.world.rig);
    browse(&it.world, &line, "sp.test");
    buf_init(&head, 65536);
    for (int i = 0; i < 2; i++) {
        line_say(&line, "GET /saml/acs HTTP/1.1\r\nHost: sp.test\r\n\r\n");
        buf_reset(&head);
        assert_true(line_read_head(&line, &head));
        assert_true(str_eq_c(buf_str(&head), response));
        assert_int_equal(rig_wait(&it.world.rig, (size_t)i + 1)->problem, EXCHANGE_OK);
    }
    assert_string_equal(it.proxy.name, "localhost");
    assert_string_equal(it.proxy.protocol, "http/1.1");
    assert_true(str_eq_c(buf_str(&it.proxy.head), "CONNECT sp.test:443 HTTP/1.1\r\nHost: sp.test:443\r\n"
                                                  "Proxy-Authorization: Basic b3duOm93bg==\r\n\r\n"));
    buf_release(&head);
    line_close(&line);
    proxied_world_close(&it);
}

static void
https_goes_through_tls_in_tls(void **state)
{
    (void)state;
    https_goes_through(false);
    https_goes_through(true);
}

/* The session of the first handshake spares the second one most of its work. */
static void
session_with_the_proxy_is_resumed(void **state)
{
    struct proxied_world it;
    struct line line;
    struct buf head;

    (void)state;
    proxied_world_open(&it, "localhost", FLAW_NONE, true, serve_fixed, response);
    rig_start(&it.world.rig);
    buf_init(&head, 65536);
    for (int i = 0; i < 2; i++) {
        browse(&it.world, &line, "sp.test");
        line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n");
        buf_reset(&head);
        assert_true(line_read_head(&line, &head));
        line_close(&line);
        rig_wait_closed(&it.world.rig);
    }
    buf_release(&head);
    proxied_world_close(&it);
    assert_int_equal(it.proxy.server.resumed, 1);
}

static void
http_keeps_its_whole_url(void **state)
{
    struct proxied_world it;
    struct line line;
    struct buf head;

    (void)state;
    proxied_world_open(&it, "localhost", FLAW_NONE, false, serve_fixed, response);
    it.proxy.answer = response;
    it.proxy.server_port = 0;
    rig_start(&it.world.rig);
    client_dial(&line, it.world.rig.port);
    line_say(&line, "GET http://sp.test/a HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    buf_init(&head, 65536);
    assert_true(line_read_head(&line, &head));
    assert_true(str_eq_c(buf_str(&head), response));
    if (!str_eq_c(buf_str(&it.proxy.head), "GET http://sp.test/a HTTP/1.1\r\nProxy-Authorization: Basic "
                                           "b3duOm93bg==\r\nHost: sp.test\r\n\r\n"))
        fail_msg("%s", it.proxy.head.bytes);
    buf_release(&head);
    line_close(&line);
    proxied_world_close(&it);
}

/* What --no-proxy names is reached without it, and is told no password. */
static void
direct_hosts_do_without(void **state)
{
    struct proxied_world it;
    struct line line;
    struct buf head;
    char target[80];

    (void)state;
    proxied_world_open(&it, "localhost", FLAW_NONE, false, serve_fixed, response);
    rig_start(&it.world.rig);
    client_dial(&line, it.world.rig.port);
    snprintf(target, sizeof target, "GET http://127.0.0.1:%u/ HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n",
             it.world.server.port, it.world.server.port);
    line_say(&line, target);
    buf_init(&head, 65536);
    assert_true(line_read_head(&line, &head));
    assert_int_equal(it.proxy.head.len, 0);
    buf_release(&head);
    line_close(&line);
    proxied_world_close(&it);
}

/* --- blind tunnels ---------------------------------------------------------------------------------- */

enum { MANY_BYTES = 3 << 20 };

/* Reads all to the end, and only then sends it back. */
static void
serve_echo_at_the_end(struct line *line, void *data)
{
    struct buf all;

    (void)data;
    buf_init(&all, 2 * MANY_BYTES);
    if (line_read_all(line, &all) == 0)
        line_write(line, all.bytes, all.len);
    line_end(line);
    buf_release(&all);
}

static void
tunnel_passes_bytes_and_half_close(void **state)
{
    static const char *const everything[] = { "." };
    struct proxied_world it;
    struct line line;
    struct buf back;
    char *bytes = malloc(MANY_BYTES);

    (void)state;
    proxied_world_open(&it, "localhost", FLAW_NONE, false, serve_echo_at_the_end, NULL);
    it.world.rig.options.ignore_hosts = everything;
    it.world.rig.options.ignore_host_count = 1;
    rig_start(&it.world.rig);
    for (size_t i = 0; i < MANY_BYTES; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    assert_int_equal(client_connect(&line, it.world.rig.port, "sp.test:9999"), 200);
    assert_true(line_write(&line, bytes, MANY_BYTES));
    line_end(&line);
    buf_init(&back, 2 * MANY_BYTES);
    assert_int_equal(line_read_all(&line, &back), 0);
    assert_int_equal(back.len, MANY_BYTES);
    assert_memory_equal(back.bytes, bytes, MANY_BYTES);
    buf_release(&back);
    free(bytes);
    line_close(&line);
    proxied_world_close(&it);
}

/* What follows the head of the proxy's answer, in the same record, is the server's. */
static void
server_may_speak_at_once(void **state)
{
    static const char *const everything[] = { "." };
    struct proxied_world it;
    struct line line;
    char greeting[9];

    (void)state;
    proxied_world_open(&it, "localhost", FLAW_NONE, false, serve_fixed, response);
    it.proxy.answer = "HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x";
    it.world.rig.options.ignore_hosts = everything;
    it.world.rig.options.ignore_host_count = 1;
    rig_start(&it.world.rig);
    assert_int_equal(client_connect(&line, it.world.rig.port, "sp.test:22"), 200);
    assert_true(line_read_exactly(&line, greeting, sizeof greeting));
    assert_memory_equal(greeting, "SSH-2.0-x", sizeof greeting);
    line_close(&line);
    proxied_world_close(&it);
}

/* --- what goes wrong -------------------------------------------------------------------------------- */

/* The browser gets the page, the proxy not a byte of ours. */
static void
problem_is_explained(struct proxied_world *it, const char *words)
{
    const struct exchange *exchange;
    struct line line;
    struct buf page;

    rig_start(&it->world.rig);
    browse(&it->world, &line, "sp.test");
    line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    buf_init(&page, 256 * 1024);
    line_read_all(&line, &page);
    assert_true(str_starts_c(buf_str(&page), "HTTP/1.1 502"));
    exchange = rig_wait(&it->world.rig, 1);
    assert_int_equal(exchange->problem, EXCHANGE_UPSTREAM_PROXY);
    if (str_find_c(exchange->problem_text, words) == SIZE_MAX)
        fail_msg("'%.*s' lacks '%s'", STR_ARG(exchange->problem_text), words);
    assert_int_equal(it->proxy.head.len, 0);
    line_close(&line);
    assert_int_equal(rig_wait_closed(&it->world.rig).closed[CLOSE_NEXT_PROXY_FAILED], 1);
    buf_release(&page);
    proxied_world_close(it);
}

static void
bad_certificate_of_the_proxy_is_refused(void **state)
{
    static const struct {
        const char *certified;
        enum flaw flaw;
        const char *words;
    } rows[] = {
        { "localhost", FLAW_EXPIRED, "the proxy localhost: the proxy's certificate has expired: " },
        { "localhost", FLAW_SELF_SIGNED, "the proxy's certificate is self-signed and not in the trust store" },
        { "proxy.test", FLAW_NONE, "the proxy's certificate was issued for another name" },
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct proxied_world it;

        proxied_world_open(&it, rows[i / 2].certified, rows[i / 2].flaw, true, serve_fixed, response);
        it.world.rig.options.insecure = i % 2 == 1; /* is for servers */
        problem_is_explained(&it, rows[i / 2].words);
    }
}

static void
other_authority_is_told_what_to_do(void **state)
{
    struct proxied_world it;

    (void)state;
    proxied_world_open(&it, "localhost", FLAW_NONE, true, serve_fixed, response);
    it.world.rig.options.upstream_ca = NULL;
    problem_is_explained(&it, "--upstream-ca FILE adds an authority; --insecure is for servers, not for the proxy");
}

static void
serve_refusal(struct line *line, void *data)
{
    (void)data;
    line_read(line, &(char){ 0 }, 1);
    line_say(line, "HTTP/1.1 400 Bad request\r\n\r\n");
}

static void
wrong_scheme_is_noticed(void **state)
{
    struct proxied_world it;

    (void)state;
    proxied_world_open(&it, "localhost", FLAW_NONE, true, serve_fixed, response);
    it.world.rig.options.next_proxy.with_tls = false;
    problem_is_explained(&it, "if it wants TLS itself: --mode upstream:https://HOST:PORT");
    proxied_world_open(&it, "localhost", FLAW_NONE, true, serve_fixed, response);
    SSL_CTX_free(it.proxy.server.context);
    it.proxy.server.context = NULL;
    it.proxy.server.serve = serve_refusal;
    problem_is_explained(&it, "a proxy without TLS is --mode upstream:http://HOST:PORT");
}

static void
serve_silence(struct line *line, void *data)
{
    char bytes[512];

    (void)data;
    while (line_read(line, bytes, sizeof bytes) > 0) {
    }
}

static void
silent_proxy_is_given_up(void **state)
{
    struct proxied_world it;

    (void)state;
    proxied_world_open(&it, "localhost", FLAW_NONE, true, serve_fixed, response);
    SSL_CTX_free(it.proxy.server.context);
    it.proxy.server.context = NULL;
    it.proxy.server.serve = serve_silence;
    it.world.rig.options.dial_timeout_s = 1;
    problem_is_explained(&it, "the proxy localhost did not finish the TLS handshake in time");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(https_goes_through_tls_in_tls),
        cmocka_unit_test(session_with_the_proxy_is_resumed),
        cmocka_unit_test(http_keeps_its_whole_url),
        cmocka_unit_test(direct_hosts_do_without),
        cmocka_unit_test(tunnel_passes_bytes_and_half_close),
        cmocka_unit_test(server_may_speak_at_once),
        cmocka_unit_test(bad_certificate_of_the_proxy_is_refused),
        cmocka_unit_test(other_authority_is_told_what_to_do),
        cmocka_unit_test(wrong_scheme_is_noticed),
        cmocka_unit_test(silent_proxy_is_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
