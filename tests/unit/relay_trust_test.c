/* SPDX-License-Identifier: MIT */
#include "client_certificates.h"
#include "relay_world.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char page[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/* Asks host for a page through the relay; the first bytes of the answer must be these. */
static void
answer_begins(struct world *world, const char *host, const char *words)
{
    struct line line;
    struct buf answer;
    char request[200];

    browse(world, &line, host);
    snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    line_say(&line, request);
    buf_init(&answer, 1 << 20);
    assert_true(line_read_head(&line, &answer));
    if (!str_starts_c(buf_str(&answer), words))
        fail_msg("%.200s", answer.bytes);
    buf_release(&answer);
    line_close(&line);
}

/* --- client certificates ---------------------------------------------------------------------------- */

/* A server that takes certificates of its own authority only. */
static void
strict_world_open(struct world *world)
{
    world_open(world, "sp.test", FLAW_NONE, serve_fixed, page);
    assert_int_equal(X509_STORE_add_cert(SSL_CTX_get_cert_store(world->server.context), world->authority.certificate),
                     1);
    SSL_CTX_set_verify(world->server.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
}

static char *
directory_new(void)
{
    char *path = strdup("/tmp/samltap-test-XXXXXX");

    assert_non_null(mkdtemp(path));
    return path;
}

/* Moves file into directory under that name. Gives the path; the caller unlinks and frees it. */
static char *
move_into(const char *directory, char *file, const char *name)
{
    char *path = malloc(strlen(directory) + strlen(name) + 2);

    sprintf(path, "%s/%s", directory, name);
    assert_int_equal(rename(file, path), 0);
    free(file);
    return path;
}

/* The certificate and key of a PEM file as PKCS#12 without a passphrase, in a new file. */
static char *
as_pkcs12(const char *pem)
{
    char *path = strdup("/tmp/samltap-test-XXXXXX");
    FILE *in = fopen(pem, "r"), *out = fdopen(mkstemp(path), "w");
    X509 *certificate = PEM_read_X509(in, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
    PKCS12 *file = PKCS12_create("", "test", key, certificate, NULL, 0, 0, 0, 0, 0);

    assert_true(file != NULL && i2d_PKCS12_fp(out, file) == 1);
    fclose(in);
    fclose(out);
    PKCS12_free(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return path;
}

static void
certificate_is_shown_to_servers_that_ask(void **state)
{
    struct world world;
    char *pem, *pkcs12;

    (void)state;
    for (int i = 0; i < 2; i++) {
        strict_world_open(&world);
        pem = authority_pair_file(&world.authority, "client.test");
        pkcs12 = as_pkcs12(pem);
        world.rig.options.client_cert = i == 0 ? pem : pkcs12;
        rig_start(&world.rig);
        answer_begins(&world, "sp.test", "HTTP/1.1 200 ");
        world_close(&world);
        unlink(pem);
        unlink(pkcs12);
        free(pem);
        free(pkcs12);
    }
}

static void
directory_has_one_for_each_host(void **state)
{
    struct world world;
    char *directory = directory_new(), *file;

    (void)state;
    strict_world_open(&world);
    file = move_into(directory, authority_pair_file(&world.authority, "client.test"), "sp.test.pem");
    world.rig.options.client_cert = directory;
    rig_start(&world.rig);
    answer_begins(&world, "sp.test", "HTTP/1.1 200 ");
    world_close(&world);
    unlink(file);
    free(file);

    strict_world_open(&world);
    file = move_into(directory, authority_pair_file(&world.authority, "client.test"), "other.test.pem");
    world.rig.options.client_cert = directory;
    rig_start(&world.rig);
    answer_begins(&world, "sp.test", "HTTP/1.1 502 ");
    assert_int_equal(rig_wait(&world.rig, 1)->problem, EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT);
    assert_true(str_find_c(rig_wait(&world.rig, 1)->problem_text, "--client-cert FILE") != SIZE_MAX);
    world_close(&world);
    unlink(file);
    free(file);
    rmdir(directory);
    free(directory);
}

static void
refused_certificate_is_explained(void **state)
{
    struct world world;
    struct authority stranger;
    char *file;

    (void)state;
    authority_init(&stranger, "Stranger");
    file = authority_pair_file(&stranger, "client.test");
    strict_world_open(&world);
    world.rig.options.client_cert = file;
    rig_start(&world.rig);
    answer_begins(&world, "sp.test", "HTTP/1.1 502 ");
    assert_int_equal(rig_wait(&world.rig, 1)->problem, EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT);
    if (str_find_c(rig_wait(&world.rig, 1)->problem_text, "does not accept the client certificate") == SIZE_MAX)
        fail_msg("%.*s", STR_ARG(rig_wait(&world.rig, 1)->problem_text));
    world_close(&world);
    unlink(file);
    free(file);
    authority_release(&stranger);
}

static void
reading_fails_with(const char *path, const char *words)
{
    char *why = NULL;

    assert_null(client_certificates_read(path, &why));
    if (why == NULL || strstr(why, words) == NULL || strstr(why, path) == NULL)
        fail_msg("%s", why);
    free(why);
}

static void
unusable_files_are_explained(void **state)
{
    struct authority authority;
    char *directory = directory_new(), *file, *empty;

    (void)state;
    authority_init(&authority, "Test authority");
    reading_fails_with("/nonexistent/client.pem", "No such file");
    reading_fails_with(directory, "holds no file named HOST.pem");
    file = authority_file(&authority);
    reading_fails_with(file, "no certificate with its private key");
    file = move_into(directory, file, "sp.test.p12");
    reading_fails_with(directory, "no certificate with its private key");
    empty = strdup("/tmp/samltap-test-XXXXXX");
    close(mkstemp(empty));
    reading_fails_with(empty, "empty");
    unlink(empty);
    free(empty);
    unlink(file);
    free(file);
    rmdir(directory);
    free(directory);
    authority_release(&authority);
}

/* --- without verification ---------------------------------------------------------------------------- */

static void
insecure_goes_on_and_tells(const char *certified, enum flaw flaw, const char *words)
{
    struct world world;
    const struct exchange *told;

    world_open(&world, certified, flaw, serve_fixed, page);
    world.rig.options.insecure = true;
    rig_start(&world.rig);
    answer_begins(&world, "sp.test", "HTTP/1.1 200 ");
    assert_int_equal(rig_wait(&world.rig, 2)->problem, EXCHANGE_OK);
    told = world.rig.exchanges[0];
    assert_int_equal(told->problem, EXCHANGE_UPSTREAM_UNVERIFIED);
    if (str_find_c(told->problem_text, words) == SIZE_MAX)
        fail_msg("%.*s", STR_ARG(told->problem_text));
    answer_begins(&world, "sp.test", "HTTP/1.1 200 ");
    rig_wait(&world.rig, 4);
    world_close(&world);
    assert_int_equal(world.server.resumed, 0); /* a session that was never verified is not kept */
}

static void
insecure_connections_are_told(void **state)
{
    (void)state;
    insecure_goes_on_and_tells("wrong.test", FLAW_NONE, "issued for another name: subject CN=wrong.test");
    insecure_goes_on_and_tells("sp.test", FLAW_SELF_SIGNED, "self-signed");
    insecure_goes_on_and_tells("sp.test", FLAW_EXPIRED, "has expired");
}

static void
insecure_says_nothing_of_good_certificates(void **state)
{
    struct world world;

    (void)state;
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, page);
    world.rig.options.insecure = true;
    rig_start(&world.rig);
    answer_begins(&world, "sp.test", "HTTP/1.1 200 ");
    assert_int_equal(rig_wait(&world.rig, 1)->problem, EXCHANGE_OK);
    world_close(&world);
}

/* --- key log ------------------------------------------------------------------------------------------ */

static size_t
lines_with(struct str text, const char *words)
{
    size_t count = 0, at;

    while ((at = str_find_c(text, words)) != SIZE_MAX) {
        count++;
        text = str_from_offset(text, at + 1);
    }
    return count;
}

static void
key_log_has_both_sides(void **state)
{
    struct world world;
    char *directory = directory_new(), path[64], text[16384];
    struct stat info;
    FILE *file;
    size_t len;

    (void)state;
    snprintf(path, sizeof path, "%s/keys", directory);
    world_open(&world, "sp.test", FLAW_NONE, serve_fixed, page);
    world.rig.options.key_log = path;
    rig_start(&world.rig);
    answer_begins(&world, "sp.test", "HTTP/1.1 200 ");
    world_close(&world);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    file = fopen(path, "r");
    len = fread(text, 1, sizeof text, file);
    fclose(file);
    assert_int_equal(lines_with((struct str){ text, len }, "CLIENT_TRAFFIC_SECRET_0 "), 2);
    assert_int_equal(text[len - 1], '\n');
    unlink(path);
    rmdir(directory);
    free(directory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate_is_shown_to_servers_that_ask),
        cmocka_unit_test(directory_has_one_for_each_host),
        cmocka_unit_test(refused_certificate_is_explained),
        cmocka_unit_test(unusable_files_are_explained),
        cmocka_unit_test(insecure_connections_are_told),
        cmocka_unit_test(insecure_says_nothing_of_good_certificates),
        cmocka_unit_test(key_log_has_both_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
