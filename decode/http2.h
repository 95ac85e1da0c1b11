/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HTTP2_H
#define SAMLTAP_HTTP2_H

#include <stdint.h>

#include "exchange.h"

/*
 * Incremental HTTP/2 reader (RFC 9113; header blocks by libnghttp2, RFC 7541). It only reads: whoever
 * owns the bytes forwards them untouched, whatever is said here. Pure; splits of the input make no
 * difference. It sends nothing, so it enforces nothing: what breaks the framing or the compression
 * ends the reading of the connection, what is wrong with one stream ends the reading of that stream.
 *
 *     struct str input = bytes that arrived;
 *     struct http2_message message;
 *     for (;;) {
 *         switch (http2_next(connection, HTTP2_CLIENT, &input, &message)) {
 *         case HTTP2_MORE:      return;                     // all of input is used
 *         case HTTP2_HEAD:      start(message.stream);      // http2_copy_head() keeps what is needed
 *         case HTTP2_BODY:      keep_or_drop(message.slice);
 *         case HTTP2_END:       side_is_done(message.stream);
 *         case HTTP2_OPAQUE:    return;                     // nothing can be read from here on, for good
 *         …
 *         }
 *     }
 *
 * The bytes of both directions are to be fed in the order in which a proxy sees them: settings of one
 * side change how the other one is read.
 */
enum http2_side { HTTP2_CLIENT, HTTP2_SERVER };

/* All but MORE and OPAQUE are about message.stream. */
enum http2_event {
    HTTP2_MORE,      /* input is used up, nothing to report */
    HTTP2_HEAD,      /* a request (client) or a final response (server) */
    HTTP2_INTERIM,   /* a 1xx response that precedes the final one */
    HTTP2_BODY,      /* slice: body bytes, borrowed from the input */
    HTTP2_END,       /* this side has said all on the stream */
    HTTP2_SHORT,     /* the same, but fewer body bytes came than content-length said */
    HTTP2_SWITCHED,  /* a 2xx answer to CONNECT: another protocol from here, nothing more about this stream */
    HTTP2_RESET,     /* given up by either side, or refused by GOAWAY (see code): nothing more about it */
    HTTP2_MALFORMED, /* this is no request or response: nothing more about this stream */
    HTTP2_PUSH,      /* the server promises an answer that nobody asked for; what is pushed is not read */
    HTTP2_OPAQUE,    /* nothing more can be read, ever: see http2_error() */
};

/* Why reading ended. */
enum http2_error {
    HTTP2_NO_ERROR,
    HTTP2_BAD_PREFACE,     /* the client does not begin with the connection preface, or a side without SETTINGS */
    HTTP2_BAD_FRAME_SIZE,  /* longer than the receiver allows, or a length that the type does not have */
    HTTP2_BAD_PADDING,     /* more padding than frame */
    HTTP2_BAD_STREAM,      /* a frame on a stream where it cannot stand */
    HTTP2_BAD_SEQUENCE,    /* a header block interrupted, or continued without beginning */
    HTTP2_BAD_SETTING,     /* a value that is forbidden */
    HTTP2_BAD_COMPRESSION, /* HPACK */
    HTTP2_HEAD_TOO_BIG,    /* over HTTP2_MAX_LIST */
    HTTP2_TOO_MANY_FRAMES, /* over HTTP2_MAX_CONTINUATIONS or HTTP2_MAX_SETTINGS */
    HTTP2_NO_MEMORY,
    HTTP2_ERROR_COUNT,
};

enum {
    HTTP2_MAX_LIST = 96 * 1024,   /* of one head: names, values and 32 bytes a field */
    HTTP2_MAX_CONTINUATIONS = 64, /* of one header block */
    HTTP2_MAX_SETTINGS = 16,      /* SETTINGS frames of one side that wait for their ACK */
    HTTP2_MAX_TABLE = 256 * 1024, /* of the HPACK table, whatever is allowed by settings */
    HTTP2_MAX_STREAMS = 256,      /* open at once; of more nothing is reported (http2_left_out()) */
};

/* Written by http2_next(). The strings borrow from the connection (slice: from the input) until the next call. */
struct http2_message {
    uint32_t stream; /* with HTTP2_PUSH: the promised one */
    uint32_t code;   /* HTTP2_RESET: RFC 9113 section 7 */
    struct str slice;
    /* HTTP2_HEAD, HTTP2_INTERIM, HTTP2_PUSH; absent in HTTP2_MALFORMED where it is missing. */
    struct str method, scheme, authority, path;
    struct str protocol; /* extended CONNECT (RFC 8441): "websocket" */
    unsigned status;
    bool has_length; /* content-length is there */
    uint64_t content_length;
    struct str fields; /* private: what http2_copy_head() copies */
};

struct http2_connection;

/* For a fresh connection; NULL: no memory. A few KiB, and what the HPACK tables come to. */
struct http2_connection *http2_new(void);
void http2_free(struct http2_connection *connection);

/*
 * Reads on in the direction that side sends: takes bytes off the front of *input and reports one
 * event. Call it until it says HTTP2_MORE or HTTP2_OPAQUE (events such as HTTP2_END come with empty
 * input, too). Hostile input is fine.
 */
enum http2_event http2_next(struct http2_connection *connection, enum http2_side side, struct str *input,
                            struct http2_message *message);

/*
 * Copies the head just reported into the exchange, as HTTP/1.1 would have told it; all strings live
 * in the arena. Requests fill method, target (of CONNECT without protocol: the authority), version
 * "HTTP/2", request_headers (in front a Host made of the authority, unless there is one; several
 * cookie fields are joined), and scheme, host and port where these are absent. Responses fill status,
 * reason (empty), response_headers. Returns false when the arena refuses.
 */
bool http2_copy_head(struct arena *arena, const struct http2_message *message, struct exchange *exchange) CHECK_RESULT;

/* HTTP2_NO_ERROR until HTTP2_OPAQUE was reported. */
enum http2_error http2_error(const struct http2_connection *connection);

/* One line for people: "a frame is longer than the receiver allows". Never NULL. */
const char *http2_error_text(enum http2_error error);

/* Requests of which nothing was reported because too many were open. */
uint64_t http2_left_out(const struct http2_connection *connection);

/* True when no stream is open. */
bool http2_idle(const struct http2_connection *connection);

#endif
