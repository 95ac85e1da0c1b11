/* SPDX-License-Identifier: MIT */
#include "relay_world.h"

#include <dirent.h>
#include <openssl/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char hello_page[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/* Asks for / and reads all that comes. */
static void
ask(struct line *line, const char *host, struct buf *answer)
{
    char request[300];

    snprintf(request, sizeof request, "GET /page HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    buf_init(answer, 1 << 20);
    assert_true(line_say(line, request));
    assert_int_equal(line_read_all(line, answer), 0);
}

static void
assert_has(struct str text, const char *part)
{
    if (str_find_c(text, part) == SIZE_MAX)
        fail_msg("'%s' is not in: %.*s", part, STR_ARG(text));
}

/* Browses to host, expects the page that explains problem with these words, and the exchange that says so. */
static void
expect_problem(struct world *world, const char *host, enum exchange_problem problem, const char *words)
{
    struct line line;
    struct buf answer;
    const struct exchange *exchange;

    browse(world, &line, host);
    ask(&line, host, &answer);
    assert_true(str_starts_c(buf_str(&answer), "HTTP/1.1 502 Bad Gateway\r\n"));
    assert_has(buf_str(&answer), "Connection: close\r\n");
    assert_has(buf_str(&answer), words);
    exchange = rig_wait(&world->rig, 1);
    assert_int_equal(exchange->problem, problem);
    assert_int_equal(exchange->status, 0);
    assert_has(exchange->problem_text, words);
    assert_true(str_eq_c(exchange->host, host));
    assert_true(str_eq_c(exchange->target, "/page"));
    buf_release(&answer);
    line_close(&line);
}

static void
bad_certificate_is(const char *certified, enum flaw flaw, bool trusted, const char *words)
{
    struct world world;

    world_open(&world, certified, flaw, serve_fixed, hello_page);
    if (!trusted)
        world.rig.options.upstream_ca = NULL;
    rig_start(&world.rig);
    expect_problem(&world, "sp.test", EXCHANGE_UPSTREAM_UNTRUSTED, words);
    world_close(&world);
    assert_int_equal(world.rig.stats.failed, 1);
}

static void
bad_certificates_are_explained(void **state)
{
    (void)state;
    bad_certificate_is("sp.test", FLAW_EXPIRED, true, "has expired");
    bad_certificate_is("wrong.test", FLAW_NONE, true, "was issued for another name: subject CN=wrong.test");
    bad_certificate_is("sp.test", FLAW_SELF_SIGNED, true, "self-signed");
    bad_certificate_is("sp.test", FLAW_NONE, false, "no chain to a known authority");
}

static void
unreachable_servers_are_explained(void **state)
{
    struct world world;
    char nowhere[] = "samltap-test.invalid";

    (void)state;
    world_open(&world, NULL, FLAW_NONE, serve_fixed, hello_page);
    server_stop(&world.server); /* nothing listens there any more */
    rig_start(&world.rig);
    expect_problem(&world, "sp.test", EXCHANGE_UPSTREAM_UNREACHABLE, "refused the connection");
    server_start(&world.server, NULL, serve_fixed, hello_page);
    world_close(&world);

    world_open(&world, NULL, FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    expect_problem(&world, nowhere, EXCHANGE_UPSTREAM_NAME, "does not resolve");
    world_close(&world);

    world_open(&world, NULL, FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    world.rows[0].to_port = world.rig.port;
    expect_problem(&world, "sp.test", EXCHANGE_UPSTREAM_UNREACHABLE, "leads back to this proxy");
    world_close(&world);
}

/* The server speaks no TLS: it answers the ClientHello with text. */
static void
serve_text(struct line *line, void *data)
{
    char chunk[1024];

    if (line_read(line, chunk, sizeof chunk) > 0)
        line_say(line, data);
}

static void
server_without_tls_is_explained(void **state)
{
    struct world world;

    (void)state;
    world_open(&world, NULL, FLAW_NONE, serve_text, hello_page);
    rig_start(&world.rig);
    expect_problem(&world, "sp.test", EXCHANGE_UPSTREAM_TLS_FAILED, "does not speak TLS");
    world_close(&world);
}

static int
refuse_nobody(int ok, X509_STORE_CTX *context)
{
    (void)ok;
    (void)context;
    return 1;
}

static void
client_certificates_are_asked_for(int mode, const char *answer_words, enum exchange_problem problem)
{
    struct world world;
    struct line line;
    struct buf answer;

    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    SSL_CTX_set_verify(world.server.context, mode, refuse_nobody);
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    buf_init(&answer, 1 << 20);
    line_say(&line, "GET /page HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    assert_true(line_read_head(&line, &answer));
    assert_has(buf_str(&answer), answer_words);
    assert_int_equal(rig_wait(&world.rig, 1)->problem, problem);
    buf_release(&answer);
    line_close(&line);
    world_close(&world);
}

static void
client_certificate_is_noted(void **state)
{
    (void)state;
    client_certificates_are_asked_for(SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, "502 Bad Gateway",
                                      EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT);
    client_certificates_are_asked_for(SSL_VERIFY_PEER, "200 OK", EXCHANGE_OK); /* asked, but not insisted on */
}

static void
client_that_refuses_our_authority_is_told(void **state)
{
    struct world world;
    struct line line;
    const struct exchange *exchange;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    assert_int_equal(client_connect(&line, world.rig.port, "sp.test:443"), 200);
    assert_false(client_tls(&line, "sp.test", world.authority.certificate));
    exchange = rig_wait(&world.rig, 1);
    assert_int_equal(exchange->problem, EXCHANGE_CLIENT_REJECTED_CA);
    assert_true(str_eq_c(exchange->host, "sp.test"));
    assert_has(exchange->problem_text, "unknown_ca");
    line_close(&line);
    /* One that says nothing but leaves. */
    assert_int_equal(client_connect(&line, world.rig.port, "sp.test:443"), 200);
    line.ssl = NULL;
    assert_true(line_write(&line, "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 10)); /* a broken ClientHello */
    line_close(&line);
    assert_true(str_eq_c(rig_wait(&world.rig, 2)->method, "CONNECT")); /* tunnelled: no TLS that we know */
    world_close(&world);
}

/* --- who decides what is opened -------------------------------------------------------------------- */

static void
out_of_scope_is_tunnelled(void **state)
{
    static const char *const ignore[] = { "^sp\\.test:" };
    struct world world;
    struct line line;
    struct buf head;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    world.rig.options.ignore_hosts = ignore;
    world.rig.options.ignore_host_count = 1;
    rig_start(&world.rig);
    assert_int_equal(client_connect(&line, world.rig.port, "sp.test:443"), 200);
    assert_true(client_tls(&line, "sp.test", world.authority.certificate)); /* the server's own certificate */
    line_say(&line, "GET / HTTP/1.1\r\n\r\n");
    buf_init(&head, 65536);
    assert_true(line_read_head(&line, &head));
    buf_release(&head);
    line_end(&line);
    line_close(&line);
    assert_true(str_eq_c(rig_wait(&world.rig, 1)->method, "CONNECT"));
    assert_has(rig_wait(&world.rig, 1)->problem_text, "--ignore-hosts");
    world_close(&world);
    assert_int_equal(world.rig.stats.tunnelled, 1);
    assert_int_equal(world.rig.stats.intercepted, 0);
}

/* The name in TLS is what is verified and shown; CONNECT says only where to. */
static void
server_name_counts_not_the_address(void **state)
{
    struct world world;
    struct line line;
    struct buf head;
    char authority[64];

    (void)state;
    world_open(&world, "h0.example.com", FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    snprintf(authority, sizeof authority, "127.0.0.1:%u", world.server.port);
    assert_int_equal(client_connect(&line, world.rig.port, authority), 200);
    assert_true(client_tls(&line, "h0.example.com", world.rig.root));
    line_say(&line, "GET / HTTP/1.1\r\n\r\n");
    buf_init(&head, 65536);
    assert_true(line_read_head(&line, &head));
    assert_true(str_eq_c(rig_wait(&world.rig, 1)->host, "h0.example.com"));
    assert_int_equal(rig_wait(&world.rig, 1)->port, world.server.port);
    buf_release(&head);
    line_close(&line);
    world_close(&world);
}

static void
address_without_name_is_verified_as_address(void **state)
{
    struct world world;
    struct line line;
    struct buf head;
    char authority[64];

    (void)state;
    world_open(&world, "127.0.0.1", FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    snprintf(authority, sizeof authority, "127.0.0.1:%u", world.server.port);
    assert_int_equal(client_connect(&line, world.rig.port, authority), 200);
    assert_true(client_tls(&line, NULL, world.rig.root));
    line_say(&line, "GET / HTTP/1.1\r\n\r\n");
    buf_init(&head, 65536);
    assert_true(line_read_head(&line, &head));
    assert_true(str_starts_c(buf_str(&head), "HTTP/1.1 200"));
    buf_release(&head);
    line_close(&line);
    world_close(&world);
}

static void
upstream_sessions_are_resumed(void **state)
{
    struct world world;
    struct buf head;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    for (size_t i = 0; i < 3; i++) {
        struct line line;

        browse(&world, &line, "sp.test");
        line_say(&line, "GET / HTTP/1.1\r\n\r\n");
        buf_init(&head, 65536);
        assert_true(line_read_head(&line, &head));
        buf_release(&head);
        line_end(&line);
        rig_wait(&world.rig, i + 1);
        line_close(&line);
    }
    world_close(&world);
    assert_int_equal(world.server.resumed, 2);
}

/* --- our own site, and what we refuse --------------------------------------------------------------- */

static void
fetch(struct world *world, const char *request, bool tls, struct buf *answer)
{
    struct line line;

    buf_init(answer, 1 << 20);
    if (tls)
        browse(world, &line, "samltap.test");
    else
        client_dial(&line, world->rig.port);
    assert_true(line_say(&line, request));
    assert_int_equal(line_read_all(&line, answer), 0);
    line_close(&line);
}

static void
own_site_is_served(void **state)
{
    static const struct {
        const char *request;
        bool tls;
        const char *words;
    } cases[] = {
        { "GET http://samltap.test/ HTTP/1.1\r\nHost: samltap.test\r\n\r\n", false, "samltap is working" },
        { "GET / HTTP/1.1\r\nHost: samltap.test\r\n\r\n", true, "samltap is working" },
        { "GET http://samltap.test/ca.pem HTTP/1.1\r\n\r\n", false, "-----BEGIN CERTIFICATE-----" },
        { "GET /ca.cer HTTP/1.1\r\n\r\n", true, "application/x-x509-ca-cert" },
        { "GET http://samltap.test/proxy.pac HTTP/1.1\r\n\r\n", false, "return \"PROXY 127.0.0.1:" },
        { "GET /proxy.pac?x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", false, "FindProxyForURL" },
        { "GET http://samltap.test/nothing HTTP/1.1\r\n\r\n", false, "HTTP/1.1 404" },
        { "HEAD http://samltap.test/ HTTP/1.1\r\n\r\n", false, "HTTP/1.1 200" },
        { "CONNECT nonsense HTTP/1.1\r\n\r\n", false, "HTTP/1.1 400" },
        { "CONNECT a b:443 HTTP/1.1\r\n\r\n", false, "HTTP/1.1 400" },
        { "CONNECT sp.test:0 HTTP/1.1\r\n\r\n", false, "HTTP/1.1 400" },
        { "GET ftp://sp.test/ HTTP/1.1\r\n\r\n", false, "HTTP/1.1 400" },
        { "GET http://sp.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n", false, "HTTP/1.1 400" },
        { "GET http://sp.test/ HTTP/1.1\r\nHost : sp.test\r\n\r\n", false, "HTTP/1.1 400" },
        { "\x16\x03\x01 noise\r\n\r\n", false, "HTTP/1.1 400" },
    };
    struct world world;

    (void)state;
    world_open(&world, NULL, FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf answer;

        fetch(&world, cases[i].request, cases[i].tls, &answer);
        assert_has(buf_str(&answer), cases[i].words);
        buf_release(&answer);
    }
    assert_int_equal(world.server.connections, 0);
    world_close(&world);
}

/* --- many ------------------------------------------------------------------------------------------- */

static size_t
open_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;

    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

static void
one_of_many(struct world *world, size_t i)
{
    struct line line;
    struct buf head;

    if (i % 4 == 3) { /* leaves in the middle of something */
        client_connect(&line, world->rig.port, "sp.test:443");
        if (i % 8 == 3)
            line_write(&line, "\x16\x03\x01\x01", 4);
        line_close(&line);
        return;
    }
    browse(world, &line, i % 2 == 0 ? "sp.test" : "other.test");
    buf_init(&head, 65536);
    if (line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n"))
        line_read_head(&line, &head);
    buf_release(&head);
    line_close(&line);
}

static void
many_connections_leave_nothing_behind(void **state)
{
    size_t before = open_descriptors();
    struct world world;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, hello_page);
    rig_start(&world.rig);
    for (size_t i = 0; i < 100; i++)
        one_of_many(&world, i);
    world_close(&world);
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(world.rig.stats.connections, 100);
    assert_int_equal(world.rig.stats.intercepted, 75);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_certificates_are_explained),
        cmocka_unit_test(unreachable_servers_are_explained),
        cmocka_unit_test(server_without_tls_is_explained),
        cmocka_unit_test(client_certificate_is_noted),
        cmocka_unit_test(client_that_refuses_our_authority_is_told),
        cmocka_unit_test(out_of_scope_is_tunnelled),
        cmocka_unit_test(server_name_counts_not_the_address),
        cmocka_unit_test(address_without_name_is_verified_as_address),
        cmocka_unit_test(upstream_sessions_are_resumed),
        cmocka_unit_test(own_site_is_served),
        cmocka_unit_test(many_connections_leave_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
