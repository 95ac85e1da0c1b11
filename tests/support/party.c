/* SPDX-License-Identifier: MIT */
#include "party.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_S = 20 };

static void
need(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "test helper: %s failed: %s\n", what, strerror(errno));
    ERR_print_errors_fp(stderr);
    abort();
}

/* --- authorities ----------------------------------------------------------------------------------- */

static void
add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, NULL, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    need(extension != NULL && X509_add_ext(certificate, extension, -1) == 1, value);
    X509_EXTENSION_free(extension);
}

static X509 *
begin_certificate(const char *name, EVP_PKEY *key, time_t from, time_t until)
{
    static long serial = 1000;
    X509 *certificate = X509_new();

    need(certificate != NULL && key != NULL, "certificate");
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    ASN1_TIME_set(X509_getm_notBefore(certificate), from);
    ASN1_TIME_set(X509_getm_notAfter(certificate), until);
    X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_pubkey(certificate, key);
    return certificate;
}

void
authority_init(struct authority *authority, const char *name)
{
    time_t now = time(NULL);

    authority->key = EVP_EC_gen("P-256");
    authority->certificate = begin_certificate(name, authority->key, now - 86400 * 400L, now + 86400 * 400L);
    X509_set_issuer_name(authority->certificate, X509_get_subject_name(authority->certificate));
    add_extension(authority->certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(authority->certificate, NID_key_usage, "critical,keyCertSign");
    need(X509_sign(authority->certificate, authority->key, EVP_sha256()) > 0, "signature");
}

void
authority_release(struct authority *authority)
{
    X509_free(authority->certificate);
    EVP_PKEY_free(authority->key);
}

char *
authority_file(const struct authority *authority)
{
    char *path = strdup("/tmp/samltap-test-XXXXXX");
    int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    need(file != NULL && PEM_write_X509(file, authority->certificate) == 1, "certificate file");
    fclose(file);
    return path;
}

char *
authority_pair_file(const struct authority *authority, const char *host)
{
    SSL_CTX *context = authority_server(authority, host, FLAW_NONE);
    char *path = strdup("/tmp/samltap-test-XXXXXX");
    int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    need(file != NULL && PEM_write_X509(file, SSL_CTX_get0_certificate(context)) == 1 &&
             PEM_write_PrivateKey(file, SSL_CTX_get0_privatekey(context), NULL, NULL, 0, NULL, NULL) == 1,
         "key file");
    fclose(file);
    SSL_CTX_free(context);
    return path;
}

SSL_CTX *
authority_server(const struct authority *authority, const char *host, enum flaw flaw)
{
    time_t now = time(NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate =
        begin_certificate(host, key, now - 86400 * 30L, flaw == FLAW_EXPIRED ? now - 86400 : now + 86400);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    char san[300];

    snprintf(san, sizeof san, "%s:%s", host[strspn(host, "0123456789.")] == '\0' ? "IP" : "DNS", host);
    add_extension(certificate, NID_subject_alt_name, san);
    if (flaw == FLAW_SELF_SIGNED) {
        X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
        need(X509_sign(certificate, key, EVP_sha256()) > 0, "signature");
    } else {
        X509_set_issuer_name(certificate, X509_get_subject_name(authority->certificate));
        need(X509_sign(certificate, authority->key, EVP_sha256()) > 0, "signature");
    }
    need(context != NULL && SSL_CTX_use_certificate(context, certificate) == 1 &&
             SSL_CTX_use_PrivateKey(context, key) == 1,
         "server context");
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"test", 4);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

static int
choose(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in, unsigned in_len,
       void *data)
{
    const unsigned char *own = data;
    unsigned own_len = (unsigned)strlen(data);

    (void)ssl;
    for (unsigned i = 0; i < own_len; i += 1u + own[i])
        for (unsigned j = 0; j < in_len; j += 1u + in[j])
            if (in[j] == own[i] && memcmp(in + j + 1, own + i + 1, own[i]) == 0) {
                *out = in + j + 1;
                *out_len = in[j];
                return SSL_TLSEXT_ERR_OK;
            }
    return SSL_TLSEXT_ERR_NOACK;
}

void
server_speaks(SSL_CTX *context, const char *protocols)
{
    SSL_CTX_set_alpn_select_cb(context, choose, (void *)(uintptr_t)protocols);
}

/* --- lines ----------------------------------------------------------------------------------------- */

static void
set_waits(int fd)
{
    const struct timeval wait = { .tv_sec = WAIT_S };
    const int one = 1;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

bool
line_write(struct line *line, const void *bytes, size_t len)
{
    const char *p = bytes;
    size_t sent = 0, n;

    if (line->ssl != NULL) {
        ERR_clear_error();
        return len == 0 || (SSL_write_ex(line->ssl, bytes, len, &n) == 1 && n == len);
    }
    while (sent < len) {
        ssize_t r = send(line->fd, p + sent, len - sent, MSG_NOSIGNAL);

        if (r <= 0)
            return false;
        sent += (size_t)r;
    }
    return true;
}

bool
line_say(struct line *line, const char *text)
{
    return line_write(line, text, strlen(text));
}

ssize_t
line_read(struct line *line, void *bytes, size_t size)
{
    size_t n = 0;

    if (line->ssl == NULL)
        return recv(line->fd, bytes, size, 0);
    ERR_clear_error();
    if (SSL_read_ex(line->ssl, bytes, size, &n) == 1)
        return (ssize_t)n;
    if (SSL_get_error(line->ssl, 0) == SSL_ERROR_ZERO_RETURN)
        return 0;
    line->error = ERR_peek_error();
    return -1;
}

bool
line_read_head(struct line *line, struct buf *out)
{
    char c;

    while (out->len < 4 || memcmp(out->bytes + out->len - 4, "\r\n\r\n", 4) != 0) {
        if (line_read(line, &c, 1) != 1)
            return false;
        buf_add_byte(out, c);
    }
    return true;
}

bool
line_read_exactly(struct line *line, void *bytes, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = line_read(line, (char *)bytes + done, len - done);

        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

ssize_t
line_read_all(struct line *line, struct buf *out)
{
    char chunk[16384];
    ssize_t n;

    while ((n = line_read(line, chunk, sizeof chunk)) > 0)
        buf_add(out, chunk, (size_t)n);
    return n;
}

void
line_end(struct line *line)
{
    ERR_clear_error();
    if (line->ssl != NULL)
        SSL_shutdown(line->ssl);
    shutdown(line->fd, SHUT_WR);
}

void
line_close(struct line *line)
{
    if (line->ssl != NULL) {
        SSL_set_shutdown(line->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(line->ssl);
    }
    close(line->fd);
    *line = (struct line){ .fd = -1 };
}

/* Returns false when nothing more comes from there. */
static bool
hand_on(struct line *from, struct line *to)
{
    char bytes[16384];
    ssize_t n = line_read(from, bytes, sizeof bytes);

    if (n > 0)
        return line_write(to, bytes, (size_t)n);
    line_end(to);
    return false;
}

bool
line_join(struct line *a, struct line *b)
{
    struct pollfd ends[2] = { { .fd = a->fd, .events = POLLIN }, { .fd = b->fd, .events = POLLIN } };
    struct line *lines[2] = { a, b };

    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        bool has_more[2] = { false, false };

        for (int i = 0; i < 2; i++)
            has_more[i] = ends[i].fd >= 0 && lines[i]->ssl != NULL && SSL_has_pending(lines[i]->ssl) == 1;
        if (poll(ends, 2, has_more[0] || has_more[1] ? 0 : WAIT_S * 1000) <= 0 && !has_more[0] && !has_more[1])
            return false;
        for (int i = 0; i < 2; i++)
            if (ends[i].fd >= 0 && (ends[i].revents != 0 || has_more[i]) && !hand_on(lines[i], lines[!i]))
                ends[i].fd = -1; /* poll() passes it over */
    }
    return true;
}

/* --- servers --------------------------------------------------------------------------------------- */

struct visit {
    struct server *server;
    struct line line;
};

static void *
serve_visit(void *data)
{
    struct visit *visit = data;
    struct server *server = visit->server;
    bool ok = true, resumed = false;

    set_waits(visit->line.fd);
    if (server->context != NULL) {
        visit->line.ssl = SSL_new(server->context);
        SSL_set_fd(visit->line.ssl, visit->line.fd);
        ok = SSL_accept(visit->line.ssl) == 1;
        resumed = ok && SSL_session_reused(visit->line.ssl) == 1;
    }
    if (ok)
        server->serve(&visit->line, server->data);
    line_close(&visit->line);
    pthread_mutex_lock(&server->lock);
    server->busy--;
    server->resumed += resumed;
    pthread_cond_signal(&server->changed);
    pthread_mutex_unlock(&server->lock);
    free(visit);
    return NULL;
}

static void *
accept_visits(void *data)
{
    struct server *server = data;
    int fd;

    while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
        struct visit *visit = calloc(1, sizeof *visit);
        pthread_t thread;

        visit->server = server;
        visit->line.fd = fd;
        pthread_mutex_lock(&server->lock);
        server->busy++;
        server->connections++;
        pthread_mutex_unlock(&server->lock);
        need(pthread_create(&thread, NULL, serve_visit, visit) == 0, "thread");
        pthread_detach(thread);
    }
    return NULL;
}

void
server_start(struct server *server, SSL_CTX *context, serve_fn *serve, void *data)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof address;

    *server = (struct server){ .context = context, .serve = serve, .data = data };
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(server->fd >= 0 && bind(server->fd, (struct sockaddr *)&address, len) == 0 && listen(server->fd, 256) == 0 &&
             getsockname(server->fd, (struct sockaddr *)&address, &len) == 0,
         "listening socket");
    server->port = ntohs(address.sin_port);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    need(pthread_create(&server->thread, NULL, accept_visits, server) == 0, "thread");
}

void
server_stop(struct server *server)
{
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->fd);
    pthread_mutex_lock(&server->lock);
    while (server->busy > 0)
        pthread_cond_wait(&server->changed, &server->lock);
    pthread_mutex_unlock(&server->lock);
    pthread_mutex_destroy(&server->lock);
    pthread_cond_destroy(&server->changed);
    SSL_CTX_free(server->context);
}

/* --- clients --------------------------------------------------------------------------------------- */

void
client_dial(struct line *line, unsigned port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    address.sin_port = htons((in_port_t)port);
    *line = (struct line){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    need(line->fd >= 0 && connect(line->fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    set_waits(line->fd);
}

int
client_connect(struct line *line, unsigned proxy_port, const char *authority)
{
    char request[600];
    struct buf head;
    int status = 0;

    client_dial(line, proxy_port);
    snprintf(request, sizeof request, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", authority, authority);
    buf_init(&head, 65536);
    if (line_say(line, request) && line_read_head(line, &head))
        sscanf(head.bytes, "HTTP/1.%*d %d", &status);
    buf_release(&head);
    return status;
}

bool
client_tls(struct line *line, const char *sni, X509 *root)
{
    return client_tls_offering(line, sni, root, NULL);
}

const char *
line_protocol(const struct line *line, char *text)
{
    const unsigned char *name;
    unsigned len;

    SSL_get0_alpn_selected(line->ssl, &name, &len);
    snprintf(text, 16, "%.*s", (int)len, len > 0 ? (const char *)name : "");
    return text;
}

bool
client_tls_offering(struct line *line, const char *sni, X509 *root, const char *protocols)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    bool ok;

    if (root != NULL) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    }
    line->ssl = SSL_new(context);
    SSL_CTX_free(context);
    SSL_set_fd(line->ssl, line->fd);
    if (protocols != NULL)
        SSL_set_alpn_protos(line->ssl, (const unsigned char *)protocols, (unsigned)strlen(protocols));
    if (sni != NULL) {
        SSL_set_tlsext_host_name(line->ssl, sni);
        SSL_set1_host(line->ssl, sni);
    }
    ERR_clear_error();
    ok = SSL_connect(line->ssl) == 1;
    line->error = ok ? 0 : ERR_peek_error();
    return ok;
}
