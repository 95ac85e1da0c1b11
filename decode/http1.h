/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HTTP1_H
#define SAMLTAP_HTTP1_H

#include <stdint.h>

#include "buf.h"
#include "exchange.h"

/*
 * Incremental HTTP/1.1 reader (RFC 9112; limits and table of saml-verification 9.1). It only reads:
 * whoever owns the bytes forwards them untouched, whatever is said here. Pure; splits of the input
 * make no difference. The only memory is the head being read.
 *
 * One connection is a pair of readers, because the framing of a response depends on its request:
 *
 *     struct str input = bytes that arrived, slice;
 *     for (;;) {
 *         switch (http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice)) {
 *         case HTTP1_MORE:    return;               // all of input is used
 *         case HTTP1_INTERIM: continue;             // responses only: 100, 103 …; no body, no END
 *         case HTTP1_HEAD:    start(&pair.request); // copy what is needed
 *         case HTTP1_BODY:    keep_or_drop(slice);
 *         case HTTP1_END:     finish();
 *         case HTTP1_OPAQUE:  return;               // not HTTP from here on, for good
 *         }
 *     }
 *
 * and http1_pair_eof() when the peer closed that direction. Requests are to be fed before the
 * responses they cause (the order in which a proxy sees them).
 */
enum http1_side { HTTP1_REQUEST, HTTP1_RESPONSE };

enum http1_event {
    HTTP1_MORE,    /* input is used up, nothing to report */
    HTTP1_HEAD,    /* a head is complete: see struct http1_reader; HTTP1_END follows in any case but OPAQUE or CUT */
    HTTP1_INTERIM, /* head of a 1xx response that precedes the final one */
    HTTP1_BODY,    /* slice: body bytes after transfer decoding, borrowed from the input */
    HTTP1_END,     /* the message is complete */
    HTTP1_OPAQUE,  /* nothing more can be read, ever: see opaque_reason; a message may have been open */
    HTTP1_CUT,     /* only from http1_pair_eof: the stream ended inside a message */
};

/* What a strict reader would refuse (bit numbers in http1_reader.deviations). */
enum http1_deviation {
    HTTP1_LEADING_EMPTY_LINE,
    HTTP1_BARE_LF, /* line ended by LF alone */
    HTTP1_BARE_CR,
    HTTP1_CONTROL_BYTE, /* NUL or another control in a head */
    HTTP1_OBS_FOLD,     /* joined with spaces */
    HTTP1_SPACE_BEFORE_COLON,
    HTTP1_FIELD_NAME,      /* no colon, or a name that is no token; the line is left out */
    HTTP1_TARGET,          /* white space, control or non-ASCII byte in the request target */
    HTTP1_LINE_TOO_LONG,   /* over HTTP1_MAX_LINE; still read */
    HTTP1_TOO_MANY_FIELDS, /* over HTTP1_MAX_FIELDS; the rest counts for framing only */
    HTTP1_HOST_MISSING,    /* HTTP/1.1 request without Host */
    HTTP1_HOST_REPEATED,
    HTTP1_LENGTH_REPEATED, /* several Content-Length with one value */
    HTTP1_LENGTH_AND_CHUNKED,
    HTTP1_TRANSFER_CODING,       /* another coding than chunked is there, or chunked is not the last */
    HTTP1_TRANSFER_CODING_IN_10, /* Transfer-Encoding in an HTTP/1.0 message */
    HTTP1_CHUNK_BLANK,           /* blanks behind a chunk size */
    HTTP1_CHUNK_EXTENSION,
    HTTP1_TRAILERS,      /* trailer fields were there; skipped */
    HTTP1_UNASKED,       /* response without a request that waits for it */
    HTTP1_BAD_LENGTH,    /* Content-Length is no number, or values differ: OPAQUE */
    HTTP1_BAD_CHUNK,     /* OPAQUE */
    HTTP1_HEAD_TOO_BIG,  /* over HTTP1_MAX_HEAD: OPAQUE */
    HTTP1_NOT_HTTP,      /* OPAQUE */
    HTTP1_PIPELINE_FULL, /* over HTTP1_MAX_PIPELINE requests wait for an answer: OPAQUE */
    HTTP1_NO_MEMORY,     /* OPAQUE */
    HTTP1_DEVIATION_COUNT,
};

enum http1_opaque {
    HTTP1_OPAQUE_NOT,
    HTTP1_OPAQUE_SWITCHED, /* 101, or a 2xx answer to CONNECT: another protocol, as asked for */
    HTTP1_OPAQUE_ERROR,    /* see the deviations of either side */
};

enum {
    HTTP1_MAX_LINE = 16 * 1024,
    HTTP1_MAX_HEAD = 64 * 1024,
    HTTP1_MAX_FIELDS = 100,
    HTTP1_MAX_PIPELINE = 64,
};

enum http1_state {
    HTTP1_STATE_HEAD,
    HTTP1_STATE_LENGTH, /* body of known length; also when it is 0 */
    HTTP1_STATE_CHUNK_SIZE,
    HTTP1_STATE_CHUNK_BLANK,
    HTTP1_STATE_CHUNK_EXTENSION,
    HTTP1_STATE_CHUNK_SIZE_LF,
    HTTP1_STATE_CHUNK_DATA,
    HTTP1_STATE_CHUNK_DATA_CR,
    HTTP1_STATE_CHUNK_DATA_LF,
    HTTP1_STATE_TRAILER,
    HTTP1_STATE_UNTIL_CLOSE,
    HTTP1_STATE_CONNECT, /* request side, after CONNECT: waits for the answer */
    HTTP1_STATE_OPAQUE,
};

/* One direction. Read the first part; the second is private. */
struct http1_reader {
    /*
     * The head. Valid from HTTP1_HEAD (HTTP1_INTERIM) until the call after HTTP1_END (the next call):
     * the strings borrow from the reader.
     */
    struct str method;  /* requests */
    struct str target;  /* requests: octets as received, any form */
    struct str version; /* "HTTP/1.1" */
    unsigned status;    /* responses */
    struct str reason;  /* responses; may be empty */
    struct headers headers;
    uint64_t head_bytes; /* size of the head, with line ends */
    bool has_length;     /* the body has a stated length: content_length */
    uint64_t content_length;
    bool has_body;       /* a body may follow */
    uint64_t number;     /* requests: 1, 2, 3 …; responses: number of the request they answer, 0: none */
    uint32_t deviations; /* bits 1 << enum http1_deviation, of this message (in OPAQUE: with the error) */
    bool in_message;     /* between HTTP1_HEAD and HTTP1_END */
    enum http1_opaque opaque_reason;

    enum http1_side side;
    enum http1_state state;
    bool has_transfer_coding;
    bool is_chunked;
    bool switching; /* another protocol follows this response */
    struct buf head;
    size_t line_start;
    uint64_t remaining;   /* of the body or chunk */
    unsigned digits;      /* of the chunk size */
    uint32_t line_length; /* of the trailer or extension line */
    uint32_t trailer_bytes;
    bool last_was_cr;
    bool head_used;                         /* head holds a message that was reported */
    struct header fields[HTTP1_MAX_FIELDS]; /* the last member: a fresh start leaves it as it is */
};

/* Both directions of one connection, and the requests that wait for an answer. */
struct http1_pair {
    struct http1_reader request;
    struct http1_reader response;
    unsigned char waiting[HTTP1_MAX_PIPELINE]; /* ring of kinds of request */
    unsigned waiting_first;
    unsigned waiting_count;
    uint64_t answered; /* requests that left the ring */
};

/* Makes a pair for a fresh connection. Allocates nothing. About 7 KiB. */
void http1_pair_init(struct http1_pair *pair);

/* Makes the pair fresh for another connection; a moderate piece of memory is kept. */
void http1_pair_reset(struct http1_pair *pair);

/* Frees what the pair holds. */
void http1_pair_release(struct http1_pair *pair);

/*
 * Reads on in one direction: takes bytes off the front of *input and reports one event. Call it
 * until it says HTTP1_MORE or HTTP1_OPAQUE (events such as HTTP1_END come with empty input, too).
 * *slice is set for HTTP1_BODY only.
 */
enum http1_event http1_pair_next(struct http1_pair *pair, enum http1_side side, struct str *input, struct str *slice);

/*
 * The peer will send nothing more in that direction. Returns HTTP1_END when this completes a message
 * (body until close), HTTP1_CUT when one was cut short, HTTP1_MORE when none was open (or nothing can
 * be said: opaque).
 */
enum http1_event http1_pair_eof(struct http1_pair *pair, enum http1_side side);

/* True when the connection is between messages: nothing begun, no request waits for its answer. */
bool http1_pair_idle(const struct http1_pair *pair);

/*
 * Copies the head just reported into the exchange; all strings live in the arena. Requests fill
 * method, target (absolute form is cut to origin form), version, request_headers, and scheme, host
 * and port where the target names them; a host that is still absent then comes from Host. Responses
 * fill status, reason, response_headers. Returns false when the arena refuses.
 */
bool http1_copy_head(struct arena *arena, const struct http1_reader *reader, struct exchange *exchange) CHECK_RESULT;

/* Splits "host:port" or "[v6]:port": host in lower case in the arena; port stays when none is given. */
bool http1_split_authority(struct arena *arena, struct str authority, struct str *host, unsigned *port) CHECK_RESULT;

/* Stable name: "bare-lf". Never NULL. */
const char *http1_deviation_name(enum http1_deviation deviation);

#endif
