/* SPDX-License-Identifier: MIT */
#include "proxy_connect.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "tls_io.h"

enum { HEAD_CEILING = 32 * 1024, SCHEMES_SIZE = 100, PEEK_SIZE = 2048, TLS_ALERT = 0x15 };

static const char no_answer[] = "closed the connection without an answer to CONNECT";
static const char no_answer_in_clear[] = "closed the connection without an answer to CONNECT (if it wants TLS itself: "
                                         "--mode upstream:https://HOST:PORT)";

static int64_t
clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
proxy_connect_cancel(struct proxy_connect *connect)
{
    if (!connect->is_active)
        return;
    connect->is_active = false;
    event_del(&connect->event);
    if (connect->out.bytes != NULL)
        OPENSSL_cleanse(connect->out.bytes, connect->out.capacity);
    buf_release(&connect->out);
    buf_release(&connect->in);
}

static void
finish(struct proxy_connect *connect, bool is_open)
{
    proxy_connect_cancel(connect);
    connect->done(connect->data, is_open);
}

static void
fail(struct proxy_connect *connect, const char *what)
{
    snprintf(connect->text, sizeof connect->text, "the proxy %s:%u %s", connect->proxy->host, connect->proxy->port,
             what);
    finish(connect, false);
}

/* --- the answer ------------------------------------------------------------------------------------- */

/* The schemes that the proxy offers, "Negotiate, Basic", from the Proxy-Authenticate lines of head. */
static void
list_schemes(struct str head, char schemes[SCHEMES_SIZE], bool *has_basic)
{
    const struct str name = STR("Proxy-Authenticate:");
    struct str line, rest = head;
    size_t used = 0;
    bool more = true;

    schemes[0] = '\0';
    *has_basic = false;
    while (more) {
        struct str value, scheme;
        size_t len = 0;

        more = str_cut(rest, '\n', &line, &rest);
        if (!str_starts_nocase(line, name))
            continue;
        value = str_trim(str_from_offset(line, name.len));
        while (len < value.len && ((value.ptr[len] | 32) >= 'a' && (value.ptr[len] | 32) <= 'z'))
            len++;
        scheme = str_slice(value, 0, len);
        *has_basic = *has_basic || str_eq_nocase(scheme, STR("Basic"));
        if (len > 0 && used + len + 3 < SCHEMES_SIZE)
            used +=
                (size_t)snprintf(schemes + used, SCHEMES_SIZE - used, "%s%.*s", used > 0 ? ", " : "", STR_ARG(scheme));
    }
}

static void
explain_sign_in(struct proxy_connect *connect, struct str head)
{
    char schemes[SCHEMES_SIZE], what[240];
    bool has_basic;

    list_schemes(head, schemes, &has_basic);
    if (connect->proxy->authorization != NULL && has_basic)
        snprintf(what, sizeof what, "does not accept the user and password of --upstream-auth (407)");
    else if (has_basic)
        snprintf(what, sizeof what, "wants a sign-in (407, %s): give user and password with --upstream-auth FILE",
                 schemes);
    else
        snprintf(what, sizeof what,
                 "wants a sign-in (407) by %s; samltap can do Basic only: ask for a way out without sign-in, or put a "
                 "helper proxy between",
                 schemes[0] != '\0' ? schemes : "a method that it does not name");
    fail(connect, what);
}

static void
explain_refusal(struct proxy_connect *connect, struct str status_line)
{
    char what[240], shown[80];
    size_t len = status_line.len < sizeof shown ? status_line.len : sizeof shown - 1;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)status_line.ptr[i];

        shown[i] = c >= ' ' && c < 127 ? (char)c : '?';
    }
    shown[len] = '\0';
    snprintf(what, sizeof what, "refused CONNECT %.120s: %s", connect->authority, shown);
    fail(connect, what);
}

/* "HTTP/1.1 200 Connection established": the three digits, or 0. */
static unsigned
status_of(struct str line)
{
    uint64_t status;

    if (!str_starts_c(line, "HTTP/1.") || line.len < 12 || line.ptr[8] != ' ' ||
        !str_to_u64(str_slice(line, 9, 3), &status) || status > 999)
        return 0;
    return (unsigned)status;
}

static void
judge(struct proxy_connect *connect)
{
    struct str head = buf_str(&connect->in), line = head, rest;
    unsigned status;

    str_cut(head, '\n', &line, &rest);
    line = str_trim(line);
    status = status_of(line);
    if (status >= 200 && status < 300)
        finish(connect, true);
    else if (status == 407)
        explain_sign_in(connect, head);
    else if (status != 0)
        explain_refusal(connect, str_from_offset(line, 9));
    else
        fail(connect, "does not answer as an HTTP proxy does");
}

/* --- bytes ------------------------------------------------------------------------------------------- */

/* As recv() with MSG_PEEK, and the same through TLS. */
static ssize_t
peek(const struct proxy_connect *connect, char *bytes, size_t size)
{
    ssize_t n;

    if (connect->tls == NULL)
        return recv(connect->fd, bytes, size, MSG_PEEK);
    n = stream_peek(connect->tls, bytes, size);
    errno = EAGAIN;
    return n > 0 ? n : n == 0 ? -1 : 0;
}

static ssize_t
take(const struct proxy_connect *connect, char *bytes, size_t size)
{
    return connect->tls == NULL ? recv(connect->fd, bytes, size, 0) : stream_read(connect->tls, bytes, size);
}

/* False when the proxy is gone. */
static bool
send_out(struct proxy_connect *connect)
{
    ssize_t n;

    if (connect->tls != NULL) {
        buf_consume(&connect->out, stream_send(connect->tls, connect->out.bytes, connect->out.len));
        return connect->tls->output == STREAM_OPEN;
    }
    n = send(connect->fd, connect->out.bytes, connect->out.len, MSG_NOSIGNAL);
    if (n > 0)
        buf_consume(&connect->out, (size_t)n);
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* What follows the head belongs to the tunnel and stays where it is. True when the head is whole. */
static bool
take_head(struct proxy_connect *connect, const char *bytes, size_t len)
{
    const size_t before = connect->in.len;
    char drop[PEEK_SIZE];
    size_t end;
    ssize_t taken;

    buf_add(&connect->in, bytes, len);
    end = str_find_c(buf_str(&connect->in), "\r\n\r\n");
    if (end != SIZE_MAX)
        len = end + 4 - before;
    taken = take(connect, drop, len);
    return end != SIZE_MAX && taken == (ssize_t)len;
}

enum answer {
    ANSWER_WAITS,   /* for the socket */
    ANSWER_GOES_ON, /* there may be more at hand */
    ANSWER_OVER,    /* done was called, and connect may be gone with its owner */
};

static enum answer
read_answer(struct proxy_connect *connect)
{
    char bytes[PEEK_SIZE];
    ssize_t n = peek(connect, bytes, sizeof bytes);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return ANSWER_WAITS;
    if (n <= 0)
        fail(connect, connect->tls != NULL ? no_answer : no_answer_in_clear);
    else if (take_head(connect, bytes, (size_t)n))
        judge(connect);
    else if (connect->in.bytes[0] == TLS_ALERT && connect->tls == NULL)
        fail(connect, "answers in TLS: it is reached by --mode upstream:https://HOST:PORT");
    else if (connect->in.len >= 5 && memcmp(connect->in.bytes, "HTTP/", 5) != 0)
        fail(connect, "does not answer as an HTTP proxy does");
    else if (connect->in.len >= HEAD_CEILING || buf_failed(&connect->in))
        fail(connect, "answers CONNECT with a head that never ends");
    else
        return ANSWER_GOES_ON;
    return ANSWER_OVER;
}

static void on_ready(evutil_socket_t fd, short what, void *data);

/* One event at a time, each with what is left of the time. */
static void
wait_for(struct proxy_connect *connect, short what)
{
    int64_t left_ms = connect->deadline_ms - clock_ms();
    struct timeval timeout;

    if (left_ms < 1)
        left_ms = 1;
    timeout = (struct timeval){ .tv_sec = left_ms / 1000, .tv_usec = left_ms % 1000 * 1000 };
    event_assign(&connect->event, connect->base, connect->fd, what, on_ready, connect);
    event_add(&connect->event, &timeout);
}

static void
on_ready(evutil_socket_t fd, short what, void *data)
{
    struct proxy_connect *connect = data;
    enum answer answer;

    (void)fd;
    if ((what & EV_TIMEOUT) != 0) {
        fail(connect, "did not answer CONNECT in time");
        return;
    }
    if (connect->out.len > 0) {
        if (!send_out(connect)) {
            fail(connect, connect->tls != NULL ? no_answer : no_answer_in_clear);
            return;
        }
        wait_for(connect, connect->out.len > 0 ? EV_WRITE : EV_READ);
        return;
    }
    do
        answer = read_answer(connect);
    while (answer == ANSWER_GOES_ON);
    if (answer == ANSWER_WAITS)
        wait_for(connect, EV_READ);
}

void
proxy_connect_start(struct proxy_connect *connect, struct event_base *base, const struct next_proxy *proxy, int fd,
                    struct stream *tls, struct str host, unsigned port, int64_t timeout_ms,
                    void (*done)(void *data, bool is_open), void *data)
{
    const bool bracketed = str_find_byte(host, ':') != SIZE_MAX;

    *connect = (struct proxy_connect){ .base = base,
                                       .proxy = proxy,
                                       .fd = fd,
                                       .tls = tls,
                                       .is_active = true,
                                       .deadline_ms = clock_ms() + timeout_ms,
                                       .done = done,
                                       .data = data };
    snprintf(connect->authority, sizeof connect->authority, bracketed ? "[%.*s]:%u" : "%.*s:%u", STR_ARG(host), port);
    buf_init(&connect->in, HEAD_CEILING);
    buf_init(&connect->out, HEAD_CEILING);
    buf_printf(&connect->out, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", connect->authority, connect->authority);
    if (proxy->authorization != NULL)
        buf_printf(&connect->out, "Proxy-Authorization: %s\r\n", proxy->authorization);
    buf_add_c(&connect->out, "\r\n");
    wait_for(connect, EV_WRITE);
}
