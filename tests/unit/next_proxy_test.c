/* SPDX-License-Identifier: MIT */
#include "relay_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- which hosts ----------------------------------------------------------------------------------- */

static void
direct_hosts_are_told_from_others(void **state)
{
    static const struct {
        const char *direct, *host;
        unsigned port;
        bool through;
    } rows[] = {
        { "", "sp.test", 443, true },
        { "", "localhost", 443, false },
        { "", "a.localhost", 443, false },
        { "", "127.0.0.9", 443, false },
        { "", "::1", 443, false },
        { "", "::ffff:127.0.0.1", 443, false },
        { "*", "sp.test", 443, false },
        { "example.com", "example.com", 443, false },
        { "example.com", "EXAMPLE.com.", 443, false },
        { "example.com", "sts.example.com", 443, false },
        { "example.com", "notexample.com", 443, true },
        { ".example.com", "sts.example.com", 443, false },
        { "*.example.com", "sts.example.com", 443, false },
        { "example.com:8443", "example.com", 8443, false },
        { "example.com:8443", "example.com", 443, true },
        { "a.test, ,b.test\tc.test", "c.test", 443, false },
        { "10.0.0.0/8", "10.255.3.4", 443, false },
        { "10.0.0.0/8", "11.0.0.1", 443, true },
        { "192.168.7.128/25", "192.168.7.127", 443, true },
        { "192.168.7.128/25", "192.168.7.128", 443, false },
        { "10.0.0.0/33", "10.0.0.0", 443, true },
        { "10.0.0.7", "10.0.0.7", 443, false },
        { "10.0.0.7", "10.0.0.8", 443, true },
        { "0.0.0.0/0", "2001:db8::1", 443, true },
        { "2001:db8::/32", "2001:db8:1::1", 443, false },
        { "[2001:db8::1]:8443", "2001:db8::1", 8443, false },
        { "[2001:db8::1]:8443", "2001:db8::1", 443, true },
        { "[2001:db8::1", "2001:db8::1", 443, true },
        { "10.0.0.0/8", "10.example.com", 443, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct next_proxy proxy = { .host = "proxy.test", .port = 3128, .direct = rows[i].direct };

        if (next_proxy_is_for(&proxy, str_from(rows[i].host), rows[i].port) != rows[i].through)
            fail_msg("'%s' and %s:%u", rows[i].direct, rows[i].host, rows[i].port);
    }
    assert_false(next_proxy_is_for(NULL, STR("sp.test"), 443));
    assert_false(next_proxy_is_for(&(struct next_proxy){ 0 }, STR("sp.test"), 443));
}

/* --- a proxy --------------------------------------------------------------------------------------- */

struct corporate_proxy {
    struct server server;
    const char *answer;   /* to CONNECT; "" closes without one */
    unsigned server_port; /* where tunnels lead; 0: the answer is all */
    bool in_pieces;       /* a byte at a time */
    struct buf head;      /* of the last request */
};

static void
serve_as_proxy(struct line *line, void *data)
{
    struct corporate_proxy *proxy = data;
    struct line onward;

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
    line_join(line, &onward);
    line_close(&onward);
}

static void
proxied_world_open(struct world *world, struct corporate_proxy *proxy, bool with_tls, serve_fn *serve, char *response)
{
    world_open(world, with_tls ? "sp.test" : NULL, FLAW_NONE, serve, response);
    buf_init(&proxy->head, 65536);
    server_start(&proxy->server, NULL, serve_as_proxy, proxy);
    world->rig.options.connect_to_count = 0;
    world->rig.options.next_proxy.host = "127.0.0.1";
    world->rig.options.next_proxy.port = proxy->server.port;
}

static void
proxied_world_close(struct world *world, struct corporate_proxy *proxy)
{
    world_close(world);
    server_stop(&proxy->server);
    buf_release(&proxy->head);
}

static char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

static void
tls_goes_through_a_tunnel(const char *authorization, bool in_pieces, const char *wanted_head)
{
    struct corporate_proxy proxy = { .answer = "HTTP/1.0 200 Go on\r\nVia: 1.1 squid\r\n\r\n", .in_pieces = in_pieces };
    struct world world;
    struct line line;
    struct buf head;

    proxied_world_open(&world, &proxy, true, serve_fixed, response);
    proxy.server_port = world.server.port;
    world.rig.options.next_proxy.authorization = authorization;
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    line_say(&line, "GET /saml/acs HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    buf_init(&head, 65536);
    assert_true(line_read_head(&line, &head));
    assert_true(str_eq_c(buf_str(&head), response));
    assert_int_equal(rig_wait(&world.rig, 1)->problem, EXCHANGE_OK);
    if (!str_eq_c(buf_str(&proxy.head), wanted_head))
        fail_msg("%s", proxy.head.bytes);
    buf_release(&head);
    line_close(&line);
    proxied_world_close(&world, &proxy);
}

static void
https_goes_through_a_tunnel(void **state)
{
    (void)state;
    tls_goes_through_a_tunnel(NULL, false, "CONNECT sp.test:443 HTTP/1.1\r\nHost: sp.test:443\r\n\r\n");
    tls_goes_through_a_tunnel("Basic amRvZTpzZWNyZXQ=", true,
                              "CONNECT sp.test:443 HTTP/1.1\r\nHost: sp.test:443\r\n"
                              "Proxy-Authorization: Basic amRvZTpzZWNyZXQ=\r\n\r\n");
}

/* --- plain requests --------------------------------------------------------------------------------- */

static void
plain_request_reaches_the_proxy_as(const char *authorization, const char *request, const char *wanted)
{
    struct corporate_proxy proxy = { .answer = response };
    struct world world;
    struct line line;
    struct buf head;

    proxied_world_open(&world, &proxy, false, serve_fixed, response);
    world.rig.options.next_proxy.authorization = authorization;
    rig_start(&world.rig);
    client_dial(&line, world.rig.port);
    line_say(&line, request);
    buf_init(&head, 65536);
    assert_true(line_read_head(&line, &head));
    assert_true(str_eq_c(buf_str(&head), response));
    if (!str_eq_c(buf_str(&proxy.head), wanted))
        fail_msg("%s", proxy.head.bytes);
    buf_release(&head);
    line_close(&line);
    proxied_world_close(&world, &proxy);
}

static void
http_keeps_its_whole_url(void **state)
{
    (void)state;
    plain_request_reaches_the_proxy_as("Basic b3duOm93bg==",
                                       "GET http://sp.test:8080/a?b=%2f HTTP/1.1\r\nHost: sp.test:8080\r\n"
                                       "Proxy-Authorization: Basic b3RoZXI=\r\nCookie: a=b\r\n\r\n",
                                       "GET http://sp.test:8080/a?b=%2f HTTP/1.1\r\nProxy-Authorization: Basic "
                                       "b3duOm93bg==\r\nHost: sp.test:8080\r\nCookie: a=b\r\n\r\n");
    plain_request_reaches_the_proxy_as(NULL,
                                       "GET http://[2001:db8::1]/ HTTP/1.1\r\nHost: [2001:db8::1]\r\n"
                                       "Proxy-Authorization: Basic b3RoZXI=\r\n\r\n",
                                       "GET http://[2001:db8::1]/ HTTP/1.1\r\nHost: [2001:db8::1]\r\n"
                                       "Proxy-Authorization: Basic b3RoZXI=\r\n\r\n");
}

/* --- refusals --------------------------------------------------------------------------------------- */

static void
refusal_is_explained(const char *answer, const char *authorization, const char *words)
{
    struct corporate_proxy proxy = { .answer = answer };
    struct world world;
    struct line line;
    const struct exchange *exchange;

    proxied_world_open(&world, &proxy, true, serve_fixed, response);
    world.rig.options.next_proxy.authorization = authorization;
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    exchange = rig_wait(&world.rig, 1);
    assert_int_equal(exchange->problem, EXCHANGE_UPSTREAM_PROXY);
    if (str_find_c(exchange->problem_text, words) == SIZE_MAX)
        fail_msg("%.*s", STR_ARG(exchange->problem_text));
    assert_true(str_find_c(exchange->problem_text, "b3duOm93bg") == SIZE_MAX);
    line_close(&line);
    proxied_world_close(&world, &proxy);
}

static void
refusals_are_explained(void **state)
{
    char endless[40000];

    (void)state;
    refusal_is_explained("HTTP/1.1 407 Sign in\r\nProxy-Authenticate: Negotiate\r\nProxy-authenticate: Basic "
                         "realm=\"x\"\r\n\r\n",
                         NULL, "wants a sign-in (407, Negotiate, Basic): give user and password with --upstream-auth");
    refusal_is_explained("HTTP/1.1 407 Sign in\r\nProxy-Authenticate: NTLM\r\n\r\n", NULL,
                         "wants a sign-in (407) by NTLM; samltap can do Basic only");
    refusal_is_explained("HTTP/1.1 407 Sign in\r\n\r\n", NULL, "by a method that it does not name");
    refusal_is_explained("HTTP/1.1 407 Sign in\r\nProxy-Authenticate: basic\r\n\r\n",
                         "Basic b3duOm93bg==", "does not accept the user and password");
    refusal_is_explained("HTTP/1.1 403 Blo\033cked\r\nX: y\r\n\r\n", NULL, "refused CONNECT sp.test:443: 403 Blo?cked");
    refusal_is_explained("", NULL, "closed the connection without an answer to CONNECT");
    refusal_is_explained("SSH-2.0-OpenSSH_9.2\r\n", NULL, "does not answer as an HTTP proxy does");
    refusal_is_explained("\x15\x03\x01", NULL, "answers in TLS: it is reached by --mode upstream:https://HOST:PORT");
    refusal_is_explained("HTTP/1.1 abc\r\n\r\n", NULL, "does not answer as an HTTP proxy does");
    memset(endless, 'a', sizeof endless);
    memcpy(endless, "HTTP/1.1 200 OK\r\nX: ", 20);
    endless[sizeof endless - 1] = '\0';
    refusal_is_explained(endless, NULL, "a head that never ends");
}

static void
proxy_that_is_down_is_explained(void **state)
{
    struct corporate_proxy proxy = { .answer = "" };
    struct world world;
    struct line line;
    const struct exchange *exchange;

    (void)state;
    proxied_world_open(&world, &proxy, true, serve_fixed, response);
    server_stop(&proxy.server);
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    exchange = rig_wait(&world.rig, 1);
    assert_int_equal(exchange->problem, EXCHANGE_UPSTREAM_PROXY);
    assert_true(str_starts_c(exchange->problem_text, "the proxy 127.0.0.1: 127.0.0.1:"));
    assert_true(str_ends_c(exchange->problem_text, "refused the connection: nothing listens there"));
    line_close(&line);
    world_close(&world);
    buf_release(&proxy.head);
}

/* A proxy that never answers does not hold the connection for ever. */
static void
serve_nothing(struct line *line, void *data)
{
    (void)data;
    line_read(line, &(char){ 0 }, 1);
    while (line_read(line, &(char){ 0 }, 1) > 0) {
    }
}

static void
silent_proxy_is_given_up(void **state)
{
    struct world world;
    struct server proxy;
    struct line line;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, response);
    server_start(&proxy, NULL, serve_nothing, NULL);
    world.rig.options.connect_to_count = 0;
    world.rig.options.dial_timeout_s = 1;
    world.rig.options.next_proxy.host = "127.0.0.1";
    world.rig.options.next_proxy.port = proxy.port;
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    assert_true(str_ends_c(rig_wait(&world.rig, 1)->problem_text, "did not answer CONNECT in time"));
    line_close(&line);
    world_close(&world);
    server_stop(&proxy);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direct_hosts_are_told_from_others), cmocka_unit_test(https_goes_through_a_tunnel),
        cmocka_unit_test(http_keeps_its_whole_url),          cmocka_unit_test(refusals_are_explained),
        cmocka_unit_test(proxy_that_is_down_is_explained),   cmocka_unit_test(silent_proxy_is_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
