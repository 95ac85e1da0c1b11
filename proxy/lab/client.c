/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http1.h"

enum { MAX_HEAD = 64 * 1024, MAX_BODY = 4 * 1024 * 1024, TIMEOUT_MS = 10 * 1000, MAX_CONNECT_REPLY = 16 * 1024 };

/* One request under way. */
struct trip {
    struct client *client;
    int fd;
    SSL *ssl;
    char host[100];
    unsigned port;
    struct str target;
};

static bool PRINTF_LIKE(2, 3) fail(struct client *client, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(client->problem, sizeof(client->problem), format, args);
    va_end(args);
    return false;
}

static bool
trust(SSL_CTX *tls, struct str pem)
{
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    size_t count = 0;
    X509 *certificate;

    while (bio != NULL && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        count += X509_STORE_add_cert(SSL_CTX_get_cert_store(tls), certificate) == 1;
        X509_free(certificate);
    }
    BIO_free(bio);
    ERR_clear_error(); /* the end of the text is an error to PEM_read_bio_X509 */
    return count > 0;
}

bool
client_init(struct client *client, unsigned proxy_port, unsigned direct_port, struct str ca_pem)
{
    static const unsigned char http1[] = "\x08http/1.1";

    *client = (struct client){ .proxy_port = proxy_port, .direct_port = direct_port, .timeout_ms = TIMEOUT_MS };
    client->tls = SSL_CTX_new(TLS_client_method());
    if (client->tls == NULL || ca_pem.len > INT32_MAX || !trust(client->tls, ca_pem)) {
        client_release(client);
        return fail(client, "the CA to trust holds no certificate");
    }
    SSL_CTX_set_verify(client->tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_min_proto_version(client->tls, TLS1_2_VERSION);
    SSL_CTX_set_alpn_protos(client->tls, http1, sizeof(http1) - 1);
    return true;
}

void
client_release(struct client *client)
{
    SSL_CTX_free(client->tls);
    client->tls = NULL;
}

static bool
parse_url(struct trip *trip, struct str url)
{
    struct str scheme = STR("https://"), rest, authority, name, port;
    uint64_t number = 443;
    size_t slash;

    if (!str_starts_nocase(url, scheme))
        return fail(trip->client, "not an https URL: %.*s", (int)(url.len < 100 ? url.len : 100), url.ptr);
    rest = str_from_offset(url, scheme.len);
    str_cut(rest, '#', &rest, &port);
    slash = str_find_byte(rest, '/');
    authority = slash == SIZE_MAX ? rest : str_slice(rest, 0, slash);
    trip->target = slash == SIZE_MAX ? STR("/") : str_from_offset(rest, slash);
    if (str_cut(authority, ':', &name, &port) && !str_to_u64(port, &number))
        number = 0;
    if (name.len == 0 || name.len >= sizeof(trip->host) || number == 0 || number > 65535)
        return fail(trip->client, "not a usable URL: %.*s", (int)(url.len < 100 ? url.len : 100), url.ptr);
    memcpy(trip->host, name.ptr, name.len);
    trip->host[name.len] = '\0';
    trip->port = (unsigned)number;
    return true;
}

static bool
dial(struct trip *trip)
{
    struct client *client = trip->client;
    unsigned port = client->proxy_port != 0 ? client->proxy_port : client->direct_port;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) } };
    struct timeval limit = { .tv_sec = client->timeout_ms / 1000, .tv_usec = client->timeout_ms % 1000 * 1000 };

    trip->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (trip->fd < 0)
        return fail(client, "socket: %s", strerror(errno));
    setsockopt(trip->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(trip->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (connect(trip->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        return fail(client, "127.0.0.1:%u: %s", port, strerror(errno));
    return true;
}

/* Asks the proxy for a tunnel. Reads byte by byte: what follows the head belongs to TLS. */
static bool
open_tunnel(struct trip *trip)
{
    char bytes[MAX_CONNECT_REPLY];
    size_t len = 0;
    int sent = snprintf(bytes, sizeof(bytes), "CONNECT %s:%u HTTP/1.1\r\nHost: %s:%u\r\n\r\n", trip->host, trip->port,
                        trip->host, trip->port);

    if (send(trip->fd, bytes, (size_t)sent, MSG_NOSIGNAL) != sent)
        return fail(trip->client, "the proxy took no CONNECT: %s", strerror(errno));
    for (;;) {
        ssize_t got = recv(trip->fd, bytes + len, 1, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return fail(trip->client, "the proxy did not answer CONNECT %s: %s", trip->host,
                        got < 0 ? strerror(errno) : "connection closed");
        len++;
        if (len >= 4 && memcmp(bytes + len - 4, "\r\n\r\n", 4) == 0)
            break;
        if (len == sizeof(bytes))
            return fail(trip->client, "the proxy's answer to CONNECT is too long");
    }
    if (len < 12 || memcmp(bytes, "HTTP/1.", 7) != 0 || memcmp(bytes + 8, " 200", 4) != 0)
        return fail(trip->client, "the proxy refused CONNECT %s: %.*s", trip->host, (int)strcspn(bytes, "\r"), bytes);
    return true;
}

static const char *
tls_words(SSL *ssl)
{
    long verdict = SSL_get_verify_result(ssl);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    if (verdict != X509_V_OK)
        return X509_verify_cert_error_string(verdict);
    return reason != NULL ? reason : "connection closed or timed out";
}

static bool
start_tls(struct trip *trip)
{
    bool done;

    ERR_clear_error();
    trip->ssl = SSL_new(trip->client->tls);
    if (trip->ssl == NULL || SSL_set1_host(trip->ssl, trip->host) != 1 ||
        SSL_set_tlsext_host_name(trip->ssl, trip->host) != 1 || SSL_set_fd(trip->ssl, trip->fd) != 1)
        return fail(trip->client, "TLS could not be set up");
    done = SSL_connect(trip->ssl) == 1;
    if (!done)
        fail(trip->client, "TLS with %s: %s", trip->host, tls_words(trip->ssl));
    ERR_clear_error();
    return done;
}

static void
add_request(struct trip *trip, struct buf *out, struct str body)
{
    buf_printf(out, "%s %.*s HTTP/1.1\r\nHost: %s", str_present(body) ? "POST" : "GET", STR_ARG(trip->target),
               trip->host);
    if (trip->port != 443)
        buf_printf(out, ":%u", trip->port);
    buf_add_c(out, "\r\nUser-Agent: samltap-lab\r\nAccept: text/html, application/json\r\n");
    cookies_add_header(&trip->client->cookies, trip->host, out);
    if (str_present(body))
        buf_printf(out, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n", body.len);
    buf_add_c(out, "Connection: close\r\n\r\n");
    buf_add_str(out, body);
}

/* Reads events until the input is used up. Returns true when the response is complete. */
static bool
read_events(struct http1_pair *pair, struct arena *arena, struct str input, struct buf *body, struct exchange *exchange,
            bool *broken)
{
    struct str slice;

    for (;;) {
        switch (http1_pair_next(pair, HTTP1_RESPONSE, &input, &slice)) {
        case HTTP1_HEAD:
            *broken = *broken || !http1_copy_head(arena, &pair->response, exchange);
            break;
        case HTTP1_BODY:
            buf_add_str(body, slice);
            break;
        case HTTP1_INTERIM:
            break;
        case HTTP1_END:
            return true;
        case HTTP1_MORE:
            return false;
        case HTTP1_OPAQUE:
        case HTTP1_CUT:
            *broken = true;
            return false;
        }
    }
}

static void
note_request(struct http1_pair *pair, struct arena *arena, struct str bytes, struct exchange *exchange, bool *broken)
{
    struct str slice;
    enum http1_event event;

    do {
        event = http1_pair_next(pair, HTTP1_REQUEST, &bytes, &slice);
        if (event == HTTP1_HEAD)
            *broken = !http1_copy_head(arena, &pair->request, exchange);
    } while (event != HTTP1_MORE && event != HTTP1_OPAQUE);
}

static bool
read_answer(struct trip *trip, struct http1_pair *pair, struct arena *arena, struct exchange *exchange)
{
    struct buf body;
    bool done = false, broken = false;
    char bytes[16 * 1024];

    buf_init(&body, MAX_BODY);
    while (!done && !broken && !buf_failed(&body)) {
        int len = SSL_read(trip->ssl, bytes, sizeof(bytes));

        if (len <= 0) {
            done = http1_pair_eof(pair, HTTP1_RESPONSE) == HTTP1_END;
            break;
        }
        done = read_events(pair, arena, (struct str){ bytes, (size_t)len }, &body, exchange, &broken);
    }
    ERR_clear_error();
    exchange->response_body.size = body.len;
    exchange->response_body.bytes = arena_copy(arena, buf_str(&body));
    buf_release(&body);
    if (!done || broken || !str_present(exchange->response_body.bytes))
        return fail(trip->client, "%s: no complete answer", trip->host);
    return true;
}

static bool
converse(struct trip *trip, struct arena *arena, struct str body, struct exchange *exchange)
{
    struct http1_pair *pair = arena_alloc(arena, sizeof(*pair));
    struct buf out;
    bool broken = false, done = false;

    if (pair == NULL)
        return fail(trip->client, "out of memory");
    http1_pair_init(pair);
    buf_init(&out, MAX_HEAD + body.len);
    add_request(trip, &out, body);
    if (!buf_failed(&out)) {
        note_request(pair, arena, buf_str(&out), exchange, &broken);
        done = !broken && SSL_write(trip->ssl, out.bytes, (int)out.len) == (int)out.len;
    }
    buf_release(&out);
    done = done ? read_answer(trip, pair, arena, exchange)
                : fail(trip->client, "%s: the request was not sent", trip->host);
    http1_pair_release(pair);
    return done;
}

bool
client_fetch(struct client *client, struct arena *arena, struct str url, struct str body, struct exchange *exchange)
{
    struct trip trip = { .client = client, .fd = -1 };
    bool done;

    *exchange = (struct exchange){ .scheme = STR("https") };
    done = parse_url(&trip, url) && dial(&trip) && (client->proxy_port == 0 || open_tunnel(&trip)) &&
           start_tls(&trip) && converse(&trip, arena, body, exchange);
    if (done) {
        exchange->host = arena_copy_c(arena, trip.host);
        exchange->port = trip.port;
        cookies_keep(&client->cookies, trip.host, &exchange->response_headers);
        SSL_shutdown(trip.ssl);
    }
    SSL_free(trip.ssl);
    if (trip.fd >= 0)
        close(trip.fd);
    ERR_clear_error();
    return done;
}
