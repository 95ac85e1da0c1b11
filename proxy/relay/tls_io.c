/* SPDX-License-Identifier: MIT */
#include "tls_io.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A direction holds 256 KiB at most (see pump.h) and then one more read. */
enum { MAX_PENDING = 1 << 20, MAX_READ_AHEAD = 1 << 20, COMPACT_AT = 64 * 1024 };

static size_t
serve_ahead(struct stream *stream, void *bytes, size_t size)
{
    size_t n = stream->in.len - stream->in_used;

    if (n > size)
        n = size;
    if (n > 0)
        memcpy(bytes, stream->in.bytes + stream->in_used, n);
    stream->in_used += n;
    if (stream->in_used == stream->in.len && stream->in.bytes != NULL) {
        buf_release(&stream->in);
        stream->in_used = 0;
    }
    return n;
}

/* As recv(); errno is 0 when TLS was cut for a reason that is none of the system's. */
static ssize_t
receive_through(struct stream *below, void *bytes, size_t size)
{
    ssize_t n = stream_read(below, bytes, size);

    if (n > 0)
        return n;
    errno = n == 0 ? EAGAIN : below->system_error;
    return n < 0 && below->input == STREAM_ENDED ? 0 : -1;
}

/* As send(). */
static ssize_t
transmit_through(struct stream *below, const void *bytes, size_t size)
{
    size_t sent = stream_send(below, bytes, size);

    if (sent > 0)
        return (ssize_t)sent;
    errno = below->output == STREAM_OPEN ? EAGAIN : below->system_error != 0 ? below->system_error : EPIPE;
    return -1;
}

/* As recv(): bytes read ahead first. */
static ssize_t
receive(struct stream *stream, void *bytes, size_t size)
{
    size_t n = serve_ahead(stream, bytes, size);
    ssize_t got;

    if (n > 0)
        return (ssize_t)n;
    if (stream->below != NULL)
        return receive_through(stream->below, bytes, size);
    do
        got = recv(stream->fd, bytes, size, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

static ssize_t
transmit(const struct stream *stream, const void *bytes, size_t size)
{
    ssize_t sent;

    if (stream->below != NULL)
        return transmit_through(stream->below, bytes, size);
    do
        sent = send(stream->fd, bytes, size, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent;
}

static bool
would_block(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK;
}

/* --- the BIO -------------------------------------------------------------------------------------- */

static int
bio_read(BIO *bio, char *bytes, int size)
{
    struct stream *stream = BIO_get_data(bio);
    ssize_t n = receive(stream, bytes, (size_t)size);

    BIO_clear_retry_flags(bio);
    if (n < 0 && would_block(errno))
        BIO_set_retry_read(bio);
    else if (n < 0)
        stream->system_error = errno;
    else if (n == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return (int)n;
}

static int
bio_write(BIO *bio, const char *bytes, int size)
{
    struct stream *stream = BIO_get_data(bio);
    ssize_t n = transmit(stream, bytes, (size_t)size);

    BIO_clear_retry_flags(bio);
    if (n < 0 && would_block(errno))
        BIO_set_retry_write(bio);
    else if (n < 0)
        stream->system_error = errno;
    return (int)n;
}

static long
bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_EOF:
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    default:
        return 0;
    }
}

BIO_METHOD *
stream_bio_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");

    if (method == NULL || BIO_meth_set_read(method, bio_read) != 1 || BIO_meth_set_write(method, bio_write) != 1 ||
        BIO_meth_set_ctrl(method, bio_control) != 1) {
        BIO_meth_free(method);
        return NULL;
    }
    return method;
}

/* --- life ----------------------------------------------------------------------------------------- */

void
stream_init(struct stream *stream)
{
    *stream = (struct stream){ .fd = -1, .pipe = stream_pipe_init() };
    buf_init(&stream->in, MAX_READ_AHEAD);
    buf_init(&stream->out, MAX_PENDING);
}

void
stream_open(struct stream *stream, struct event_base *base, int fd, event_callback_fn callback, void *data)
{
    stream->fd = fd;
    event_assign(&stream->readable, base, fd, EV_READ | EV_PERSIST, callback, data);
    event_assign(&stream->writable, base, fd, EV_WRITE | EV_PERSIST, callback, data);
}

void
stream_open_over(struct stream *stream, struct event_base *base, struct stream *below, event_callback_fn callback,
                 void *data)
{
    stream_open(stream, base, below->fd, callback, data);
    stream->below = below;
}

bool
stream_start_tls(struct stream *stream, SSL *ssl, BIO_METHOD *method)
{
    BIO *bio = BIO_new(method);

    if (bio == NULL) {
        SSL_free(ssl);
        return false;
    }
    BIO_set_data(bio, stream);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    stream->ssl = ssl;
    return true;
}

void
stream_close(struct stream *stream)
{
    if (stream->fd < 0)
        return;
    if (stream->ssl != NULL) {
        ERR_clear_error();
        if (SSL_is_init_finished(stream->ssl) && stream->output == STREAM_OPEN && !stream->end_sent &&
            stream->input == STREAM_OPEN)
            SSL_shutdown(stream->ssl);
        /* Without this OpenSSL takes the session for spoiled. */
        SSL_set_shutdown(stream->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(stream->ssl);
        ERR_clear_error();
    }
    event_del(&stream->readable);
    event_del(&stream->writable);
    if (stream->below != NULL)
        stream_close(stream->below);
    else
        close(stream->fd);
    free(stream->below);
    stream_pipe_close(&stream->pipe);
    buf_release(&stream->in);
    buf_release(&stream->out);
    stream_init(stream);
}

/* --- moving bytes --------------------------------------------------------------------------------- */

/* Nearly always the queue is empty, and to look is much cheaper than to clear it. */
static void
forget_errors(void)
{
    if (ERR_peek_error() != 0)
        ERR_clear_error();
}

static void
set_event(struct event *event, bool *state, bool wanted)
{
    if (*state == wanted)
        return;
    *state = wanted;
    if (wanted)
        event_add(event, NULL);
    else
        event_del(event);
}

void
stream_watch(struct stream *stream, bool read)
{
    if (stream->fd < 0)
        return;
    set_event(&stream->readable, &stream->watching_read, read && stream->input == STREAM_OPEN);
    set_event(&stream->writable, &stream->watching_write,
              (stream_pending(stream) > 0 && stream->output == STREAM_OPEN) || stream->read_needs_write ||
                  (stream->below != NULL && stream->below->read_needs_write));
}

/* Notes why, once. Returns STREAM_ENDED only for what TLS calls a proper end. */
static enum stream_flow
tls_end(struct stream *stream, int error)
{
    if (error == SSL_ERROR_ZERO_RETURN)
        return STREAM_ENDED;
    if (stream->tls_error == 0)
        stream->tls_error = ERR_peek_error();
    ERR_clear_error();
    return STREAM_CUT;
}

enum stream_handshake
stream_handshake(struct stream *stream)
{
    int result, error;

    ERR_clear_error();
    errno = 0;
    result = SSL_do_handshake(stream->ssl);
    if (result == 1) {
        stream->read_needs_write = false;
        stream_watch(stream, false);
        return HANDSHAKE_DONE;
    }
    error = SSL_get_error(stream->ssl, result);
    stream->read_needs_write = error == SSL_ERROR_WANT_WRITE;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        stream_watch(stream, error == SSL_ERROR_WANT_READ);
        return HANDSHAKE_WAITS;
    }
    stream->input = tls_end(stream, error);
    stream->output = STREAM_CUT;
    stream_watch(stream, false);
    return HANDSHAKE_FAILED;
}

static ssize_t
read_tls(struct stream *stream, void *bytes, size_t size, int read_some(SSL *ssl, void *bytes, size_t size, size_t *n))
{
    size_t n = 0;
    int error;

    forget_errors();
    if (read_some(stream->ssl, bytes, size, &n) == 1) {
        stream->read_needs_write = false;
        return (ssize_t)n;
    }
    error = SSL_get_error(stream->ssl, 0);
    stream->read_needs_write = error == SSL_ERROR_WANT_WRITE;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return 0;
    stream->input = tls_end(stream, error);
    return -1;
}

ssize_t
stream_read(struct stream *stream, void *bytes, size_t size)
{
    ssize_t n;

    if (stream->input != STREAM_OPEN)
        return -1;
    if (stream->ssl != NULL)
        return read_tls(stream, bytes, size, SSL_read_ex);
    n = receive(stream, bytes, size);
    if (n > 0)
        return n;
    if (n < 0 && would_block(errno))
        return 0;
    if (n < 0)
        stream->system_error = errno;
    stream->input = n == 0 ? STREAM_ENDED : STREAM_CUT;
    return -1;
}

ssize_t
stream_peek(struct stream *stream, void *bytes, size_t size)
{
    return stream->input != STREAM_OPEN ? -1 : read_tls(stream, bytes, size, SSL_peek_ex);
}

ssize_t
stream_read_ahead(struct stream *stream, size_t max)
{
    char chunk[16 * 1024];
    size_t have = stream->in.len - stream->in_used;
    size_t want = have < max ? max - have : 0;
    ssize_t n;

    if (stream->input != STREAM_OPEN)
        return -1;
    if (want == 0)
        return 0;
    do
        n = recv(stream->fd, chunk, want < sizeof chunk ? want : sizeof chunk, 0);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        buf_add(&stream->in, chunk, (size_t)n);
        if (!buf_failed(&stream->in))
            return n;
    } else if (n < 0 && would_block(errno)) {
        return 0;
    } else if (n < 0) {
        stream->system_error = errno;
    }
    stream->input = n == 0 ? STREAM_ENDED : STREAM_CUT;
    return -1;
}

void
stream_unread(struct stream *stream, struct str bytes)
{
    struct buf joined;

    if (bytes.len == 0)
        return;
    buf_init(&joined, MAX_READ_AHEAD);
    buf_add_str(&joined, bytes);
    buf_add(&joined, stream->in.bytes + stream->in_used, stream->in.len - stream->in_used);
    buf_release(&stream->in);
    stream->in = joined;
    stream->in_used = 0;
    if (buf_failed(&joined))
        stream->input = STREAM_CUT;
}

bool
stream_discard(struct stream *stream)
{
    char chunk[16 * 1024];

    for (int i = 0; i < 64; i++) {
        ssize_t n = recv(stream->fd, chunk, sizeof chunk, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && would_block(errno))
            return true;
        if (n <= 0)
            return false;
    }
    return true;
}

size_t
stream_send(struct stream *stream, const char *bytes, size_t len)
{
    size_t sent = 0, n;
    int error;

    while (sent < len) {
        if (stream->ssl == NULL) {
            ssize_t r = transmit(stream, bytes + sent, len - sent);

            if (r < 0) {
                if (!would_block(errno)) {
                    stream->system_error = errno;
                    stream->output = STREAM_CUT;
                }
                break;
            }
            sent += (size_t)r;
            continue;
        }
        forget_errors();
        if (SSL_write_ex(stream->ssl, bytes + sent, len - sent, &n) != 1) {
            error = SSL_get_error(stream->ssl, 0);
            if (error != SSL_ERROR_WANT_WRITE && error != SSL_ERROR_WANT_READ) {
                tls_end(stream, error);
                stream->output = STREAM_CUT;
            }
            break;
        }
        sent += n;
    }
    return sent;
}

static void
drop_pending(struct stream *stream)
{
    buf_release(&stream->out);
    stream->out_sent = 0;
    if (stream->pipe.held > 0)
        stream_pipe_close(&stream->pipe);
}

/* True when the pipe is empty now. */
static bool
flush_pipe(struct stream *stream)
{
    int error = stream_pipe_drain(&stream->pipe, stream->fd);

    if (error != 0) {
        stream->system_error = error;
        stream->output = STREAM_CUT;
        drop_pending(stream);
        return false;
    }
    return stream->pipe.held == 0;
}

ssize_t
stream_move(struct stream *from, struct stream *to)
{
    ssize_t got = stream_pipe_fill(&to->pipe, from->fd);

    if (got > 0)
        flush_pipe(to);
    if (got > 0 || got == STREAM_PIPE_NONE)
        return got;
    if (got < 0 && would_block(errno))
        return 0;
    if (got < 0)
        from->system_error = errno;
    from->input = got == 0 ? STREAM_ENDED : STREAM_CUT;
    return -1;
}

bool
stream_write(struct stream *stream, struct str bytes)
{
    size_t sent = 0;

    if (stream->output != STREAM_OPEN)
        return false;
    if (stream_pending(stream) == 0)
        sent = stream_send(stream, bytes.ptr, bytes.len);
    if (stream->output == STREAM_OPEN && sent < bytes.len) {
        buf_add(&stream->out, bytes.ptr + sent, bytes.len - sent);
        if (buf_failed(&stream->out))
            stream->output = STREAM_CUT;
    }
    if (stream->output != STREAM_OPEN)
        drop_pending(stream);
    return stream->output == STREAM_OPEN;
}

bool
stream_flush(struct stream *stream)
{
    if (stream->output != STREAM_OPEN)
        return false;
    if (stream_pending(stream) == 0)
        return true;
    if (stream->pipe.held > 0 && !flush_pipe(stream))
        return stream->output == STREAM_OPEN;
    stream->out_sent += stream_send(stream, stream->out.bytes + stream->out_sent, stream->out.len - stream->out_sent);
    if (stream->output != STREAM_OPEN || stream_pending(stream) == 0) {
        drop_pending(stream);
    } else if (stream->out_sent >= COMPACT_AT) {
        buf_consume(&stream->out, stream->out_sent);
        stream->out_sent = 0;
    }
    return stream->output == STREAM_OPEN;
}

size_t
stream_pending(const struct stream *stream)
{
    return stream->out.len - stream->out_sent + stream->pipe.held;
}

bool
stream_has_buffered(const struct stream *stream)
{
    return stream->in.len > stream->in_used || (stream->ssl != NULL && SSL_has_pending(stream->ssl)) ||
           (stream->below != NULL && stream_has_buffered(stream->below));
}

void
stream_end(struct stream *stream, bool clean)
{
    if (stream->fd < 0 || stream->end_sent || stream->output != STREAM_OPEN)
        return;
    stream->end_sent = true;
    stream->output = STREAM_ENDED;
    if (stream->ssl != NULL && clean) {
        ERR_clear_error();
        SSL_shutdown(stream->ssl);
        ERR_clear_error();
    }
    if (stream->below != NULL)
        stream_end(stream->below, clean || stream->ssl != NULL); /* a cut shows in the TLS that is inside */
    else
        shutdown(stream->fd, SHUT_WR);
}
