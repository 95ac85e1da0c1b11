/* SPDX-License-Identifier: MIT */
#include "metrics_server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "counts_text.h"
#include "memory.h"

enum { MAX_SOCKETS = 2, REQUEST_S = 5, MAX_HEADERS = 8192, PAUSE_MS = 200, HOST_SIZE = 40 };

struct metrics_server {
    struct evhttp *http;
    struct sockaddr_storage addresses[MAX_SOCKETS];
    size_t count;
    unsigned port;
    void (*write)(void *data, struct buf *out);
    void *data;
};

/* --- requests -------------------------------------------------------------------------------------------- */

static bool
is_our_host(const struct metrics_server *server, const char *host)
{
    static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
    char wanted[HOST_SIZE];

    for (size_t i = 0; host != NULL && i < COUNT_OF(names); i++) {
        snprintf(wanted, sizeof(wanted), "%s:%u", names[i], server->port);
        if (strcasecmp(host, wanted) == 0)
            return true;
    }
    return false;
}

static void
add_headers(struct evkeyvalq *headers, const char *type)
{
    evhttp_add_header(headers, "Content-Type", type);
    evhttp_add_header(headers, "Cache-Control", "no-store");
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(headers, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    evhttp_add_header(headers, "Cross-Origin-Resource-Policy", "same-origin");
    evhttp_add_header(headers, "Referrer-Policy", "no-referrer");
}

static void
reply(struct evhttp_request *request, int status, const char *reason, const char *type, struct str body)
{
    struct evbuffer *bytes = evbuffer_new();

    add_headers(evhttp_request_get_output_headers(request), type);
    if (bytes != NULL)
        evbuffer_add(bytes, body.ptr, body.len);
    evhttp_send_reply(request, status, reason, bytes);
    if (bytes != NULL)
        evbuffer_free(bytes);
}

static void
refuse(struct evhttp_request *request, int status, const char *reason, const char *text)
{
    reply(request, status, reason, "text/plain; charset=utf-8", str_from(text));
}

static void
on_request(struct evhttp_request *request, void *data)
{
    const struct metrics_server *server = data;
    const struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
    const char *site = evhttp_find_header(headers, "Sec-Fetch-Site");
    const char *target = evhttp_request_get_uri(request);
    struct buf out;

    if (!is_our_host(server, evhttp_find_header(headers, "Host"))) {
        refuse(request, 421, "Misdirected Request", "ask for this by its address on this machine\n");
    } else if (site != NULL && strcmp(site, "none") != 0 && strcmp(site, "same-origin") != 0) {
        refuse(request, 403, "Forbidden", "not for other sites\n");
    } else if (target == NULL || strcmp(target, "/metrics") != 0) {
        refuse(request, 404, "Not Found", "there is /metrics\n");
    } else if (evhttp_request_get_command(request) != EVHTTP_REQ_GET) {
        evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", "GET");
        refuse(request, 405, "Method Not Allowed", "GET only\n");
    } else {
        buf_init(&out, COUNTS_MAX_BYTES);
        server->write(server->data, &out);
        reply(request, 200, "OK", "text/plain; version=0.0.4; charset=utf-8", buf_str(&out));
        buf_release(&out);
    }
}

/* --- listening ------------------------------------------------------------------------------------------- */

static void
on_resume(evutil_socket_t none, short what, void *data)
{
    (void)none;
    (void)what;
    evconnlistener_enable(data);
}

/* No descriptor is left: asking again at once is a busy loop. (What libevent gives as data is evhttp's.) */
static void
on_accept_error(struct evconnlistener *listener, void *none)
{
    const struct timeval pause = { .tv_usec = PAUSE_MS * 1000 };

    (void)none;
    evconnlistener_disable(listener);
    if (event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_resume, listener, &pause) != 0)
        evconnlistener_enable(listener);
}

/* Returns false with errno. */
static bool
bind_to(struct metrics_server *server, const char *address)
{
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(server->http, address, (uint16_t)server->port);
    socklen_t len = sizeof(server->addresses[0]);

    if (bound == NULL)
        return false;
    getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&server->addresses[server->count], &len);
    evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(bound), on_accept_error);
    server->count++;
    return true;
}

struct metrics_server *
metrics_server_new(struct event_base *base, unsigned port, void (*write)(void *data, struct buf *out), void *data,
                   char **why)
{
    struct metrics_server *server = xcalloc(1, sizeof(*server));

    *server = (struct metrics_server){ .port = port, .write = write, .data = data };
    server->http = evhttp_new(base);
    if (server->http == NULL) {
        *why = xstrdup("out of memory");
        metrics_server_free(server);
        return NULL;
    }
    evhttp_set_max_headers_size(server->http, MAX_HEADERS);
    evhttp_set_max_body_size(server->http, 0);
    evhttp_set_timeout(server->http, REQUEST_S);
    evhttp_set_gencb(server->http, on_request, server);
    errno = 0;
    if (bind_to(server, "127.0.0.1") && (bind_to(server, "::1") || errno != EADDRINUSE))
        return server;
    *why = xprintf("cannot listen on loopback port %u for --metrics-port: %s", port, strerror(errno));
    metrics_server_free(server);
    return NULL;
}

void
metrics_server_free(struct metrics_server *server)
{
    if (server == NULL)
        return;
    if (server->http != NULL)
        evhttp_free(server->http);
    free(server);
}

const struct sockaddr_storage *
metrics_server_addresses(const struct metrics_server *server, size_t *count)
{
    *count = server != NULL ? server->count : 0;
    return server != NULL ? server->addresses : NULL;
}
