/* SPDX-License-Identifier: MIT */
#include "relay_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auto_bypass.h"
#include "host_table.h"
#include "memory.h"
#include "scope.h"

/* Failures that samltap causes itself: each is told with the way around it, and --auto-bypass takes that way. */

#define PATTERN "--ignore-hosts '^sp\\.test:443$'"

static char hello_page[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
static char windows_page[] =
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n";

static void
assert_has(struct str text, const char *part)
{
    if (str_find_c(text, part) == SIZE_MAX)
        fail_msg("'%s' is not in: %.*s", part, STR_ARG(text));
}

static void
open_world(struct world *world, char *page, bool auto_bypass)
{
    world_open(world, "sp.test", FLAW_NONE, serve_fixed, page);
    world->rig.options.auto_bypass = auto_bypass;
}

/*
 * Says what a real client says first, reads the whole answer's beginning, then sends the alert in the clear, as a
 * client does that has no keys yet (0: nothing), and leaves.
 */
static void
shake_and_refuse(struct world *world, unsigned char alert)
{
    const unsigned char record[] = { 21, 3, 3, 0, 2, 2, alert };
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *written = BIO_new(BIO_s_mem());
    struct line line;
    char bytes[8192];
    int n;

    SSL_set_bio(ssl, in, written);
    SSL_set_tlsext_host_name(ssl, "sp.test");
    SSL_connect(ssl);
    n = BIO_read(written, bytes, sizeof bytes);
    assert_true(n > 0);
    assert_int_equal(client_connect(&line, world->rig.port, "sp.test:443"), 200);
    assert_true(line_write(&line, bytes, (size_t)n));
    assert_true(line_read(&line, bytes, sizeof bytes) > 0);
    if (alert != 0)
        assert_true(line_write(&line, record, sizeof record));
    SSL_free(ssl);
    SSL_CTX_free(context);
    line_end(&line);
    line_close(&line);
}

/* Whose certificate does sp.test show now? */
static bool
is_opened(struct world *world)
{
    struct line line;
    bool is_ours;

    assert_int_equal(client_connect(&line, world->rig.port, "sp.test:443"), 200);
    is_ours = client_tls(&line, "sp.test", world->rig.root);
    line_close(&line);
    if (is_ours)
        return true;
    assert_int_equal(client_connect(&line, world->rig.port, "sp.test:443"), 200);
    assert_true(client_tls(&line, "sp.test", world->authority.certificate));
    line_close(&line);
    return false;
}

static void
refusals_are_told_and_passed_next_time(void **state)
{
    static const struct {
        unsigned char alert;
        enum exchange_problem problem;
        const char *words;
        bool passes_next;
    } rows[] = {
        { 48, EXCHANGE_CLIENT_REJECTED_CA, "with the alert unknown_ca", true },
        { 42, EXCHANGE_CLIENT_REJECTED_CA, "with the alert bad_certificate", true },
        { 46, EXCHANGE_CLIENT_REJECTED_CA, "with the alert certificate_unknown", true },
        { 121, EXCHANGE_CLIENT_TLS_FAILED, "Encrypted ClientHello (ECH)", false },
        { 0, EXCHANGE_CLIENT_TLS_FAILED, "closed the connection to sp.test when it saw samltap's certificate", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct world world;
        const struct exchange *exchange;

        open_world(&world, hello_page, true);
        rig_start(&world.rig);
        shake_and_refuse(&world, rows[i].alert);
        exchange = rig_wait(&world.rig, 1);
        assert_int_equal(exchange->problem, rows[i].problem);
        assert_has(exchange->problem_text, rows[i].words);
        assert_has(exchange->problem_text, PATTERN);
        assert_int_equal(is_opened(&world), !rows[i].passes_next);
        world_close(&world);
        assert_int_equal(world.rig.stats.auto_bypassed, rows[i].passes_next);
    }
}

static void
without_the_option_nothing_passes(void **state)
{
    struct world world;

    (void)state;
    open_world(&world, hello_page, false);
    rig_start(&world.rig);
    shake_and_refuse(&world, 48);
    rig_wait(&world.rig, 1);
    assert_true(is_opened(&world));
    world_close(&world);
    assert_int_equal(world.rig.stats.auto_bypassed, 0);
}

static void
hosts_that_the_user_named_stay_opened(void **state)
{
    static const char *const allow[] = { "^sp\\.test:" };
    struct world world;

    (void)state;
    open_world(&world, hello_page, true);
    world.rig.options.allow_hosts = allow;
    world.rig.options.allow_host_count = 1;
    rig_start(&world.rig);
    shake_and_refuse(&world, 48);
    rig_wait(&world.rig, 1);
    assert_true(is_opened(&world));
    world_close(&world);
    assert_int_equal(world.rig.stats.auto_bypassed, 0);
}

static int
refuse_nobody(int ok, X509_STORE_CTX *context)
{
    (void)ok;
    (void)context;
    return 1;
}

static void
client_certificates_pass_next_time(void **state)
{
    struct world world;
    struct line line;
    struct buf answer;
    const struct exchange *exchange;

    (void)state;
    open_world(&world, hello_page, true);
    SSL_CTX_set_verify(world.server.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, refuse_nobody);
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    line_say(&line, "GET /page HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    buf_init(&answer, 1 << 20);
    assert_true(line_read_head(&line, &answer));
    assert_has(buf_str(&answer), "502 Bad Gateway");
    buf_release(&answer);
    line_close(&line);
    exchange = rig_wait(&world.rig, 1);
    assert_int_equal(exchange->problem, EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT);
    assert_has(exchange->problem_text, "--client-cert FILE");
    assert_has(exchange->problem_text, PATTERN);
    assert_false(is_opened(&world));
    world_close(&world);
    assert_int_equal(world.rig.stats.auto_bypassed, 1);
}

/* One sign-in that is refused again; a first demand, without an answer to it, is none. */
static void
windows_signins_pass_next_time(void **state)
{
    struct world world;
    struct line line;
    struct buf head;

    (void)state;
    open_world(&world, windows_page, true);
    rig_start(&world.rig);
    browse(&world, &line, "sp.test");
    buf_init(&head, 65536);
    line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\n\r\n");
    assert_true(line_read_head(&line, &head));
    rig_wait(&world.rig, 1);
    assert_true(is_opened(&world));
    line_say(&line, "GET / HTTP/1.1\r\nHost: sp.test\r\nAuthorization: Negotiate YIIabc\r\n\r\n");
    buf_reset(&head);
    assert_true(line_read_head(&line, &head));
    rig_wait(&world.rig, 2);
    assert_false(is_opened(&world));
    buf_release(&head);
    line_close(&line);
    world_close(&world);
    assert_int_equal(world.rig.stats.auto_bypassed, 1);
}

/* What --mode reverse stands in front of cannot pass unopened, and nobody is told that it does. */
static void
servers_behind_reverse_are_not_noted(void **state)
{
    struct core *core = xcalloc(1, sizeof *core);
    char *why = NULL;

    (void)state;
    core->options.auto_bypass = true;
    core->options.ways[0] = (struct relay_way){ .mode = RELAY_REVERSE, .reverse_host = "sp.test", .reverse_port = 443 };
    core->options.way_count = 1;
    core->scope = scope_new(&core->options, &why);
    assert_non_null(core->scope);
    auto_bypass_note(core, INTERFERENCE_REFUSED, "sp.test", 443);
    assert_null(auto_bypass_reason(core, "sp.test", 443));
    auto_bypass_note(core, INTERFERENCE_REFUSED, "sp.test", 8443);
    assert_non_null(auto_bypass_reason(core, "sp.test", 8443));
    scope_free(core->scope);
    host_table_release(&core->bypassed);
    free(core);
}

/* --- the table --------------------------------------------------------------------------------------- */

static void
the_table_has_a_ceiling(void **state)
{
    struct host_table table = { 0 };
    char host[20];

    (void)state;
    for (unsigned i = 0; i < HOST_TABLE_ROWS; i++) {
        snprintf(host, sizeof host, "h%u.test", i);
        assert_true(host_table_count(&table, host, 443, "first"));
    }
    assert_false(host_table_count(&table, "h1.test", 443, "second"));
    assert_int_equal(host_table_find(&table, "h1.test", 443)->count, 2);
    assert_string_equal(host_table_find(&table, "h1.test", 443)->reason, "first");
    assert_null(host_table_find(&table, "h1.test", 8443)); /* another port is another server */
    assert_false(host_table_count(&table, "one.more.test", 443, "first"));
    assert_null(host_table_find(&table, "one.more.test", 443));
    assert_int_equal(table.left_out, 1);
    host_table_release(&table);
}

/* What a client sends as host ends up in a line to copy into a shell. */
static void
patterns_can_be_copied(void **state)
{
    struct buf pattern;

    (void)state;
    buf_init(&pattern, 1000);
    exchange_host_pattern(&pattern, STR("a.b'; rm -rf ~;*.test"), 443);
    assert_true(str_eq_c(buf_str(&pattern), "^a\\.b...rm.-rf....\\.test:443$"));
    buf_release(&pattern);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_are_told_and_passed_next_time),
        cmocka_unit_test(without_the_option_nothing_passes),
        cmocka_unit_test(hosts_that_the_user_named_stay_opened),
        cmocka_unit_test(client_certificates_pass_next_time),
        cmocka_unit_test(windows_signins_pass_next_time),
        cmocka_unit_test(servers_behind_reverse_are_not_noted),
        cmocka_unit_test(the_table_has_a_ceiling),
        cmocka_unit_test(patterns_can_be_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
