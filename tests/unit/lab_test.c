/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "lab.h"

/* The child process with its TLS server, visited by the built-in browser without a proxy. */

static int
start(void **state)
{
    static struct lab lab;
    char *why = NULL;

    if (!lab_start(&lab, "wrong-audience", &why)) {
        fprintf(stderr, "%s\n", why);
        free(why);
        return -1;
    }
    *state = &lab;
    return 0;
}

static int
stop(void **state)
{
    lab_stop(*state);
    return 0;
}

static struct lab_visit_result
browse(const struct lab *lab, const char *target, const char *user, const char *fault)
{
    struct lab_visit visit = {
        .direct_port = lab->port, .ca_pem = buf_str(&lab->ca_pem), .target = target, .user = user, .fault = fault
    };
    struct lab_visit_result result;
    char *why = NULL;

    if (!lab_browse(&visit, &result, &why))
        fail_msg("%s", why);
    return result;
}

static void
child_says_who_is_who(void **state)
{
    const struct lab *lab = *state;

    assert_true(lab->port > 0);
    assert_true(str_find_c(buf_str(&lab->ca_pem), "BEGIN CERTIFICATE") != SIZE_MAX);
    assert_true(str_find_c(buf_str(&lab->idp_metadata), "IDPSSODescriptor") != SIZE_MAX);
    assert_true(str_find_c(buf_str(&lab->iam_metadata), "urn:amazon:webservices") != SIZE_MAX);
    assert_true(str_find_c(buf_str(&lab->idc_metadata), "/platform/saml/d-0123456789") != SIZE_MAX);
}

static void
iam_sign_in_works(void **state)
{
    struct lab_visit_result result = browse(*state, "iam", "jdoe@example.com", "none");

    assert_int_equal(result.acs_status, 302);
    assert_int_equal(result.status, 200);
    assert_string_equal(result.url, "https://aws.samltap.test/console/home");
    assert_string_equal(result.title, "Console Home");
    assert_string_equal(result.said, "");
}

static void
idc_sign_in_works(void **state)
{
    struct lab_visit_result result = browse(*state, "idc", "jdoe@example.com", "none");

    assert_int_equal(result.acs_status, 302);
    assert_string_equal(result.url, "https://idc.samltap.test/start/");
    assert_int_equal(result.accounts, 2);
    result = browse(*state, "idc", "nobody@example.com", "none");
    assert_int_equal(result.accounts, 0);
}

static void
refusals_are_results(void **state)
{
    struct lab_visit_result result = browse(*state, "iam", "jdoe@example.com", NULL);

    assert_int_equal(result.status, 400);
    assert_int_equal(result.acs_status, 400);
    assert_true(strncmp(result.said, "Response does not contain the required audience.", 48) == 0);
    result = browse(*state, "idc", "stranger@example.com", "none");
    assert_int_equal(result.acs_status, 400);
    assert_string_equal(result.said, "Something went wrong. Looks like this code isn't right. Please try again.");
    assert_int_equal(result.accounts, -1);
    result = browse(*state, "iam", "jdoe@example.com", "plus-lost");
    assert_string_equal(result.said, "Your request included an invalid SAML response. To logout, click here.");
    result = browse(*state, "idc", "jdoe@example.com", "response-by-get");
    assert_int_equal(result.acs_status, 400);
}

/* The browser believes nobody but the CA it was given, and nobody under another name. */
static void
browser_checks_certificates(void **state)
{
    const struct lab *lab = *state;
    struct lab other;
    struct client client;
    struct exchange answer;
    struct arena *arena = arena_new(1 << 20);
    char *why = NULL;

    assert_non_null(arena);
    assert_true(lab_start(&other, NULL, &why));
    assert_true(client_init(&client, 0, lab->port, buf_str(&other.ca_pem)));
    assert_false(client_fetch(&client, arena, STR("https://idp.samltap.test/"), (struct str){ 0 }, &answer));
    assert_non_null(strstr(client.problem, "idp.samltap.test"));
    client_release(&client);
    lab_stop(&other);
    assert_true(client_init(&client, 0, lab->port, buf_str(&lab->ca_pem)));
    assert_false(client_fetch(&client, arena, STR("https://www.example.com/"), (struct str){ 0 }, &answer));
    assert_true(client_fetch(&client, arena, STR("https://idp.samltap.test/"), (struct str){ 0 }, &answer));
    assert_int_equal(answer.status, 200);
    assert_false(client_fetch(&client, arena, STR("http://idp.samltap.test/"), (struct str){ 0 }, &answer));
    assert_false(client_fetch(&client, arena, STR("https:///"), (struct str){ 0 }, &answer));
    assert_false(client_fetch(&client, arena, STR("https://a:b/"), (struct str){ 0 }, &answer));
    client_release(&client);
    assert_false(client_init(&client, 0, lab->port, STR("no certificate")));
    arena_free(arena);
}

static void
browser_reports_a_dead_proxy(void **state)
{
    const struct lab *lab = *state;
    struct lab_visit visit = {
        .proxy_port = 1, .ca_pem = buf_str(&lab->ca_pem), .target = "iam", .user = "jdoe@example.com"
    };
    struct lab_visit_result result;
    char *why = NULL;

    assert_false(lab_browse(&visit, &result, &why));
    assert_non_null(strstr(why, "127.0.0.1:1"));
    free(why);
}

/* Raw bytes over TLS: what is no HTTP, too much, or cut short ends that connection and no other. */
static void
server_survives_nonsense(void **state)
{
    static const char *const inputs[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "POST /saml HTTP/1.1\r\nHost: aws.samltap.test\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /saml HTTP/1.1\r\nHost: aws.samltap.test\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /saml HTTP/1.1\r\nHost: aws.samltap.test\r\nContent-Length: 10\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: idp.samltap.test\r\n\r\nGET / HTTP/1.1\r\nHost: idp.samltap.test\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: idp.samltap.test\r\nConnection: close\r\n\r\n",
    };
    const struct lab *lab = *state;

    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
        char where[32], answer[512];
        BIO *bio = BIO_new_ssl_connect(tls);
        SSL *ssl = NULL;

        assert_non_null(bio);
        BIO_get_ssl(bio, &ssl);
        SSL_set_tlsext_host_name(ssl, "idp.samltap.test");
        snprintf(where, sizeof(where), "127.0.0.1:%u", lab->port);
        BIO_set_conn_hostname(bio, where);
        assert_int_equal(BIO_do_connect(bio), 1);
        BIO_write(bio, inputs[i], (int)strlen(inputs[i]));
        if (i == 5 || i == 6) {
            assert_true(BIO_read(bio, answer, sizeof(answer)) > 12);
            assert_memory_equal(answer, "HTTP/1.1 200", 12);
        }
        BIO_free_all(bio);
        SSL_CTX_free(tls);
    }
    assert_int_equal(browse(lab, "iam", "jdoe@example.com", "none").acs_status, 302);
}

static int
connect_to_lab(const struct lab *lab)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)lab->port),
                                   .sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) } };
    struct timeval limit = { .tv_sec = 10 };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Moves what TLS has to say to the socket in one segment, and waits for an answer into TLS. */
static void
exchange_bytes(SSL *ssl, int fd)
{
    char bytes[16 * 1024];
    int len = BIO_read(SSL_get_wbio(ssl), bytes, sizeof(bytes));
    ssize_t got;

    if (len > 0)
        assert_int_equal(send(fd, bytes, (size_t)len, 0), len);
    got = recv(fd, bytes, sizeof(bytes), 0);
    assert_true(got > 0);
    assert_int_equal(BIO_write(SSL_get_rbio(ssl), bytes, (int)got), got);
}

/* A request in the same segment as the end of the handshake, as a relay sends it, must not be left lying. */
static void
early_request_is_read(void **state)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: idp.samltap.test\r\n\r\n";
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(tls);
    int fd = connect_to_lab(*state), len;
    char answer[512];

    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_tlsext_host_name(ssl, "idp.samltap.test");
    while (SSL_connect(ssl) != 1)
        exchange_bytes(ssl, fd);
    assert_int_equal(SSL_write(ssl, request, sizeof(request) - 1), sizeof(request) - 1);
    while ((len = SSL_read(ssl, answer, sizeof(answer))) <= 0)
        exchange_bytes(ssl, fd);
    assert_true(len > 12);
    assert_memory_equal(answer, "HTTP/1.1 200", 12);
    /* Leaf and root: what a browser with a list of accepted keys needs to see. */
    assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(ssl)), 2);
    close(fd);
    SSL_free(ssl);
    SSL_CTX_free(tls);
}

static void
child_ends_when_told_and_when_left_alone(void **state)
{
    struct lab lab;
    char *why = NULL;
    pid_t pid;

    (void)state;
    assert_true(lab_start(&lab, NULL, &why));
    pid = lab.pid;
    lab_stop(&lab);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);

    assert_true(lab_start(&lab, NULL, &why));
    close(lab.channel); /* as the system does when the parent dies */
    lab.channel = -1;
    assert_int_equal(waitpid(lab.pid, NULL, 0), lab.pid);
    lab.pid = 0;
    lab_stop(&lab);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(child_says_who_is_who, start, stop),
        cmocka_unit_test_setup_teardown(iam_sign_in_works, start, stop),
        cmocka_unit_test_setup_teardown(idc_sign_in_works, start, stop),
        cmocka_unit_test_setup_teardown(refusals_are_results, start, stop),
        cmocka_unit_test_setup_teardown(browser_checks_certificates, start, stop),
        cmocka_unit_test_setup_teardown(browser_reports_a_dead_proxy, start, stop),
        cmocka_unit_test_setup_teardown(server_survives_nonsense, start, stop),
        cmocka_unit_test_setup_teardown(early_request_is_read, start, stop),
        cmocka_unit_test(child_ends_when_told_and_when_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
