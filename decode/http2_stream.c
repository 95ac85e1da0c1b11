/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "http2_parts.h"

struct http2_stream *
http2_stream_find(const struct http2_connection *connection, uint32_t id)
{
    for (size_t i = 0; i < connection->stream_count; i++)
        if (connection->streams[i].id == id)
            return &connection->streams[i];
    return NULL;
}

static bool
make_room(struct http2_connection *connection)
{
    size_t capacity = connection->stream_capacity > 0 ? 2 * connection->stream_capacity : 8;
    struct http2_stream *grown;

    if (connection->stream_count < connection->stream_capacity)
        return true;
    grown = realloc(connection->streams, capacity * sizeof(*grown));
    if (grown == NULL)
        return false;
    connection->streams = grown;
    connection->stream_capacity = capacity;
    return true;
}

struct http2_stream *
http2_stream_open(struct http2_connection *connection, const struct http2_message *request)
{
    struct http2_stream *stream;

    if (connection->stream_count == HTTP2_MAX_STREAMS) {
        connection->left_out++;
        return NULL;
    }
    if (!make_room(connection)) {
        connection->error = HTTP2_NO_MEMORY;
        return NULL;
    }
    stream = &connection->streams[connection->stream_count++];
    *stream = (struct http2_stream){
        .id = request->stream,
        .is_head = str_eq_c(request->method, "HEAD"),
        .is_connect = str_eq_c(request->method, "CONNECT"),
        .announced[HTTP2_CLIENT] = request->content_length,
    };
    return stream;
}

void
http2_stream_drop(struct http2_connection *connection, struct http2_stream *stream)
{
    *stream = connection->streams[--connection->stream_count];
    if (connection->stream_count == 0) {
        free(connection->streams);
        connection->streams = NULL;
        connection->stream_capacity = 0;
    }
}

enum http2_event
http2_stream_end(struct http2_connection *connection, struct http2_stream *stream, enum http2_side side)
{
    bool is_short = stream->got[side] < stream->announced[side];

    stream->ended[side] = true;
    if (stream->ended[HTTP2_CLIENT] && stream->ended[HTTP2_SERVER])
        http2_stream_drop(connection, stream);
    return is_short ? HTTP2_SHORT : HTTP2_END;
}

/* Says what is to be reported behind the head. */
static enum http2_event
head_then(struct http2_reader *reader, enum http2_event after)
{
    reader->after = after;
    reader->after_stream = reader->block_stream;
    return HTTP2_HEAD;
}

/* A second head of one side on one stream: its fields are skipped, they only may end it. */
static enum http2_event
trailers(struct http2_connection *connection, struct http2_reader *reader, struct http2_stream *stream)
{
    if (reader->block_ends_stream)
        return http2_stream_end(connection, stream, reader->side);
    http2_stream_drop(connection, stream);
    return HTTP2_MALFORMED;
}

static enum http2_event
request_head(struct http2_connection *connection, struct http2_reader *reader, struct http2_message *message)
{
    struct http2_stream *stream;

    if (message->stream <= connection->highest) {
        stream = http2_stream_find(connection, message->stream);
        return stream != NULL ? trailers(connection, reader, stream) : HTTP2_MORE;
    }
    connection->highest = message->stream;
    if (!http2_block_parse(reader, true, message))
        return HTTP2_MALFORMED;
    stream = http2_stream_open(connection, message);
    if (stream == NULL)
        return connection->error != HTTP2_NO_ERROR ? HTTP2_OPAQUE : HTTP2_MORE;
    return head_then(reader, reader->block_ends_stream ? HTTP2_END : HTTP2_MORE);
}

static enum http2_event
response_head(struct http2_connection *connection, struct http2_reader *reader, struct http2_message *message)
{
    struct http2_stream *stream = http2_stream_find(connection, message->stream);
    bool is_sound, is_interim;

    if (stream == NULL)
        return HTTP2_MORE;
    if (stream->has_answer)
        return trailers(connection, reader, stream);
    is_sound = http2_block_parse(reader, false, message);
    is_interim = message->status < 200;
    if (!is_sound || message->status == 101 || (is_interim && reader->block_ends_stream)) {
        http2_stream_drop(connection, stream);
        return HTTP2_MALFORMED;
    }
    if (is_interim)
        return HTTP2_INTERIM;
    stream->has_answer = true;
    if (!stream->is_head && message->status != 204 && message->status != 304)
        stream->announced[HTTP2_SERVER] = message->content_length;
    if (stream->is_connect && message->status / 100 == 2)
        return head_then(reader, HTTP2_SWITCHED);
    return head_then(reader, reader->block_ends_stream ? HTTP2_END : HTTP2_MORE);
}

enum http2_event
http2_stream_head(struct http2_connection *connection, struct http2_reader *reader, struct http2_message *message)
{
    message->stream = reader->block_stream;
    if (reader->block_promise != 0) {
        message->stream = reader->block_promise;
        return http2_block_parse(reader, true, message) ? HTTP2_PUSH : HTTP2_MORE;
    }
    return reader->side == HTTP2_CLIENT ? request_head(connection, reader, message)
                                        : response_head(connection, reader, message);
}
