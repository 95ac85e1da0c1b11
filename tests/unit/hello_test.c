/* SPDX-License-Identifier: MIT */
#include "hello.h"

#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"

/* What OpenSSL says first. protocols: in wire form; empty none. */
static void
real_hello(struct buf *out, const char *name, struct str protocols)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *written = BIO_new(BIO_s_mem());
    char bytes[4096];
    int n;

    SSL_set_bio(ssl, in, written);
    if (name != NULL)
        SSL_set_tlsext_host_name(ssl, name);
    if (protocols.len > 0)
        SSL_set_alpn_protos(ssl, (const unsigned char *)protocols.ptr, (unsigned)protocols.len);
    SSL_connect(ssl);
    n = BIO_read(written, bytes, sizeof bytes);
    assert_true(n > 0);
    buf_init(out, 65536);
    buf_add(out, bytes, (size_t)n);
    SSL_free(ssl);
    SSL_CTX_free(context);
}

static void
name_and_protocols_are_read_at_every_split(void **state)
{
    struct buf bytes;
    struct hello hello;

    (void)state;
    real_hello(&bytes, "SP.Example.com", STR("\2h2\10http/1.1"));
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(hello_parse((struct str){ bytes.bytes, len }, &hello), HELLO_MORE);
    assert_int_equal(hello_parse(buf_str(&bytes), &hello), HELLO_TLS);
    assert_string_equal(hello.name, "sp.example.com");
    assert_true(hello.has_alpn && hello.offers_http1 && hello.offers_http2);
    assert_string_equal(hello.first_protocol, "h2");
    assert_false(hello.has_encrypted_hello);
    buf_add_c(&bytes, "early data"); /* what follows is not looked at */
    assert_int_equal(hello_parse(buf_str(&bytes), &hello), HELLO_TLS);
    buf_release(&bytes);
}

static int
add_nothing(SSL *ssl, unsigned type, unsigned context, const unsigned char **out, size_t *len, X509 *x, size_t chain,
            int *alert, void *data)
{
    static const unsigned char grease[] = { 0, 0, 1 };

    (void)ssl;
    (void)type;
    (void)context;
    (void)x;
    (void)chain;
    (void)alert;
    (void)data;
    *out = grease;
    *len = sizeof grease;
    return 1;
}

static void
encrypted_hello_is_noticed(void **state)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    BIO *in = BIO_new(BIO_s_mem()), *written = BIO_new(BIO_s_mem());
    struct hello hello;
    char bytes[4096];
    SSL *ssl;
    int n;

    (void)state;
    assert_int_equal(SSL_CTX_add_custom_ext(context, 0xfe0d, SSL_EXT_CLIENT_HELLO, add_nothing, NULL, NULL, NULL, NULL),
                     1);
    ssl = SSL_new(context);
    SSL_set_bio(ssl, in, written);
    SSL_set_tlsext_host_name(ssl, "outer.example.com");
    SSL_connect(ssl);
    n = BIO_read(written, bytes, sizeof bytes);
    assert_true(n > 0);
    assert_int_equal(hello_parse((struct str){ bytes, (size_t)n }, &hello), HELLO_TLS);
    assert_true(hello.has_encrypted_hello);
    assert_string_equal(hello.name, "outer.example.com");
    SSL_free(ssl);
    SSL_CTX_free(context);
}

static void
what_is_not_sent_is_not_there(void **state)
{
    struct buf bytes;
    struct hello hello;

    (void)state;
    real_hello(&bytes, NULL, STR(""));
    assert_int_equal(hello_parse(buf_str(&bytes), &hello), HELLO_TLS);
    assert_string_equal(hello.name, "");
    assert_false(hello.has_alpn);
    assert_true(hello.offers_http1);
    assert_false(hello.offers_http2);
    buf_release(&bytes);
    real_hello(&bytes, "sp.test", STR("\2h2\5\1odd "));
    assert_int_equal(hello_parse(buf_str(&bytes), &hello), HELLO_TLS);
    assert_true(hello.has_alpn && hello.offers_http2);
    assert_false(hello.offers_http1);
    buf_release(&bytes);
    real_hello(&bytes, "sp.test", STR("\3h2c\2hq\10http/1.1"));
    assert_int_equal(hello_parse(buf_str(&bytes), &hello), HELLO_TLS);
    assert_true(hello.has_alpn && hello.offers_http1);
    assert_false(hello.offers_http2);
    buf_release(&bytes);
}

/* The same ClientHello, cut into records of one byte. */
static void
records_are_joined(void **state)
{
    struct buf bytes, split;
    struct hello hello;

    (void)state;
    real_hello(&bytes, "sp.test", STR(""));
    buf_init(&split, 65536);
    for (size_t i = 5; i < bytes.len; i++) {
        assert_int_equal(hello_parse(buf_str(&split), &hello), HELLO_MORE);
        buf_add(&split, "\26\3\1\0\1", 5);
        buf_add(&split, bytes.bytes + i, 1);
    }
    assert_int_equal(hello_parse(buf_str(&split), &hello), HELLO_TLS);
    assert_string_equal(hello.name, "sp.test");
    buf_release(&bytes);
    buf_release(&split);
}

/* Every byte damaged in every bit: no crash, and never a name that cannot be one. */
static void
damage_is_survived(void **state)
{
    struct buf bytes;
    struct hello hello;

    (void)state;
    real_hello(&bytes, "sp.test", STR("\10http/1.1"));
    for (size_t i = 0; i < bytes.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes.bytes[i] = (char)(bytes.bytes[i] ^ 1 << bit);
            if (hello_parse(buf_str(&bytes), &hello) == HELLO_TLS)
                for (const char *c = hello.name; *c != '\0'; c++)
                    assert_true(*c > ' ' && *c < 127 && (*c < 'A' || *c > 'Z'));
            bytes.bytes[i] = (char)(bytes.bytes[i] ^ 1 << bit);
        }
    buf_release(&bytes);
}

static void
other_protocols_are_told_apart(void **state)
{
    static const struct str others[] = { STR_INIT("GET / HTTP/1.1\r\n"),
                                         STR_INIT("SSH-2.0-x\r\n"),
                                         STR_INIT("\26\2"),
                                         STR_INIT("\26\3\5"),
                                         STR_INIT("\26\3\1\0\0"),
                                         STR_INIT("\26\3\1\100\1"),
                                         STR_INIT("\26\3\1\0\1\2"),
                                         STR_INIT("\26\3\1\0\4\1\0\0\0") };
    struct hello hello;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(hello_parse(others[i], &hello), HELLO_NOT_TLS);
}

/* A ClientHello that says it is 16 MiB long is not waited for. */
static void
endless_hello_is_refused(void **state)
{
    static char bytes[HELLO_MAX_BYTES];
    struct hello hello;

    (void)state;
    for (size_t at = 0; at + 5 <= sizeof bytes; at += 5 + 16384)
        memcpy(bytes + at, "\26\3\1\100\0", 5);
    memcpy(bytes + 5, "\1\377\377\377", 4);
    assert_int_equal(hello_parse((struct str){ bytes, sizeof bytes - 1 }, &hello), HELLO_MORE);
    assert_int_equal(hello_parse((struct str){ bytes, sizeof bytes }, &hello), HELLO_NOT_TLS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_and_protocols_are_read_at_every_split),
        cmocka_unit_test(encrypted_hello_is_noticed),
        cmocka_unit_test(what_is_not_sent_is_not_there),
        cmocka_unit_test(records_are_joined),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(other_protocols_are_told_apart),
        cmocka_unit_test(endless_hello_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
