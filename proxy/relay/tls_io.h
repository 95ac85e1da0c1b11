/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TLS_IO_H
#define SAMLTAP_TLS_IO_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/ssl.h>
#include <sys/types.h>

#include "buf.h"
#include "stream_pipe.h"

/*
 * One end of a connection: a non-blocking socket, with TLS on it or not, its two events, the bytes
 * that were read before anybody could use them, and the bytes that the peer has not taken yet.
 * OpenSSL is driven directly. No call blocks and none raises SIGPIPE.
 */
enum stream_flow {
    STREAM_OPEN,
    STREAM_ENDED, /* properly: close_notify, or FIN without TLS */
    STREAM_CUT,   /* by reset, alert, or FIN inside TLS */
};

struct stream {
    int fd;               /* -1: none */
    struct stream *below; /* that carries this one, instead of the bare socket; NULL: none */
    SSL *ssl;             /* NULL: no TLS (yet) */
    struct event readable, writable;
    struct buf in;           /* read ahead of the reader; served first, also to TLS */
    size_t in_used;          /* of it served */
    struct buf out;          /* accepted by stream_write and not sent */
    size_t out_sent;         /* of it sent */
    struct stream_pipe pipe; /* what it holds goes before out */
    enum stream_flow input, output;
    bool watching_read, watching_write;
    bool read_needs_write;   /* TLS must write before it can read on */
    bool end_sent;           /* close_notify or FIN */
    unsigned long tls_error; /* OpenSSL's first error code when the stream was cut, 0: none */
    int system_error;        /* errno when the stream was cut, 0: none */
};

/* The BIO that joins TLS to a stream; one for all streams, freed with BIO_meth_free(). NULL: no memory. */
BIO_METHOD *stream_bio_method(void);

/* Makes a stream without socket. */
void stream_init(struct stream *stream);

/*
 * Takes the socket (made non-blocking by the caller) and binds the events: callback gets the socket,
 * EV_READ or EV_WRITE, and data. Nothing is watched yet.
 */
void stream_open(struct stream *stream, struct event_base *base, int fd, event_callback_fn callback, void *data);

/*
 * The same upon another stream with TLS, whose handshake is done: what is said here goes through it. Takes below,
 * which is closed and free()d with this one; its own events are no longer used.
 */
void stream_open_over(struct stream *stream, struct event_base *base, struct stream *below, event_callback_fn callback,
                      void *data);

/* Puts TLS on the stream. Takes ssl, whose accept or connect state is set. False when out of memory. */
bool stream_start_tls(struct stream *stream, SSL *ssl, BIO_METHOD *method);

/* Frees all and closes the socket; at most a close_notify is tried. The stream may be opened again. */
void stream_close(struct stream *stream);

enum stream_handshake { HANDSHAKE_DONE, HANDSHAKE_WAITS, HANDSHAKE_FAILED };

/* Drives the handshake and sets what is watched. On failure tls_error or system_error say why. */
enum stream_handshake stream_handshake(struct stream *stream);

/*
 * Reads up to size bytes. Returns how many; 0 when there are none now; -1 when there will be none
 * any more (see input).
 */
ssize_t stream_read(struct stream *stream, void *bytes, size_t size);

/* The same, and what is read will be read again. Only with TLS. */
ssize_t stream_peek(struct stream *stream, void *bytes, size_t size);

/*
 * Reads what there is into stream->in, below TLS, up to max bytes in it. Same results; 0 also when
 * it is full. Not upon another stream.
 */
ssize_t stream_read_ahead(struct stream *stream, size_t max);

/* Puts bytes back in front of what is read next. Only without TLS. */
void stream_unread(struct stream *stream, struct str bytes);

/* Throws away what arrives, below TLS. Not upon another stream. False when nothing will come any more. */
bool stream_discard(struct stream *stream);

/*
 * Moves what there is from one stream to another inside the kernel (see stream_pipe.h). Neither has TLS, nothing is
 * read ahead in from and nothing waits in to; what to does not take at once is pending there. Returns how many
 * bytes; 0 when there are none now; -1 when there will be none any more (see from->input); STREAM_PIPE_NONE.
 */
ssize_t stream_move(struct stream *from, struct stream *to);

/* Sends a prefix and keeps nothing. Returns its length; less than all: the rest must wait, or the stream is cut. */
size_t stream_send(struct stream *stream, const char *bytes, size_t len);

/* Sends as much as goes and keeps the rest. False when the stream is cut (output says so). */
bool stream_write(struct stream *stream, struct str bytes);

/* Sends what was kept. False when the stream is cut. */
bool stream_flush(struct stream *stream);

/* Bytes accepted and not sent. */
size_t stream_pending(const struct stream *stream);

/* True when a read may give bytes without the socket becoming readable. */
bool stream_has_buffered(const struct stream *stream);

/* Says that nothing more will be written: close_notify when clean, then FIN. Only when nothing is pending. */
void stream_end(struct stream *stream, bool clean);

/* What to wait for; write is watched by itself while bytes are pending. */
void stream_watch(struct stream *stream, bool read);

#endif
