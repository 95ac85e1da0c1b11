/* SPDX-License-Identifier: MIT */
#include "hello.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "fuzz.h"

/* More bytes never take back what was said; what is read is printable and ends. */
static void
check(const struct hello *hello)
{
    struct str name = str_from(hello->name), protocol = str_from(hello->first_protocol);

    if (name.len > HELLO_MAX_NAME || protocol.len >= sizeof hello->first_protocol)
        abort();
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] >= 127 || (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z'))
            abort();
    for (size_t i = 0; i < protocol.len; i++)
        if (protocol.ptr[i] <= ' ' || protocol.ptr[i] >= 127)
            abort();
}

static void
run(struct str input)
{
    struct hello whole, part;
    enum hello_result result = hello_parse(input, &whole), before;

    if (result == HELLO_TLS)
        check(&whole);
    before = hello_parse(str_slice(input, 0, input.len / 2), &part);
    if ((before == HELLO_TLS || before == HELLO_NOT_TLS) && before != result)
        abort();
}

static void
seed_hello(struct fuzz_seeds *seeds, const char *name, const unsigned char *protocols, unsigned protocols_len)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *written = BIO_new(BIO_s_mem());
    char bytes[4096];
    int n;

    fuzz_promise(ssl != NULL && in != NULL && written != NULL);
    SSL_set_bio(ssl, in, written);
    SSL_set_tlsext_host_name(ssl, name);
    if (protocols_len > 0)
        SSL_set_alpn_protos(ssl, protocols, protocols_len);
    SSL_connect(ssl);
    n = BIO_read(written, bytes, sizeof bytes);
    fuzz_promise(n > 0);
    fuzz_seed(seeds, (struct str){ bytes, (size_t)n });
    SSL_free(ssl);
    SSL_CTX_free(context);
    ERR_clear_error();
}

static void
seed(struct fuzz_seeds *seeds)
{
    seed_hello(seeds, "sp.example.com", (const unsigned char *)"\2h2\10http/1.1", 12);
    seed_hello(seeds, "xn--bcher-kva.example", NULL, 0);
    fuzz_seed_c(seeds, "GET / HTTP/1.1\r\n");
    fuzz_seed(seeds, STR("\x16\x03\x01\x00\x01\x01\x16\x03\x01\x00\x03\x00\x00\x02"));
}

FUZZ_TARGET(hello) = { .name = "hello", .max_len = 2048, .run = run, .seed = seed };
