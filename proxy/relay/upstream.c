/* SPDX-License-Identifier: MIT */
#include "upstream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "connect_to.h"
#include "transparent.h"

/* While other addresses are left, one gets this long: most broken ones are IPv6 without a route. */
enum { ATTEMPT_MS = 3000 };

static void try_next(struct upstream *upstream);

static int64_t
monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
upstream_init(struct upstream *upstream)
{
    *upstream = (struct upstream){ .fd = -1 };
}

static void
drop_socket(struct upstream *upstream)
{
    if (upstream->fd < 0)
        return;
    event_del(&upstream->connected);
    if (upstream->carrier != NULL)
        stream_close(upstream->carrier);
    else
        close(upstream->fd);
    free(upstream->carrier);
    upstream->carrier = NULL;
    upstream->fd = -1;
}

static void
drop_addresses(struct upstream *upstream)
{
    if (upstream->addresses != NULL && !upstream->addresses_are_ours)
        freeaddrinfo(upstream->addresses);
    upstream->addresses = NULL;
    upstream->next = NULL;
}

void
upstream_cancel(struct upstream *upstream)
{
    resolve_cancel(upstream->query);
    upstream->query = NULL;
    if (upstream->proxy_tls.carrier != NULL)
        upstream->fd = -1; /* which it closes */
    proxy_tls_cancel(&upstream->proxy_tls);
    proxy_connect_cancel(&upstream->tunnel);
    drop_socket(upstream);
    drop_addresses(upstream);
}

static void
format_address(const struct sockaddr *address, char *out, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?", port[8] = "?";
    bool is_v6 = address->sa_family == AF_INET6;
    socklen_t len = is_v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

    getnameinfo(address, len, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(out, size, is_v6 ? "[%s]:%s" : "%s:%s", host, port);
}

static void
finish(struct upstream *upstream, int fd)
{
    drop_addresses(upstream);
    upstream->done(upstream->data, fd);
}

void
upstream_hand_over(struct upstream *upstream, int fd, struct stream *stream, event_callback_fn callback, void *data)
{
    if (upstream->carrier != NULL)
        stream_open_over(stream, upstream->rules->base, upstream->carrier, callback, data);
    else
        stream_open(stream, upstream->rules->base, fd, callback, data);
    upstream->carrier = NULL;
}

/* "the proxy HOST" or "HOST", then the rest. What hinders the way to the proxy is the proxy's problem. */
static void PRINTF_LIKE(3, 4) set_problem(struct upstream *upstream, enum close_reason reason, const char *format, ...)
{
    va_list arguments;
    int used = snprintf(upstream->text, sizeof upstream->text, "%s%.*s", upstream->before, STR_ARG(upstream->host));

    upstream->reason = upstream->through_proxy ? CLOSE_NEXT_PROXY_FAILED : reason;
    upstream->problem = upstream->through_proxy                                   ? EXCHANGE_UPSTREAM_PROXY
                        : reason == CLOSE_RESOLVE_FAILED || reason == CLOSE_LIMIT ? EXCHANGE_UPSTREAM_NAME
                                                                                  : EXCHANGE_UPSTREAM_UNREACHABLE;
    if (used < 0 || (size_t)used >= sizeof upstream->text)
        return;
    va_start(arguments, format);
    vsnprintf(upstream->text + used, sizeof upstream->text - (size_t)used, format, arguments);
    va_end(arguments);
}

static void
note_failure(struct upstream *upstream, const struct sockaddr *address, int error)
{
    char where[80];

    format_address(address, where, sizeof where);
    if (error == ECONNREFUSED)
        set_problem(upstream, CLOSE_CONNECT_REFUSED, ": %s refused the connection: nothing listens there", where);
    else if (error == ETIMEDOUT)
        set_problem(upstream, CLOSE_CONNECT_TIMEOUT, ": no answer from %s in time", where);
    else
        set_problem(upstream, CLOSE_CONNECT_FAILED, ": connection to %s failed: %s", where, strerror(error));
}

/* --- our own listener ----------------------------------------------------------------------------- */

static bool
is_any(const struct sockaddr *address)
{
    static const struct in6_addr any6 = IN6ADDR_ANY_INIT;

    if (address->sa_family == AF_INET)
        return ((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr == htonl(INADDR_ANY);
    return memcmp(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, &any6, sizeof any6) == 0;
}

static bool
is_local(const struct sockaddr *address)
{
    struct ifaddrs *all = NULL;
    bool found = is_any(address);

    if (found || getifaddrs(&all) != 0)
        return true;
    if (address->sa_family == AF_INET)
        found = ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 == 127;
    for (const struct ifaddrs *one = all; one != NULL && !found; one = one->ifa_next)
        found = one->ifa_addr != NULL && address_same_host(one->ifa_addr, address);
    freeifaddrs(all);
    return found;
}

bool
upstream_is_own(const struct upstream_rules *rules, const struct sockaddr *address)
{
    struct sockaddr_storage plain;
    const struct sockaddr *to = (const struct sockaddr *)&plain;

    address_unmap(address, &plain);
    for (size_t i = 0; i < rules->own_count; i++) {
        const struct sockaddr *own = (const struct sockaddr *)&rules->own[i];

        /* The any-address as destination means this machine. */
        if (address_port(own) == address_port(address) &&
            (address_same_host(own, to) || ((is_any(own) || is_any(to)) && is_local(to))))
            return true;
    }
    return false;
}

/* --- attempts ------------------------------------------------------------------------------------- */

static void
fail_proxy(struct upstream *upstream, const char *text)
{
    snprintf(upstream->text, sizeof upstream->text, "%s", text);
    upstream->problem = EXCHANGE_UPSTREAM_PROXY;
    upstream->reason = CLOSE_NEXT_PROXY_FAILED;
    drop_socket(upstream);
    finish(upstream, -1);
}

static void
on_tunnel(void *data, bool is_open)
{
    struct upstream *upstream = data;
    int fd = upstream->fd;

    if (is_open) {
        upstream->fd = -1;
        finish(upstream, fd);
        return;
    }
    fail_proxy(upstream, upstream->tunnel.text);
}

/* From 1. */
static int64_t
time_left_ms(const struct upstream *upstream)
{
    int64_t left_ms = upstream->deadline_ms - monotonic_ms();

    return left_ms > 0 ? left_ms : 1;
}

/* Whatever is spoken with what listens there can begin. */
static void
reached(struct upstream *upstream)
{
    int fd = upstream->fd;

    if (upstream->needs_tunnel) {
        proxy_connect_start(&upstream->tunnel, upstream->rules->base, upstream->rules->next_proxy, fd,
                            upstream->carrier, upstream->tunnel_host, upstream->tunnel_port, time_left_ms(upstream),
                            on_tunnel, upstream);
        return;
    }
    upstream->fd = -1;
    finish(upstream, fd);
}

static void
on_proxy_tls(void *data, struct stream *stream)
{
    struct upstream *upstream = data;

    if (stream == NULL) {
        upstream->fd = -1;
        fail_proxy(upstream, upstream->proxy_tls.text);
        return;
    }
    upstream->carrier = stream;
    reached(upstream);
}

static void
connected(struct upstream *upstream)
{
    const struct upstream_rules *rules = upstream->rules;

    if (!upstream->through_proxy || !rules->next_proxy->with_tls) {
        reached(upstream);
        return;
    }
    proxy_tls_start(&upstream->proxy_tls, rules->base, rules->trust, rules->bio_method, rules->next_proxy, upstream->fd,
                    time_left_ms(upstream), on_proxy_tls, upstream);
}

static void
on_connected(evutil_socket_t fd, short what, void *data)
{
    struct upstream *upstream = data;
    int error = ETIMEDOUT;
    socklen_t len = sizeof error;

    if ((what & EV_TIMEOUT) == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error == 0) {
        event_del(&upstream->connected);
        connected(upstream);
        return;
    }
    note_failure(upstream, upstream->next->ai_addr, error);
    drop_socket(upstream);
    upstream->next = upstream->next->ai_next;
    try_next(upstream);
}

/* Returns 0 when the attempt is under way, or errno. */
static int
try_address(struct upstream *upstream, const struct addrinfo *address, int64_t left_ms)
{
    const int one = 1;
    struct timeval timeout;
    int64_t ms = address->ai_next != NULL && left_ms > ATTEMPT_MS ? ATTEMPT_MS : left_ms;

    upstream->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (upstream->fd < 0)
        return errno;
    setsockopt(upstream->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    event_assign(&upstream->connected, upstream->rules->base, upstream->fd, EV_WRITE, on_connected, upstream);
    if (connect(upstream->fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
        int error = errno;

        drop_socket(upstream);
        return error;
    }
    if (upstream->rules->own_sockets != NULL)
        transparent_note(upstream->rules->own_sockets, upstream->fd);
    timeout = (struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
    event_add(&upstream->connected, &timeout);
    return 0;
}

/* Goes on with upstream->next until an attempt is under way, or reports failure. */
static void
try_next(struct upstream *upstream)
{
    for (; upstream->next != NULL; upstream->next = upstream->next->ai_next) {
        const struct addrinfo *address = upstream->next;
        int64_t left_ms = upstream->deadline_ms - monotonic_ms();
        int error;

        if (upstream_is_own(upstream->rules, address->ai_addr)) {
            set_problem(upstream, CLOSE_LOOP, " leads back to this proxy itself");
            continue;
        }
        error = left_ms > 0 ? try_address(upstream, address, left_ms) : ETIMEDOUT;
        if (error == 0)
            return;
        note_failure(upstream, address->ai_addr, error);
    }
    finish(upstream, -1);
}

static void
on_resolved(void *data, int error, struct addrinfo *addresses)
{
    struct upstream *upstream = data;

    upstream->query = NULL;
    if (error != 0) {
        set_problem(upstream, CLOSE_RESOLVE_FAILED, ": the name does not resolve: %s", gai_strerror(error));
        finish(upstream, -1);
        return;
    }
    upstream->addresses = upstream->next = addresses;
    try_next(upstream);
}

/* An address literal needs no look-up. */
static bool
use_literal(struct upstream *upstream, struct str host, unsigned port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&upstream->literal_address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&upstream->literal_address;
    char text[INET6_ADDRSTRLEN];

    if (host.len >= sizeof text)
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    memset(&upstream->literal_address, 0, sizeof upstream->literal_address);
    upstream->literal = (struct addrinfo){ .ai_addr = (struct sockaddr *)&upstream->literal_address };
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        upstream->literal.ai_family = v4->sin_family = AF_INET;
        v4->sin_port = htons((in_port_t)port);
        upstream->literal.ai_addrlen = sizeof *v4;
    } else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        upstream->literal.ai_family = v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((in_port_t)port);
        upstream->literal.ai_addrlen = sizeof *v6;
    } else {
        return false;
    }
    upstream->addresses = upstream->next = &upstream->literal;
    upstream->addresses_are_ours = true;
    return true;
}

bool
upstream_takes_requests(const struct upstream_rules *rules, struct str host, unsigned port)
{
    struct str to_host;
    unsigned to_port;

    return !connect_to_map(rules->connect_to, rules->connect_to_count, host, port, &to_host, &to_port) &&
           next_proxy_is_for(rules->next_proxy, to_host, to_port);
}

/* Starts with the one address that a literal is. Returns false when that failed at once. */
static bool
start_literal(struct upstream *upstream)
{
    int error = 0;

    if (upstream_is_own(upstream->rules, upstream->literal.ai_addr))
        set_problem(upstream, CLOSE_LOOP, " leads back to this proxy itself");
    else if ((error = try_address(upstream, upstream->next, (int64_t)upstream->rules->timeout_s * 1000)) == 0)
        return true;
    else
        note_failure(upstream, upstream->literal.ai_addr, error);
    drop_addresses(upstream);
    return false;
}

bool
upstream_start(struct upstream *upstream, const struct upstream_rules *rules, struct str host, unsigned port,
               enum upstream_use use, void (*done)(void *data, int fd), void *data)
{
    struct str to_host;
    unsigned to_port;
    bool is_elsewhere = connect_to_map(rules->connect_to, rules->connect_to_count, host, port, &to_host, &to_port);

    *upstream = (struct upstream){ .rules = rules, .fd = -1, .host = host, .before = "", .done = done, .data = data };
    upstream->deadline_ms = monotonic_ms() + (int64_t)rules->timeout_s * 1000;
    if (next_proxy_is_for(rules->next_proxy, to_host, to_port)) {
        upstream->through_proxy = true;
        upstream->needs_tunnel = use == UPSTREAM_BYTES || is_elsewhere;
        upstream->tunnel_host = to_host;
        upstream->tunnel_port = to_port;
        upstream->before = "the proxy ";
        upstream->host = to_host = str_from(rules->next_proxy->host);
        to_port = rules->next_proxy->port;
    }
    if (use_literal(upstream, to_host, to_port))
        return start_literal(upstream);
    upstream->query = resolve_start(rules->resolver, to_host, to_port, on_resolved, upstream);
    if (upstream->query != NULL)
        return true;
    set_problem(upstream, CLOSE_LIMIT, ": the name cannot be looked up now: too many are waiting");
    return false;
}
