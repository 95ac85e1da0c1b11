/* SPDX-License-Identifier: MIT */
#include "http1.h"

#include <stddef.h>
#include <string.h>

#include "http1_head.h"
#include "urlform.h"

enum {
    MAX_EMPTY_LINE_BYTES = 64,     /* before a start line */
    MAX_EXTENSION_LINE = 4 * 1024, /* of one chunk */
    MAX_TRAILER_BYTES = 64 * 1024,
    MAX_CHUNK_DIGITS = 16,
    KEPT_HEAD = 4 * 1024, /* memory of a head that a reset leaves in place */
};

/* All but the fields and the memory of the head, which need no new start. */
static void
reader_reset(struct http1_reader *reader, enum http1_side side)
{
    struct buf head = reader->head;

    memset(reader, 0, offsetof(struct http1_reader, fields));
    reader->head = head;
    reader->side = side;
    buf_reset(&reader->head);
}

static void
reader_init(struct http1_reader *reader, enum http1_side side)
{
    buf_init(&reader->head, HTTP1_MAX_HEAD);
    reader_reset(reader, side);
}

static enum http1_event
go_opaque(struct http1_reader *reader, enum http1_opaque reason)
{
    if (reader->state != HTTP1_STATE_OPAQUE) {
        reader->state = HTTP1_STATE_OPAQUE;
        reader->opaque_reason = reason;
    }
    return HTTP1_OPAQUE;
}

static enum http1_event
refuse(struct http1_reader *reader, enum http1_deviation why)
{
    http1_deviate(reader, why);
    return go_opaque(reader, HTTP1_OPAQUE_ERROR);
}

static void
forget_head(struct http1_reader *reader)
{
    reader->method = reader->target = reader->version = reader->reason = (struct str){ 0 };
    reader->headers = (struct headers){ 0 };
}

/* Forgets the message reported before, when the first byte of the next one is there. */
static void
start_message(struct http1_reader *reader)
{
    forget_head(reader);
    buf_reset(&reader->head);
    reader->head_used = false;
    reader->line_start = 0;
    reader->deviations = 0;
    reader->status = 0;
    reader->head_bytes = reader->content_length = reader->remaining = 0;
    reader->has_length = reader->has_body = reader->has_transfer_coding = reader->is_chunked = false;
    reader->trailer_bytes = 0;
}

static enum http1_event
end_message(struct http1_reader *reader, enum http1_state next)
{
    reader->state = next;
    reader->in_message = false;
    reader->head_used = true;
    return HTTP1_END;
}

/* Bytes of the lines in front of the first empty or unfinished one. */
static size_t
whole_lines(struct str input)
{
    size_t end = 0;

    while (end < input.len && input.ptr[end] != '\n' && input.ptr[end] != '\r') {
        const char *newline = memchr(input.ptr + end, '\n', input.len - end);

        if (newline == NULL)
            break;
        end = (size_t)(newline + 1 - input.ptr);
    }
    return end;
}

/* With the first line read and no other begun, takes all that is sure to belong to the head. */
static bool
take_lines(struct http1_reader *reader, struct str *input)
{
    size_t take = whole_lines(*input);

    if (take > HTTP1_MAX_HEAD - reader->head.len) {
        http1_deviate(reader, HTTP1_HEAD_TOO_BIG);
        return false;
    }
    buf_add(&reader->head, input->ptr, take);
    if (buf_failed(&reader->head)) {
        http1_deviate(reader, HTTP1_NO_MEMORY);
        return false;
    }
    *input = str_from_offset(*input, take);
    reader->line_start = reader->head.len;
    return true;
}

/*
 * Gathers lines until the empty one. Returns HTTP1_HEAD when head holds a whole one, HTTP1_MORE or
 * HTTP1_OPAQUE.
 */
static enum http1_event
gather_head(struct http1_reader *reader, struct str *input)
{
    while (input->len > 0) {
        size_t newline, take;
        struct str line;

        if (reader->line_start > 0 && reader->line_start == reader->head.len && !take_lines(reader, input))
            return go_opaque(reader, HTTP1_OPAQUE_ERROR);
        if (input->len == 0)
            break;
        newline = str_find_byte(*input, '\n');
        take = newline == SIZE_MAX ? input->len : newline + 1;

        if (take > HTTP1_MAX_HEAD - reader->head.len)
            return refuse(reader, HTTP1_HEAD_TOO_BIG);
        buf_add(&reader->head, input->ptr, take);
        if (buf_failed(&reader->head))
            return refuse(reader, HTTP1_NO_MEMORY);
        *input = str_from_offset(*input, take);
        line = str_from_offset(buf_str(&reader->head), reader->line_start);
        if (newline == SIZE_MAX)
            break;
        line.len--;
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (line.len > 0) {
            if (reader->line_start == 0 && !http1_head_plausible(reader))
                return refuse(reader, HTTP1_NOT_HTTP);
            reader->line_start = reader->head.len;
        } else if (reader->line_start > 0) {
            return HTTP1_HEAD;
        } else {
            http1_deviate(reader, HTTP1_LEADING_EMPTY_LINE);
            reader->remaining += reader->head.len;
            buf_reset(&reader->head);
            if (reader->remaining > MAX_EMPTY_LINE_BYTES)
                return refuse(reader, HTTP1_NOT_HTTP);
        }
    }
    /* A CR alone may be the beginning of an empty line. */
    if (reader->line_start == 0 && reader->head.len > 0 && !str_eq_c(buf_str(&reader->head), "\r") &&
        !http1_head_plausible(reader))
        return refuse(reader, HTTP1_NOT_HTTP);
    return HTTP1_MORE;
}

static void
begin_body(struct http1_reader *reader, enum http1_framing framing)
{
    reader->in_message = true;
    reader->remaining = reader->has_body ? reader->content_length : 0;
    reader->digits = 0;
    switch (framing) {
    case HTTP1_FRAMING_LENGTH:
        reader->state = HTTP1_STATE_LENGTH;
        break;
    case HTTP1_FRAMING_CHUNKED:
        reader->remaining = 0;
        reader->state = HTTP1_STATE_CHUNK_SIZE;
        break;
    case HTTP1_FRAMING_UNTIL_CLOSE:
        reader->state = HTTP1_STATE_UNTIL_CLOSE;
        break;
    }
}

static enum http1_event
take_slice(struct http1_reader *reader, struct str *input, struct str *slice)
{
    *slice = str_slice(*input, 0, reader->remaining < input->len ? (size_t)reader->remaining : input->len);
    *input = str_from_offset(*input, slice->len);
    reader->remaining -= slice->len;
    return HTTP1_BODY;
}

static bool
size_digit(struct http1_reader *reader, char c)
{
    int digit = hex_value(c);

    if (digit < 0 || reader->digits == MAX_CHUNK_DIGITS)
        return false;
    reader->remaining = reader->remaining << 4 | (unsigned)digit;
    reader->digits++;
    return true;
}

/* What follows the digits of a chunk size. */
static bool
size_rest(struct http1_reader *reader, char c)
{
    if (reader->digits == 0)
        return false;
    if (c == '\r') {
        reader->state = HTTP1_STATE_CHUNK_SIZE_LF;
    } else if (c == ';') {
        http1_deviate(reader, HTTP1_CHUNK_EXTENSION);
        reader->line_length = 0;
        reader->state = HTTP1_STATE_CHUNK_EXTENSION;
    } else if (c == ' ' || c == '\t') {
        http1_deviate(reader, HTTP1_CHUNK_BLANK);
        reader->state = HTTP1_STATE_CHUNK_BLANK;
    } else {
        return false;
    }
    return true;
}

/* An extension holds no control bytes but its CR, so a bare LF cannot hide in it (RFC 9112 7.1.1). */
static bool
extension_byte(struct http1_reader *reader, char c)
{
    if (c == '\r') {
        reader->state = HTTP1_STATE_CHUNK_SIZE_LF;
        return true;
    }
    return ((unsigned char)c >= 0x20 || c == '\t') && c != 0x7f && ++reader->line_length < MAX_EXTENSION_LINE;
}

static bool
size_end(struct http1_reader *reader, char c)
{
    if (c != '\n')
        return false;
    reader->line_length = 0;
    reader->last_was_cr = false;
    reader->state = reader->remaining > 0 ? HTTP1_STATE_CHUNK_DATA : HTTP1_STATE_TRAILER;
    return true;
}

static bool
data_end(struct http1_reader *reader, char c)
{
    if (reader->state == HTTP1_STATE_CHUNK_DATA_CR) {
        reader->state = HTTP1_STATE_CHUNK_DATA_LF;
        return c == '\r';
    }
    reader->digits = 0;
    reader->state = HTTP1_STATE_CHUNK_SIZE;
    return c == '\n';
}

/* One framing byte. Returns false when it cannot stand here. */
static bool
chunk_byte(struct http1_reader *reader, char c)
{
    switch (reader->state) {
    case HTTP1_STATE_CHUNK_SIZE:
        return size_digit(reader, c) || size_rest(reader, c);
    case HTTP1_STATE_CHUNK_BLANK:
        return c == ' ' || c == '\t' ? ++reader->line_length < MAX_EXTENSION_LINE : size_rest(reader, c);
    case HTTP1_STATE_CHUNK_EXTENSION:
        return extension_byte(reader, c);
    case HTTP1_STATE_CHUNK_SIZE_LF:
        return size_end(reader, c);
    default:
        return data_end(reader, c);
    }
}

/* Trailer fields are skipped: they change neither framing nor meaning here. True when the empty line is read. */
static bool
trailer_byte(struct http1_reader *reader, char c)
{
    reader->trailer_bytes++;
    if (c != '\n') {
        if (reader->line_length > 0 && reader->last_was_cr)
            http1_deviate(reader, HTTP1_BARE_CR);
        reader->last_was_cr = c == '\r';
        reader->line_length++;
        return false;
    }
    if (!reader->last_was_cr)
        http1_deviate(reader, HTTP1_BARE_LF);
    if (reader->line_length == (reader->last_was_cr ? 1 : 0))
        return true;
    http1_deviate(reader, HTTP1_TRAILERS);
    reader->line_length = 0;
    reader->last_was_cr = false;
    return false;
}

static enum http1_event
read_trailer(struct http1_reader *reader, struct str *input)
{
    while (input->len > 0) {
        char c = input->ptr[0];

        *input = str_from_offset(*input, 1);
        if (trailer_byte(reader, c))
            return end_message(reader, HTTP1_STATE_HEAD);
        if (reader->trailer_bytes > MAX_TRAILER_BYTES)
            return refuse(reader, HTTP1_HEAD_TOO_BIG);
    }
    return HTTP1_MORE;
}

static enum http1_event
read_chunked(struct http1_reader *reader, struct str *input, struct str *slice)
{
    while (input->len > 0) {
        char c = input->ptr[0];

        if (reader->state == HTTP1_STATE_TRAILER)
            return read_trailer(reader, input);
        if (reader->state == HTTP1_STATE_CHUNK_DATA) {
            take_slice(reader, input, slice);
            if (reader->remaining == 0)
                reader->state = HTTP1_STATE_CHUNK_DATA_CR;
            return HTTP1_BODY;
        }
        *input = str_from_offset(*input, 1);
        if (!chunk_byte(reader, c))
            return refuse(reader, HTTP1_BAD_CHUNK);
    }
    return HTTP1_MORE;
}

/* Everything but heads, which need the pair. */
static enum http1_event
read_body(struct http1_reader *reader, struct str *input, struct str *slice)
{
    switch (reader->state) {
    case HTTP1_STATE_LENGTH:
        if (reader->remaining == 0)
            return end_message(reader, HTTP1_STATE_HEAD);
        return input->len > 0 ? take_slice(reader, input, slice) : HTTP1_MORE;
    case HTTP1_STATE_UNTIL_CLOSE:
        if (input->len == 0)
            return HTTP1_MORE;
        *slice = *input;
        *input = str_from_offset(*input, input->len);
        return HTTP1_BODY;
    default:
        return read_chunked(reader, input, slice);
    }
}

/* --- the pair --------------------------------------------------------------------------------- */

void
http1_pair_init(struct http1_pair *pair)
{
    reader_init(&pair->request, HTTP1_REQUEST);
    reader_init(&pair->response, HTTP1_RESPONSE);
    pair->waiting_first = pair->waiting_count = 0;
    pair->answered = 0;
}

static void
forget_big_head(struct http1_reader *reader)
{
    if (reader->head.capacity > KEPT_HEAD)
        buf_release(&reader->head);
}

void
http1_pair_reset(struct http1_pair *pair)
{
    forget_big_head(&pair->request);
    forget_big_head(&pair->response);
    reader_reset(&pair->request, HTTP1_REQUEST);
    reader_reset(&pair->response, HTTP1_RESPONSE);
    pair->waiting_first = pair->waiting_count = 0;
    pair->answered = 0;
}

void
http1_pair_release(struct http1_pair *pair)
{
    buf_release(&pair->request.head);
    buf_release(&pair->response.head);
}

static enum http1_asked
asked_of(struct str method)
{
    if (str_eq_c(method, "HEAD"))
        return HTTP1_ASKED_HEAD;
    return str_eq_c(method, "CONNECT") ? HTTP1_ASKED_CONNECT : HTTP1_ASKED_OTHER;
}

static bool
push_waiting(struct http1_pair *pair, enum http1_asked asked)
{
    if (pair->waiting_count == HTTP1_MAX_PIPELINE)
        return false;
    pair->waiting[(pair->waiting_first + pair->waiting_count) % HTTP1_MAX_PIPELINE] = (unsigned char)asked;
    pair->waiting_count++;
    return true;
}

static enum http1_event
request_head(struct http1_pair *pair)
{
    struct http1_reader *reader = &pair->request;
    enum http1_asked asked;
    enum http1_framing framing;

    if (!http1_head_parse(reader))
        return go_opaque(reader, HTTP1_OPAQUE_ERROR);
    /* The preface of HTTP/2 with prior knowledge is "PRI * HTTP/2.0": not version 1, so refused above. */
    asked = asked_of(reader->method);
    framing = http1_head_framing(reader, asked);
    if (framing == HTTP1_FRAMING_UNTIL_CLOSE)
        return refuse(reader, HTTP1_TRANSFER_CODING);
    if (!push_waiting(pair, asked))
        return refuse(reader, HTTP1_PIPELINE_FULL);
    reader->number++;
    begin_body(reader, framing);
    return HTTP1_HEAD;
}

/* The oldest request that waits. Unasked answers are read as if to a GET. */
static enum http1_asked
pop_waiting(struct http1_pair *pair)
{
    enum http1_asked asked = HTTP1_ASKED_OTHER;

    if (pair->waiting_count == 0) {
        pair->response.number = 0;
        http1_deviate(&pair->response, HTTP1_UNASKED);
        return asked;
    }
    asked = pair->waiting[pair->waiting_first];
    pair->waiting_first = (pair->waiting_first + 1) % HTTP1_MAX_PIPELINE;
    pair->waiting_count--;
    pair->response.number = ++pair->answered;
    return asked;
}

static enum http1_event
response_head(struct http1_pair *pair)
{
    struct http1_reader *reader = &pair->response;
    enum http1_asked asked;

    if (!http1_head_parse(reader))
        return go_opaque(reader, HTTP1_OPAQUE_ERROR);
    if (reader->status < 200 && reader->status != 101) {
        reader->number = pair->waiting_count > 0 ? pair->answered + 1 : 0;
        reader->head_used = true;
        return HTTP1_INTERIM;
    }
    asked = pop_waiting(pair);
    begin_body(reader, http1_head_framing(reader, asked));
    reader->switching = reader->status == 101 || (asked == HTTP1_ASKED_CONNECT && reader->status / 100 == 2);
    if (reader->switching)
        go_opaque(&pair->request, HTTP1_OPAQUE_SWITCHED);
    else if (asked == HTTP1_ASKED_CONNECT && pair->request.state == HTTP1_STATE_CONNECT)
        pair->request.state = HTTP1_STATE_HEAD;
    return HTTP1_HEAD;
}

static enum http1_event
read_head(struct http1_pair *pair, struct http1_reader *reader, struct str *input)
{
    enum http1_event event;

    if (input->len == 0)
        return HTTP1_MORE;
    if (reader->head_used)
        start_message(reader);
    event = gather_head(reader, input);
    if (event != HTTP1_HEAD)
        return event;
    return reader->side == HTTP1_REQUEST ? request_head(pair) : response_head(pair);
}

static enum http1_event
next_event(struct http1_pair *pair, struct http1_reader *reader, struct str *input, struct str *slice)
{
    enum http1_event event;

    switch (reader->state) {
    case HTTP1_STATE_HEAD:
        return read_head(pair, reader, input);
    case HTTP1_STATE_CONNECT:
        /* Whatever follows a CONNECT before its answer is meant for the tunnel. */
        return input->len == 0 ? HTTP1_MORE : go_opaque(reader, HTTP1_OPAQUE_SWITCHED);
    case HTTP1_STATE_OPAQUE:
        return HTTP1_OPAQUE;
    default:
        event = read_body(reader, input, slice);
        break;
    }
    if (event == HTTP1_END && reader->switching)
        go_opaque(reader, HTTP1_OPAQUE_SWITCHED);
    if (event == HTTP1_END && reader->side == HTTP1_REQUEST && str_eq_c(reader->method, "CONNECT"))
        reader->state = HTTP1_STATE_CONNECT;
    return event;
}

enum http1_event
http1_pair_next(struct http1_pair *pair, enum http1_side side, struct str *input, struct str *slice)
{
    struct http1_reader *reader = side == HTTP1_REQUEST ? &pair->request : &pair->response;
    enum http1_event event;

    *slice = (struct str){ 0 };
    event = next_event(pair, reader, input, slice);
    if (event != HTTP1_OPAQUE)
        return event;
    *input = str_from_offset(*input, input->len);
    forget_head(reader);
    buf_release(&reader->head);
    /* Without the responses nothing tells what the requests are about; without the requests the
     * responses that are still due can be read. */
    if (side == HTTP1_RESPONSE)
        go_opaque(&pair->request, reader->opaque_reason);
    return HTTP1_OPAQUE;
}

enum http1_event
http1_pair_eof(struct http1_pair *pair, enum http1_side side)
{
    struct http1_reader *reader = side == HTTP1_REQUEST ? &pair->request : &pair->response;

    switch (reader->state) {
    case HTTP1_STATE_OPAQUE:
    case HTTP1_STATE_CONNECT:
        return HTTP1_MORE;
    case HTTP1_STATE_HEAD:
        return !reader->head_used && reader->head.len > 0 ? HTTP1_CUT : HTTP1_MORE;
    case HTTP1_STATE_UNTIL_CLOSE:
        return end_message(reader, HTTP1_STATE_HEAD);
    default:
        if (reader->state == HTTP1_STATE_LENGTH && reader->remaining == 0)
            return end_message(reader, HTTP1_STATE_HEAD);
        reader->in_message = false;
        return HTTP1_CUT;
    }
}

bool
http1_pair_idle(const struct http1_pair *pair)
{
    return pair->waiting_count == 0 && !pair->request.in_message && !pair->response.in_message &&
           pair->request.state == HTTP1_STATE_HEAD && (pair->request.head_used || pair->request.head.len == 0);
}
