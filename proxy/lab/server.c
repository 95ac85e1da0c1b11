/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <arpa/inet.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guest.h"
#include "leaf.h"
#include "router.h"

enum { CA_DAYS = 30, BACKLOG = 64, MAX_GUESTS = 256 };

struct lab_server {
    struct lab_site site;
    struct ca *ca;
    struct leaf_cache *leafs;
    struct event_base *base;
    struct evconnlistener *listener;
    struct guests guests;
    unsigned port;
};

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *const hosts[] = { LAB_IDP_HOST, LAB_IAM_HOST, LAB_IDC_HOST };

/* One listener for all hosts: the certificate is chosen when the client has named the one it wants. */
static int
choose_certificate(SSL *ssl, int *alert, void *data)
{
    struct lab_server *server = data;
    struct str name = str_from(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    const char *why = NULL;

    for (size_t i = 0; i < COUNT_OF(hosts); i++)
        if (str_eq_nocase(name, str_from(hosts[i]))) {
            X509 *leaf = leaf_cache_get(server->leafs, str_from(hosts[i]), now_ms() / 1000, &why);

            if (leaf != NULL && SSL_use_certificate(ssl, leaf) == 1)
                return SSL_TLSEXT_ERR_OK;
        }
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL *
new_tls(struct lab_server *server)
{
    const char *why = NULL;
    SSL *ssl = leaf_cache_accept(server->leafs, str_from(hosts[0]), now_ms() / 1000, NULL, &why);

    if (ssl != NULL) {
        /* The event loop watches the socket: bytes that TLS had read ahead would wait for the next ones. */
        SSL_set_read_ahead(ssl, 0);
        SSL_CTX_set_tlsext_servername_callback(SSL_get_SSL_CTX(ssl), choose_certificate);
        SSL_CTX_set_tlsext_servername_arg(SSL_get_SSL_CTX(ssl), server);
    }
    return ssl;
}

static void
answer(void *data, struct arena *arena, const struct exchange *request, struct lab_reply *reply)
{
    struct lab_server *server = data;

    lab_site_answer(&server->site, arena, request, now_ms(), reply);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int address_len, void *data)
{
    struct lab_server *server = data;
    struct bufferevent *stream = NULL;
    SSL *ssl = server->guests.count < MAX_GUESTS ? new_tls(server) : NULL;

    (void)listener;
    (void)address;
    (void)address_len;
    if (ssl != NULL)
        stream =
            bufferevent_openssl_socket_new(server->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (stream == NULL) {
        SSL_free(ssl);
        evutil_closesocket(fd);
        return;
    }
    guest_new(&server->guests, stream, answer, server);
}

static bool
listen_on_loopback(struct lab_server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof(address);

    server->listener = evconnlistener_new_bind(server->base, on_accept, server, LEV_OPT_CLOSE_ON_FREE, BACKLOG,
                                               (struct sockaddr *)&address, (int)len);
    if (server->listener == NULL ||
        getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr *)&address, &len) != 0)
        return false;
    server->port = ntohs(address.sin_port);
    return true;
}

struct lab_server *
lab_server_new(const char *fault, const char **why)
{
    struct ca_options ca_options = {
        .name = "samltap lab", .days = CA_DAYS, .hosts = hosts, .host_count = COUNT_OF(hosts), .now_s = now_ms() / 1000
    };
    struct lab_server *server = calloc(1, sizeof(*server));

    *why = "the lab ran out of memory";
    if (server == NULL)
        return NULL;
    guests_init(&server->guests);
    if (!lab_site_init(&server->site, fault, now_ms())) {
        *why = "the lab could not make its signing keys";
        goto out;
    }
    server->ca = ca_create(&ca_options, why);
    if (server->ca == NULL)
        goto out;
    server->leafs = leaf_cache_new(server->ca, COUNT_OF(hosts), why);
    if (server->leafs == NULL)
        goto out;
    server->base = event_base_new();
    if (server->base == NULL)
        goto out;
    if (!listen_on_loopback(server)) {
        *why = "the lab could not listen on 127.0.0.1";
        goto out;
    }
    return server;
out:
    lab_server_free(server);
    return NULL;
}

void
lab_server_free(struct lab_server *server)
{
    if (server == NULL)
        return;
    guests_free_all(&server->guests);
    if (server->listener != NULL)
        evconnlistener_free(server->listener);
    leaf_cache_free(server->leafs);
    ca_free(server->ca);
    lab_site_release(&server->site);
    if (server->base != NULL)
        event_base_free(server->base);
    free(server);
}

unsigned
lab_server_port(const struct lab_server *server)
{
    return server->port;
}

const struct lab_site *
lab_server_site(const struct lab_server *server)
{
    return &server->site;
}

bool
lab_server_ca_pem(const struct lab_server *server, struct buf *out)
{
    return ca_certificate_pem(server->ca, out);
}

static void
on_end(evutil_socket_t fd, short events, void *data)
{
    (void)fd;
    (void)events;
    event_base_loopbreak(data);
}

void
lab_server_run(struct lab_server *server, int channel)
{
    struct event *closed = event_new(server->base, channel, EV_READ, on_end, server->base);
    struct event *terminated = evsignal_new(server->base, SIGTERM, on_end, server->base);

    if (closed != NULL && terminated != NULL && event_add(closed, NULL) == 0 && event_add(terminated, NULL) == 0)
        event_base_dispatch(server->base);
    if (closed != NULL)
        event_free(closed);
    if (terminated != NULL)
        event_free(terminated);
}
