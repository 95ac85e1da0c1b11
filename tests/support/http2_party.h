/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_HTTP2_PARTY_H
#define SAMLTAP_TESTS_HTTP2_PARTY_H

#include <nghttp2/nghttp2.h>

#include "party.h"

/*
 * HTTP/2 clients and servers for tests, on a line whose handshake is done: an implementation that
 * others wrote (libnghttp2) on both ends. Blocking, with the windows of RFC 9113, so that neither end can
 * be stuck in a write for ever.
 */

enum { HTTP2_PARTY_STREAMS = 200 };

/* A request and its answer, as one of the two sees it. */
struct http2_party_stream {
    int32_t id; /* 0: none */
    unsigned status;
    unsigned interims; /* 1xx heads before */
    char method[16], path[200];
    struct buf fields; /* "name: value\n", of the head that the other one sent, and of its trailers */
    struct buf body;   /* that the other one sent */
    bool ended;        /* by the other one */
    bool is_closed;
    uint32_t code;       /* it was closed with */
    struct str sending;  /* of our own body what is not sent; borrowed until is_closed */
    struct buf own;      /* keeps our own body, where nobody else does; released with the stream */
    bool goes_on;        /* our own body: http2_send() has not said that it ends */
    const char *trailer; /* "name: value" behind our body; NULL: none */
    bool is_answered;    /* for the server's use, as */
    size_t sent;
};

struct http2_party;

/* Called by a server when a request has come to its end, or something new of it has come (answers_early). */
typedef void http2_answer_fn(struct http2_party *party, struct http2_party_stream *stream, void *data);

struct http2_party {
    struct line *line;
    nghttp2_session *session;
    struct http2_party_stream streams[HTTP2_PARTY_STREAMS]; /* reused when they are closed, by a server */
    size_t stream_count;
    http2_answer_fn *answer; /* NULL: a client */
    bool answers_early;
    void *data;
    uint32_t random; /* 0: no padding, and whole writes; else of random lengths */
    bool has_goaway; /* from the other one */
    uint32_t goaway_code;
    unsigned pushes; /* PUSH_PROMISE frames that came */
};

/* Starts a client. Release it also when something failed. Ends with line_close(), which is the caller's. */
void http2_client_init(struct http2_party *party, struct line *line);
void http2_party_release(struct http2_party *party);

/*
 * Asks the server of https://host. fields: pairs of name and value up to a NULL, or NULL; body borrowed until the
 * stream is closed. The answer is in the stream that is given.
 */
struct http2_party_stream *http2_ask(struct http2_party *party, const char *method, const char *host, const char *path,
                                     const char *const *fields, struct str body);

/*
 * The same with a body that follows by http2_send(), whose bytes are copied: a piece at a time, is_last with
 * or behind the last one.
 */
struct http2_party_stream *http2_ask_begin(struct http2_party *party, const char *method, const char *host,
                                           const char *path, const char *const *fields);
void http2_answer_begin(struct http2_party *party, struct http2_party_stream *stream, unsigned status,
                        const char *const *fields, const char *trailer);
void http2_send(struct http2_party *party, struct http2_party_stream *stream, struct str bytes, bool is_last);

/* Sends and reads until the stream is closed. False when the connection ended before. */
bool http2_finish(struct http2_party *party, const struct http2_party_stream *stream);

/* Sends what is to be sent and reads once. False when the connection has ended. */
bool http2_turn(struct http2_party *party);

/* Answers a request. fields as above; body borrowed until the stream is closed; trailer: static, NULL none. */
void http2_answer(struct http2_party *party, struct http2_party_stream *stream, unsigned status,
                  const char *const *fields, struct str body, const char *trailer);

/* Sends a 1xx head. */
void http2_answer_interim(struct http2_party *party, struct http2_party_stream *stream, unsigned status,
                          const char *const *fields);

/* Promises an answer that nobody asked for, and never gives it. */
void http2_push(struct http2_party *party, const struct http2_party_stream *stream, const char *host, const char *path);

/* What a server does with its connections. */
struct http2_service {
    http2_answer_fn *answer;
    bool answers_early; /* see http2_answer_fn */
    void *data;
    uint32_t random; /* see struct http2_party */
};

/* A serve_fn; data: struct http2_service. */
void serve_http2(struct line *line, void *data);

/* The value of a field of a stream. Absent when it is not there. */
struct str http2_field(const struct http2_party_stream *stream, const char *name);

#endif
