/* SPDX-License-Identifier: MIT */
#include "listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "memory.h"
#include "transparent.h"

enum { BACKLOG = 4096, ACCEPTS_AT_ONCE = 32, NEXT_PORTS = 20, PAUSE_MS = 100 };

struct listener {
    struct listener_rules rules;
    struct event *readable, *resume;
    struct sockaddr_storage address;
    int fd;
    bool is_open;
    bool told_exhausted;
};

/* No descriptor or memory is left: the client stays in the queue, and asking again at once is a busy loop. */
static void
pause_accepting(struct listener *listener)
{
    const struct timeval pause = { .tv_usec = PAUSE_MS * 1000 };

    if (!listener->told_exhausted)
        log_warn("no new connection can be taken now: %s (raise the limit of open files, ulimit -n)", strerror(errno));
    listener->told_exhausted = true;
    event_del(listener->readable);
    event_add(listener->resume, &pause);
}

static void
on_resume(evutil_socket_t fd, short what, void *data)
{
    const struct listener *listener = data;

    (void)fd;
    (void)what;
    if (listener->is_open)
        event_add(listener->readable, NULL);
}

static void
on_readable(evutil_socket_t fd, short what, void *data)
{
    struct listener *listener = data;

    (void)what;
    for (int i = 0; i < ACCEPTS_AT_ONCE && listener->is_open; i++) {
        struct sockaddr_storage client;
        socklen_t len = sizeof client;
        int socket = accept4(fd, (struct sockaddr *)&client, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (socket >= 0) {
            listener->told_exhausted = false;
            listener->rules.on_accept(listener->rules.data, socket, (const struct sockaddr *)&client);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pause_accepting(listener);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

static void
set_port(struct sockaddr_storage *address, unsigned port)
{
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)address)->sin6_port = htons((in_port_t)port);
    else
        ((struct sockaddr_in *)(void *)address)->sin_port = htons((in_port_t)port);
}

/* Returns the socket or -1 with errno. */
static int
bind_to(const struct sockaddr_storage *address, socklen_t len, bool tproxy)
{
    const int one = 1;
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if ((!tproxy || transparent_allow(fd, address->ss_family)) &&
        bind(fd, (const struct sockaddr *)address, len) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int
open_socket(const struct relay_way *way, char **why)
{
    const char *host = way->listen_host != NULL ? way->listen_host : "127.0.0.1";
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
    unsigned last = way->listen_port + (way->next_free_port && way->listen_port != 0 ? NEXT_PORTS : 0);
    struct addrinfo *found = NULL;
    struct sockaddr_storage address;
    int error = getaddrinfo(host, NULL, &hints, &found), fd = -1;

    if (error != 0) {
        *why = xprintf("cannot listen on %s: %s (--listen-host, or the address behind @ in --mode)", host,
                       gai_strerror(error));
        return -1;
    }
    memset(&address, 0, sizeof address);
    memcpy(&address, found->ai_addr, found->ai_addrlen);
    for (unsigned port = way->listen_port; fd < 0 && port <= last && port <= 65535; port++) {
        set_port(&address, port);
        fd = bind_to(&address, found->ai_addrlen, way->tproxy);
        if (fd < 0 && errno != EADDRINUSE)
            break;
    }
    if (fd < 0 && errno == EPERM && way->tproxy)
        *why = xprintf("cannot listen on %s port %u for TPROXY: IP_TRANSPARENT needs the right CAP_NET_ADMIN; start it "
                       "as root, give the program that right (setcap cap_net_admin+ep), or use --mode transparent "
                       "with REDIRECT rules, which needs none",
                       host, way->listen_port);
    else if (fd < 0)
        *why = xprintf("cannot listen on %s port %u: %s (another program has it? choose one with --listen-port, or "
                       "behind @ in --mode)",
                       host, way->listen_port, strerror(errno));
    freeaddrinfo(found);
    return fd;
}

struct listener *
listener_new(struct event_base *base, const struct relay_way *way, const struct listener_rules *rules, char **why)
{
    struct listener *listener;
    socklen_t len = sizeof listener->address;
    int fd = open_socket(way, why);

    if (fd < 0)
        return NULL;
    listener = xcalloc(1, sizeof *listener);
    listener->fd = fd;
    listener->rules = *rules;
    getsockname(fd, (struct sockaddr *)&listener->address, &len);
    listener->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, listener);
    listener->resume = evtimer_new(base, on_resume, listener);
    listener_set_open(listener, true);
    return listener;
}

void
listener_free(struct listener *listener)
{
    if (listener == NULL)
        return;
    event_free(listener->readable);
    event_free(listener->resume);
    close(listener->fd);
    free(listener);
}

const struct sockaddr_storage *
listener_address(const struct listener *listener)
{
    return &listener->address;
}

unsigned
listener_port(const struct listener *listener)
{
    return ntohs(listener->address.ss_family == AF_INET6
                     ? ((const struct sockaddr_in6 *)(const void *)&listener->address)->sin6_port
                     : ((const struct sockaddr_in *)(const void *)&listener->address)->sin_port);
}

void
listener_set_open(struct listener *listener, bool open)
{
    if (listener->is_open == open)
        return;
    listener->is_open = open;
    event_del(listener->resume);
    if (open)
        event_add(listener->readable, NULL);
    else
        event_del(listener->readable);
}
