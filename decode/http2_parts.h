/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HTTP2_PARTS_H
#define SAMLTAP_HTTP2_PARTS_H

#include <nghttp2/nghttp2.h>

#include "http2.h"

/* What the files of the HTTP/2 reader share; nobody else includes it. */

enum http2_phase {
    HTTP2_PHASE_PREFACE,
    HTTP2_PHASE_FRAME,   /* the nine bytes of a frame's head */
    HTTP2_PHASE_PREFIX,  /* what stands in front of the content, gathered */
    HTTP2_PHASE_CONTENT, /* handed on or skipped as it comes */
    HTTP2_PHASE_PADDING,
};

/* What one SETTINGS frame says of the sender's HPACK table: it counts when the other side says ACK. */
struct http2_table_change {
    bool is_there;
    uint32_t least, last;
};

/* A request and its answer under way. */
struct http2_stream {
    uint32_t id;
    bool is_head, is_connect; /* the method */
    bool has_answer;          /* the head of the final response is read */
    bool ended[2];            /* by enum http2_side */
    uint64_t announced[2];    /* by content-length; 0: nothing to be compared */
    uint64_t got[2];
};

/* What one side sends. */
struct http2_reader {
    enum http2_side side;
    enum http2_phase phase;
    unsigned char gathered[24];
    size_t gathered_len, wanted;
    bool has_settings; /* the first frame is read */
    uint32_t max_frame;

    /* the frame */
    uint32_t left; /* of the payload, behind what was gathered */
    uint32_t padding;
    uint32_t stream;
    uint8_t type, flags;

    /* the header block */
    bool in_block;
    bool block_ends_stream;
    uint32_t block_stream, block_promise; /* the second one: 0, or the stream that is promised */
    unsigned continuations;
    size_t list_size;
    struct buf block; /* fields: two lengths, name, value */
    nghttp2_hd_inflater *inflater;

    /* settings of this side that the other one has not acknowledged: a ring */
    struct http2_table_change changes[HTTP2_MAX_SETTINGS];
    unsigned first_change, change_count;

    enum http2_event after; /* to be reported next: HTTP2_END or HTTP2_SWITCHED; HTTP2_MORE: nothing */
    uint32_t after_stream;
    uint32_t refused_above; /* GOAWAY of this side */
};

struct http2_connection {
    struct http2_reader readers[2];
    struct http2_stream *streams; /* grows by itself */
    size_t stream_count, stream_capacity;
    uint32_t highest; /* stream that the client has opened */
    uint64_t left_out;
    enum http2_error error;
};

/* --- header blocks (http2_head.c) ------------------------------------------------------------------ */

/* Forgets the block before and begins one. */
void http2_block_begin(struct http2_reader *reader, uint32_t stream, uint32_t promise, bool ends_stream);

/* Decompresses a piece; is_last with the end of the block. Anything but HTTP2_NO_ERROR ends the connection's reading. */
enum http2_error http2_block_add(struct http2_reader *reader, struct str bytes, bool is_last);

/* Sets the message's pseudo-header fields from the block. False when it is no request (response). */
bool http2_block_parse(const struct http2_reader *reader, bool is_request, struct http2_message *message);

/* --- streams (http2_stream.c) ---------------------------------------------------------------------- */

struct http2_stream *http2_stream_find(const struct http2_connection *connection, uint32_t id);

/* Opens one. NULL when there are too many (counted) or no memory (connection->error). */
struct http2_stream *http2_stream_open(struct http2_connection *connection, const struct http2_message *request);

/* Forgets it: frames that still come for it are skipped. */
void http2_stream_drop(struct http2_connection *connection, struct http2_stream *stream);

/* This side has said all. Returns HTTP2_END or HTTP2_SHORT; the stream is dropped when both sides have. */
enum http2_event http2_stream_end(struct http2_connection *connection, struct http2_stream *stream,
                                  enum http2_side side);

/* The header block of reader is complete: what does it mean? HTTP2_MORE: nothing to report. */
enum http2_event http2_stream_head(struct http2_connection *connection, struct http2_reader *reader,
                                   struct http2_message *message);

#endif
