/* SPDX-License-Identifier: MIT */
#include "http2.h"

#include <string.h>

#include "fuzz.h"

/*
 * Both directions of an HTTP/2 connection. The same bytes in one piece must give the same events as in
 * pieces.
 *
 * Input: size of the client's part (14 bits of 2 bytes), cut width (1 byte), what the client sends behind
 * its preface, what the server sends.
 */
#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum { CEILING = 32 << 20, EVENTS = HTTP2_OPAQUE + 1 };

/* What a reading came to: enough to tell two of them apart. */
struct trace {
    uint64_t events[2][EVENTS]; /* pieces of a body count once an END */
    uint64_t body_bytes[2];
    uint64_t sum;
    enum http2_error error;
    uint64_t left_out;
    bool is_idle;
};

static void
add(struct trace *trace, struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        trace->sum = (trace->sum ^ (unsigned char)s.ptr[i]) * UINT64_C(1099511628211);
}

static void
add_head(struct trace *trace, struct arena *arena, const struct http2_message *message)
{
    struct exchange exchange = { 0 };

    if (!http2_copy_head(arena, message, &exchange))
        return;
    add(trace, exchange.method);
    add(trace, exchange.target);
    add(trace, exchange.host);
    for (size_t i = 0; i < exchange.request_headers.count; i++)
        add(trace, exchange.request_headers.items[i].value);
    for (size_t i = 0; i < exchange.response_headers.count; i++)
        add(trace, exchange.response_headers.items[i].value);
    trace->sum += exchange.status + message->stream;
}

static bool
play(struct http2_connection *connection, enum http2_side side, struct str bytes, size_t width, struct arena *arena,
     struct trace *trace)
{
    struct http2_message message;
    enum http2_event event;

    while (bytes.len > 0) {
        struct str piece = str_slice(bytes, 0, width);

        bytes = str_from_offset(bytes, piece.len);
        while ((event = http2_next(connection, side, &piece, &message)) != HTTP2_MORE) {
            if (event == HTTP2_BODY)
                trace->body_bytes[side] += message.slice.len;
            else
                trace->events[side][event]++;
            if (event == HTTP2_HEAD || event == HTTP2_INTERIM)
                add_head(trace, arena, &message);
            if (event == HTTP2_OPAQUE)
                return false;
        }
        fuzz_promise(piece.len == 0);
    }
    return true;
}

static bool
play_both(struct str client, struct str server, size_t width, struct trace *trace)
{
    struct http2_connection *connection = http2_new();
    struct arena *arena = arena_new(CEILING);
    bool done = connection != NULL && arena != NULL;

    memset(trace, 0, sizeof *trace);
    if (done) {
        if (play(connection, HTTP2_CLIENT, STR(PREFACE), width, arena, trace) &&
            play(connection, HTTP2_CLIENT, client, width, arena, trace))
            play(connection, HTTP2_SERVER, server, width, arena, trace);
        trace->error = http2_error(connection);
        trace->left_out = http2_left_out(connection);
        trace->is_idle = http2_idle(connection);
        done = !arena_failed(arena);
    }
    arena_free(arena);
    http2_free(connection);
    return done;
}

static void
run(struct str input)
{
    const unsigned char *bytes = (const unsigned char *)input.ptr;
    struct str rest = str_from_offset(input, 3), client;
    struct trace whole, cut;

    if (input.len < 3)
        return;
    client = str_slice(rest, 0, (bytes[0] & 0x3fu) << 8 | bytes[1]);
    rest = str_from_offset(rest, client.len);
    if (play_both(client, rest, SIZE_MAX, &whole) && play_both(client, rest, bytes[2] + 1u, &cut))
        fuzz_promise(memcmp(&whole, &cut, sizeof whole) == 0);
}

static void
put_frame(struct buf *out, unsigned type, unsigned flags, uint32_t stream, struct str payload)
{
    buf_add_byte(out, (char)(payload.len >> 16));
    buf_add_byte(out, (char)(payload.len >> 8));
    buf_add_byte(out, (char)payload.len);
    buf_add_byte(out, (char)type);
    buf_add_byte(out, (char)flags);
    buf_add_u32(out, stream);
    buf_add_str(out, payload);
}

enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4, PADDED = 8 };

/* Static table: 3 ":method POST", 7 ":scheme https", 4 ":path /", 1 ":authority" with a value. */
static void
put_client(struct buf *out)
{
    put_frame(out, SETTINGS, 0, 0, STR("\0\x03\0\0\0\x64\0\x04\0\1\0\0"));
    put_frame(out, HEADERS, END_HEADERS, 1,
              STR("\x83\x87\x84\x41\x07sp.test\x0f\x0d\x01"
                  "5"));
    put_frame(out, DATA, END_STREAM | PADDED, 1,
              STR("\x02"
                  "a=b&c\0\0"));
    put_frame(out, HEADERS, END_STREAM, 3, STR("\x82\x87\x84"));
    put_frame(out, CONTINUATION, END_HEADERS, 3,
              STR("\x41\x07sp.test\x40\x06"
                  "cookie\x03"
                  "a=b"));
    put_frame(out, WINDOW_UPDATE, 0, 0, STR("\0\0\1\0"));
    put_frame(out, PRIORITY, 0, 5, STR("\0\0\0\0\x10"));
    put_frame(out, RST_STREAM, 0, 3, STR("\0\0\0\x08"));
}

static void
put_server(struct buf *out)
{
    put_frame(out, SETTINGS, 0, 0, STR("\0\1\0\0\x10\0"));
    put_frame(out, SETTINGS, ACK, 0, STR(""));
    put_frame(out, HEADERS, END_HEADERS, 1,
              STR("\x48\x03"
                  "100"));
    put_frame(out, HEADERS, END_HEADERS, 1, STR("\x88\x5f\x09text/html"));
    put_frame(out, DATA, 0, 1, STR("<html>"));
    put_frame(out, HEADERS, END_HEADERS | END_STREAM, 1, STR("\x40\x07trailer\x01x"));
    put_frame(out, PUSH_PROMISE, END_HEADERS, 3, STR("\0\0\0\x02\x82\x87\x84\x41\x07sp.test"));
    put_frame(out, PING, ACK, 0, STR("12345678"));
    put_frame(out, GOAWAY, 0, 0, STR("\0\0\0\3\0\0\0\0"));
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct buf client, server, out;

    buf_init(&client, 1 << 20);
    buf_init(&server, 1 << 20);
    buf_init(&out, 1 << 20);
    put_client(&client);
    put_server(&server);
    for (unsigned i = 0; i < 2; i++) {
        buf_add_byte(&out, (char)(client.len >> 8));
        buf_add_byte(&out, (char)(client.len & 0xff));
        buf_add_byte(&out, (char)(i * 6));
        buf_add_str(&out, buf_str(&client));
        buf_add_str(&out, buf_str(&server));
        fuzz_seed(seeds, buf_str(&out));
        buf_reset(&out);
    }
    buf_release(&client);
    buf_release(&server);
    buf_release(&out);
}

FUZZ_TARGET(http2) = { .name = "http2", .max_len = 8192, .run = run, .seed = seed };
