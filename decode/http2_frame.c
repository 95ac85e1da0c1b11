/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "http2_parts.h"

enum {
    FRAME_HEAD = 9,
    DEFAULT_MAX_FRAME = 16384,
    MAX_MAX_FRAME = (1 << 24) - 1,
    SETTING = 6,
    SETTING_TABLE_SIZE = 1,
    SETTING_MAX_FRAME = 5,
    REFUSED_STREAM = 7,
};

enum frame_type {
    DATA,
    HEADERS,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    PUSH_PROMISE,
    PING,
    GOAWAY,
    WINDOW_UPDATE,
    CONTINUATION
};

enum { FLAG_ACK = 0x1, FLAG_END_STREAM = 0x1, FLAG_END_HEADERS = 0x4, FLAG_PADDED = 0x8, FLAG_PRIORITY = 0x20 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

static uint32_t
number_at(const unsigned char *bytes, size_t len)
{
    uint32_t number = 0;

    for (size_t i = 0; i < len; i++)
        number = number << 8 | bytes[i];
    return number;
}

static uint32_t
stream_at(const unsigned char *bytes)
{
    return number_at(bytes, 4) & 0x7fffffff;
}

/* Inside this file HTTP2_MORE says that a step had nothing to report. */

/* --- life ----------------------------------------------------------------------------------------- */

static void
wait_for(struct http2_reader *reader, enum http2_phase phase, size_t bytes)
{
    reader->phase = phase;
    reader->gathered_len = 0;
    reader->wanted = bytes;
}

static bool
reader_init(struct http2_reader *reader, enum http2_side side)
{
    reader->side = side;
    reader->max_frame = DEFAULT_MAX_FRAME;
    reader->refused_above = UINT32_MAX;
    buf_init(&reader->block, 2 * HTTP2_MAX_LIST);
    if (side == HTTP2_CLIENT)
        wait_for(reader, HTTP2_PHASE_PREFACE, sizeof preface - 1);
    else
        wait_for(reader, HTTP2_PHASE_FRAME, FRAME_HEAD);
    return nghttp2_hd_inflate_new(&reader->inflater) == 0;
}

struct http2_connection *
http2_new(void)
{
    struct http2_connection *connection = calloc(1, sizeof *connection);

    if (connection == NULL)
        return NULL;
    if (!reader_init(&connection->readers[HTTP2_CLIENT], HTTP2_CLIENT) ||
        !reader_init(&connection->readers[HTTP2_SERVER], HTTP2_SERVER)) {
        http2_free(connection);
        return NULL;
    }
    return connection;
}

void
http2_free(struct http2_connection *connection)
{
    if (connection == NULL)
        return;
    for (int side = 0; side < 2; side++) {
        if (connection->readers[side].inflater != NULL)
            nghttp2_hd_inflate_del(connection->readers[side].inflater);
        buf_release(&connection->readers[side].block);
    }
    free(connection->streams);
    free(connection);
}

/* --- settings ------------------------------------------------------------------------------------- */

static void
note_table_size(struct http2_reader *reader, uint32_t size)
{
    struct http2_table_change *change =
        &reader->changes[(reader->first_change + reader->change_count - 1) % HTTP2_MAX_SETTINGS];

    if (size > HTTP2_MAX_TABLE)
        size = HTTP2_MAX_TABLE;
    if (!change->is_there || size < change->least)
        change->least = size;
    change->is_there = true;
    change->last = size;
}

/* The one setting that was gathered. */
static enum http2_error
take_setting(struct http2_connection *connection, struct http2_reader *reader)
{
    struct http2_reader *other = &connection->readers[!reader->side];
    uint32_t id = number_at(reader->gathered, 2), value = number_at(reader->gathered + 2, 4);

    if (id == SETTING_TABLE_SIZE)
        note_table_size(reader, value);
    if (id != SETTING_MAX_FRAME)
        return HTTP2_NO_ERROR;
    if (value < DEFAULT_MAX_FRAME || value > MAX_MAX_FRAME)
        return HTTP2_BAD_SETTING;
    if (value > other->max_frame) /* a smaller one may meet frames that are under way */
        other->max_frame = value;
    return HTTP2_NO_ERROR;
}

static enum http2_error
begin_settings(struct http2_reader *reader)
{
    if (reader->change_count == HTTP2_MAX_SETTINGS)
        return HTTP2_TOO_MANY_FRAMES;
    reader->changes[(reader->first_change + reader->change_count) % HTTP2_MAX_SETTINGS] =
        (struct http2_table_change){ 0 };
    reader->change_count++;
    return HTTP2_NO_ERROR;
}

/*
 * reader's side has taken over the oldest settings of the other one: from here on its header blocks
 * may use a table of that size, and must say so when it became smaller.
 */
static enum http2_error
acknowledge(struct http2_connection *connection, struct http2_reader *reader)
{
    struct http2_reader *other = &connection->readers[!reader->side];
    struct http2_table_change change;

    if (other->change_count == 0)
        return HTTP2_NO_ERROR;
    change = other->changes[other->first_change];
    other->first_change = (other->first_change + 1) % HTTP2_MAX_SETTINGS;
    other->change_count--;
    if (!change.is_there)
        return HTTP2_NO_ERROR;
    if (change.least < change.last && nghttp2_hd_inflate_change_table_size(reader->inflater, change.least) != 0)
        return HTTP2_BAD_COMPRESSION;
    return nghttp2_hd_inflate_change_table_size(reader->inflater, change.last) == 0 ? HTTP2_NO_ERROR
                                                                                    : HTTP2_BAD_COMPRESSION;
}

/* --- what a frame's head must be ------------------------------------------------------------------- */

static bool
has_flag(const struct http2_reader *reader, unsigned flag)
{
    return (reader->flags & flag) != 0;
}

static bool
is_padded(const struct http2_reader *reader)
{
    return (reader->type == DATA || reader->type == HEADERS || reader->type == PUSH_PROMISE) &&
           has_flag(reader, FLAG_PADDED);
}

/* Bytes in front of the content. */
static size_t
prefix_size(const struct http2_reader *reader)
{
    size_t size = is_padded(reader);

    switch (reader->type) {
    case HEADERS:
        return size + (has_flag(reader, FLAG_PRIORITY) ? 5 : 0);
    case PUSH_PROMISE:
        return size + 4;
    case RST_STREAM:
        return 4;
    case GOAWAY:
        return 8;
    case SETTINGS:
        return reader->left > 0 ? SETTING : 0;
    default:
        return size;
    }
}

static bool
is_right_size(const struct http2_reader *reader)
{
    switch (reader->type) {
    case PRIORITY:
        return reader->left == 5;
    case RST_STREAM:
    case WINDOW_UPDATE:
        return reader->left == 4;
    case PING:
        return reader->left == 8;
    case SETTINGS:
        return has_flag(reader, FLAG_ACK) ? reader->left == 0 : reader->left % SETTING == 0;
    default:
        return prefix_size(reader) <= reader->left;
    }
}

/* Streams that a side did not open, or that cannot be. */
static bool
is_right_stream(const struct http2_connection *connection, const struct http2_reader *reader)
{
    bool is_connection = reader->stream == 0, is_client_stream = reader->stream % 2 == 1;

    switch (reader->type) {
    case SETTINGS:
    case PING:
    case GOAWAY:
        return is_connection;
    case HEADERS:
        if (reader->side == HTTP2_CLIENT)
            return is_client_stream;
        return !is_connection && (!is_client_stream || reader->stream <= connection->highest);
    case PUSH_PROMISE:
        return reader->side == HTTP2_SERVER && is_client_stream && reader->stream <= connection->highest;
    case DATA:
    case RST_STREAM:
        return !is_connection && (!is_client_stream || reader->stream <= connection->highest);
    case PRIORITY:
    case CONTINUATION:
        return !is_connection;
    default:
        return true;
    }
}

static enum http2_error
check_frame(const struct http2_connection *connection, const struct http2_reader *reader)
{
    if (reader->left > reader->max_frame)
        return HTTP2_BAD_FRAME_SIZE;
    if (!reader->has_settings && (reader->type != SETTINGS || has_flag(reader, FLAG_ACK)))
        return HTTP2_BAD_PREFACE;
    if (reader->in_block != (reader->type == CONTINUATION) ||
        (reader->in_block && reader->stream != reader->block_stream))
        return HTTP2_BAD_SEQUENCE;
    if (!is_right_stream(connection, reader))
        return HTTP2_BAD_STREAM;
    if (!is_right_size(reader))
        return HTTP2_BAD_FRAME_SIZE;
    return HTTP2_NO_ERROR;
}

/* --- the steps of a frame -------------------------------------------------------------------------- */

static enum http2_error
begin_frame(struct http2_connection *connection, struct http2_reader *reader)
{
    enum http2_error error;

    reader->left = number_at(reader->gathered, 3);
    reader->type = reader->gathered[3];
    reader->flags = reader->gathered[4];
    reader->stream = stream_at(reader->gathered + 5);
    reader->padding = 0;
    error = check_frame(connection, reader);
    if (error != HTTP2_NO_ERROR)
        return error;
    reader->has_settings = true;
    wait_for(reader, HTTP2_PHASE_PREFIX, prefix_size(reader));
    if (reader->type == CONTINUATION && ++reader->continuations > HTTP2_MAX_CONTINUATIONS)
        return HTTP2_TOO_MANY_FRAMES;
    if (reader->type == SETTINGS && !has_flag(reader, FLAG_ACK))
        return begin_settings(reader);
    return HTTP2_NO_ERROR;
}

static enum http2_error
end_prefix(struct http2_connection *connection, struct http2_reader *reader)
{
    const unsigned char *behind_padding = reader->gathered + is_padded(reader);
    enum http2_error error = HTTP2_NO_ERROR;

    reader->left -= (uint32_t)reader->wanted;
    reader->phase = HTTP2_PHASE_CONTENT;
    if (is_padded(reader)) {
        reader->padding = reader->gathered[0];
        if (reader->padding > reader->left)
            return HTTP2_BAD_PADDING;
        reader->left -= reader->padding;
    }
    if (reader->type == HEADERS)
        http2_block_begin(reader, reader->stream, 0, has_flag(reader, FLAG_END_STREAM));
    else if (reader->type == PUSH_PROMISE)
        http2_block_begin(reader, reader->stream, stream_at(behind_padding), false);
    else if (reader->type == GOAWAY && stream_at(reader->gathered) < reader->refused_above)
        reader->refused_above = stream_at(reader->gathered);
    else if (reader->type == SETTINGS && reader->wanted > 0)
        error = take_setting(connection, reader);
    if (reader->type == PUSH_PROMISE && (reader->block_promise == 0 || reader->block_promise % 2 != 0))
        return HTTP2_BAD_STREAM;
    if (reader->type == SETTINGS && reader->left > 0)
        wait_for(reader, HTTP2_PHASE_PREFIX, SETTING);
    return error;
}

static enum http2_event
fail(struct http2_connection *connection, enum http2_error error)
{
    if (error == HTTP2_NO_ERROR)
        return HTTP2_MORE;
    connection->error = error;
    return HTTP2_OPAQUE;
}

/* The frame is read to its end. */
static enum http2_event
end_frame(struct http2_connection *connection, struct http2_reader *reader, struct http2_message *message)
{
    struct http2_stream *stream = http2_stream_find(connection, reader->stream);
    enum http2_error error;

    wait_for(reader, HTTP2_PHASE_FRAME, FRAME_HEAD);
    message->stream = reader->stream;
    switch (reader->type) {
    case DATA:
        if (stream == NULL || !has_flag(reader, FLAG_END_STREAM) || stream->ended[reader->side])
            return HTTP2_MORE;
        return http2_stream_end(connection, stream, reader->side);
    case RST_STREAM:
        if (stream == NULL)
            return HTTP2_MORE;
        http2_stream_drop(connection, stream);
        message->code = number_at(reader->gathered, 4);
        return HTTP2_RESET;
    case SETTINGS:
        return has_flag(reader, FLAG_ACK) ? fail(connection, acknowledge(connection, reader)) : HTTP2_MORE;
    case HEADERS:
    case PUSH_PROMISE:
    case CONTINUATION:
        if (!has_flag(reader, FLAG_END_HEADERS))
            return HTTP2_MORE;
        error = http2_block_add(reader, (struct str){ 0 }, true);
        reader->in_block = false;
        return error != HTTP2_NO_ERROR ? fail(connection, error) : http2_stream_head(connection, reader, message);
    default:
        return HTTP2_MORE;
    }
}

static struct str
take(struct str *input, size_t most)
{
    struct str taken = str_slice(*input, 0, most);

    *input = str_from_offset(*input, taken.len);
    return taken;
}

static enum http2_event
content(struct http2_connection *connection, struct http2_reader *reader, struct str *input,
        struct http2_message *message)
{
    struct str piece = take(input, reader->left);
    struct http2_stream *stream;

    reader->left -= (uint32_t)piece.len;
    if (reader->in_block)
        return fail(connection, http2_block_add(reader, piece, false));
    stream = reader->type == DATA ? http2_stream_find(connection, reader->stream) : NULL;
    if (stream == NULL || stream->ended[reader->side])
        return HTTP2_MORE;
    stream->got[reader->side] += piece.len;
    message->stream = stream->id;
    message->slice = piece;
    return HTTP2_BODY;
}

/* Takes bytes for gathered. Returns false when more are needed. */
static bool
gather(struct http2_reader *reader, struct str *input)
{
    struct str piece = take(input, reader->wanted - reader->gathered_len);

    if (piece.len > 0)
        memcpy(reader->gathered + reader->gathered_len, piece.ptr, piece.len);
    reader->gathered_len += piece.len;
    return reader->gathered_len == reader->wanted;
}

static enum http2_event
gathered(struct http2_connection *connection, struct http2_reader *reader)
{
    if (reader->phase == HTTP2_PHASE_FRAME)
        return fail(connection, begin_frame(connection, reader));
    if (reader->phase == HTTP2_PHASE_PREFIX)
        return fail(connection, end_prefix(connection, reader));
    if (memcmp(reader->gathered, preface, sizeof preface - 1) != 0)
        return fail(connection, HTTP2_BAD_PREFACE);
    wait_for(reader, HTTP2_PHASE_FRAME, FRAME_HEAD);
    return HTTP2_MORE;
}

/* One step. *starved: nothing can be done without further input. */
static enum http2_event
step(struct http2_connection *connection, struct http2_reader *reader, struct str *input, struct http2_message *message,
     bool *starved)
{
    switch (reader->phase) {
    case HTTP2_PHASE_CONTENT:
        if (reader->left == 0) {
            reader->phase = HTTP2_PHASE_PADDING;
            return HTTP2_MORE;
        }
        *starved = input->len == 0;
        return *starved ? HTTP2_MORE : content(connection, reader, input, message);
    case HTTP2_PHASE_PADDING:
        reader->padding -= (uint32_t)take(input, reader->padding).len;
        *starved = reader->padding > 0;
        return *starved ? HTTP2_MORE : end_frame(connection, reader, message);
    default:
        *starved = !gather(reader, input);
        return *starved ? HTTP2_MORE : gathered(connection, reader);
    }
}

/* What the last head or a GOAWAY still has to tell. */
static enum http2_event
leftover(struct http2_connection *connection, struct http2_reader *reader, struct http2_message *message)
{
    enum http2_event after = reader->after;
    struct http2_stream *stream = http2_stream_find(connection, reader->after_stream);

    reader->after = HTTP2_MORE;
    if (after != HTTP2_MORE && stream != NULL) {
        message->stream = stream->id;
        if (after == HTTP2_END)
            return http2_stream_end(connection, stream, reader->side);
        http2_stream_drop(connection, stream);
        return after;
    }
    for (size_t i = 0; reader->refused_above != UINT32_MAX && i < connection->stream_count; i++) {
        if (connection->streams[i].id <= reader->refused_above || reader->side != HTTP2_SERVER)
            continue;
        message->stream = connection->streams[i].id;
        message->code = REFUSED_STREAM;
        http2_stream_drop(connection, &connection->streams[i]);
        return HTTP2_RESET;
    }
    return HTTP2_MORE;
}

enum http2_event
http2_next(struct http2_connection *connection, enum http2_side side, struct str *input, struct http2_message *message)
{
    struct http2_reader *reader = &connection->readers[side];
    enum http2_event event;
    bool starved = false;

    *message = (struct http2_message){ 0 };
    if (!reader->in_block)
        buf_release(&reader->block);
    if (connection->error != HTTP2_NO_ERROR) {
        *input = str_from_offset(*input, input->len);
        return HTTP2_OPAQUE;
    }
    event = leftover(connection, reader, message);
    while (event == HTTP2_MORE && !starved) {
        event = step(connection, reader, input, message, &starved);
        if (event == HTTP2_MORE) /* a GOAWAY is told before what follows it is read */
            event = leftover(connection, reader, message);
    }
    return event;
}

/* --- asking ---------------------------------------------------------------------------------------- */

enum http2_error
http2_error(const struct http2_connection *connection)
{
    return connection->error;
}

const char *
http2_error_text(enum http2_error error)
{
    static const char *const texts[HTTP2_ERROR_COUNT] = {
        [HTTP2_NO_ERROR] = "no error",
        [HTTP2_BAD_PREFACE] = "a side does not begin as HTTP/2 connections begin",
        [HTTP2_BAD_FRAME_SIZE] = "a frame has a length that it must not have",
        [HTTP2_BAD_PADDING] = "a frame has more padding than content",
        [HTTP2_BAD_STREAM] = "a frame is on a stream where it cannot be",
        [HTTP2_BAD_SEQUENCE] = "a head is interrupted by another frame, or continued without a beginning",
        [HTTP2_BAD_SETTING] = "a setting has a forbidden value",
        [HTTP2_BAD_COMPRESSION] = "a head cannot be decompressed",
        [HTTP2_HEAD_TOO_BIG] = "a head is too big",
        [HTTP2_TOO_MANY_FRAMES] = "a head has too many pieces, or too many settings wait for an acknowledgement",
        [HTTP2_NO_MEMORY] = "out of memory",
    };

    return (unsigned)error < HTTP2_ERROR_COUNT ? texts[error] : "unknown";
}

uint64_t
http2_left_out(const struct http2_connection *connection)
{
    return connection->left_out;
}

bool
http2_idle(const struct http2_connection *connection)
{
    return connection->stream_count == 0;
}
