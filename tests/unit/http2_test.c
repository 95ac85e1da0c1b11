/* SPDX-License-Identifier: MIT */
#include "http2.h"

#include <nghttp2/nghttp2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4, PADDED = 8, WITH_PRIORITY = 0x20 };
enum { STREAMS = 12, CASES = 2000, MAX_BODY = 3000 };

/* What one stream carried: as sent by the generator, and as read. */
struct told {
    char path[40];
    unsigned status, interims, ends;
    char cookie[40];
    struct buf body[2];
};

struct world {
    struct http2_connection *connection;
    nghttp2_hd_deflater *deflaters[2];
    uint32_t random;
    struct told sent[STREAMS], got[STREAMS];
    unsigned step[STREAMS];
    bool is_opaque;
};

static uint32_t
roll(struct world *world, uint32_t sides)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 17;
    world->random ^= world->random << 5;
    return world->random % sides;
}

/* --- reading --------------------------------------------------------------------------------------- */

static void
read_head(struct told *told, enum http2_side side, const struct http2_message *message)
{
    struct arena *arena = arena_new(1 << 20);
    struct exchange exchange = { 0 };
    struct str cookie;

    assert_true(http2_copy_head(arena, message, &exchange));
    if (side == HTTP2_CLIENT) {
        cookie = headers_get(&exchange.request_headers, "Cookie");
        snprintf(told->path, sizeof told->path, "%.*s", STR_ARG(exchange.target));
        snprintf(told->cookie, sizeof told->cookie, "%.*s", STR_ARG(cookie));
        assert_true(str_eq_c(exchange.version, "HTTP/2") && str_eq_c(exchange.host, "sp.test"));
        assert_true(str_eq_c(headers_get(&exchange.request_headers, "Host"), "SP.test"));
    } else {
        told->status = exchange.status;
        assert_true(str_present(headers_get(&exchange.response_headers, "Server")));
    }
    arena_free(arena);
}

static void
read_piece(struct world *world, enum http2_side side, struct str piece)
{
    struct http2_message message;
    enum http2_event event;

    while ((event = http2_next(world->connection, side, &piece, &message)) != HTTP2_MORE) {
        struct told *told = &world->got[message.stream / 2 % STREAMS];

        if (event == HTTP2_OPAQUE) {
            world->is_opaque = true;
            return;
        }
        if (event == HTTP2_HEAD)
            read_head(told, side, &message);
        else if (event == HTTP2_BODY)
            buf_add_str(&told->body[side], message.slice);
        else if (event == HTTP2_END)
            told->ends++;
        else if (event == HTTP2_INTERIM)
            told->interims++;
        else
            fail_msg("event %d on stream %u", event, message.stream);
    }
    assert_int_equal(piece.len, 0);
}

/* Feeds bytes in random pieces. */
static void
feed(struct world *world, enum http2_side side, struct str bytes)
{
    while (bytes.len > 0 && !world->is_opaque) {
        struct str piece = str_slice(bytes, 0, 1 + roll(world, roll(world, 4) == 0 ? 5000 : 12));
        char *copy = malloc(piece.len); /* of its own, so that a read past its end is seen */

        memcpy(copy, piece.ptr, piece.len);
        bytes = str_from_offset(bytes, piece.len);
        read_piece(world, side, (struct str){ copy, piece.len });
        free(copy);
    }
}

/* --- writing --------------------------------------------------------------------------------------- */

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

static void
send_frame(struct world *world, enum http2_side side, unsigned type, unsigned flags, uint32_t stream,
           struct str payload)
{
    struct buf out;

    buf_init(&out, 1 << 20);
    put_frame(&out, type, flags, stream, payload);
    feed(world, side, buf_str(&out));
    buf_release(&out);
}

/* DATA or HEADERS, padded (and with a priority) at random. */
static void
send_content(struct world *world, enum http2_side side, unsigned type, unsigned flags, uint32_t stream,
             struct str content)
{
    unsigned padding = roll(world, 3) == 0 ? roll(world, 256) : 0;
    struct buf payload;

    buf_init(&payload, 1 << 20);
    if (padding > 0) {
        flags |= PADDED;
        buf_add_byte(&payload, (char)padding);
    }
    if (type == HEADERS && roll(world, 3) == 0) {
        flags |= WITH_PRIORITY;
        buf_add(&payload, "\0\0\0\0\20", 5);
    }
    buf_add_str(&payload, content);
    for (unsigned i = 0; i < padding; i++)
        buf_add_byte(&payload, 0);
    send_frame(world, side, type, flags, stream, buf_str(&payload));
    buf_release(&payload);
}

static nghttp2_nv
field(const char *name, const char *value)
{
    nghttp2_nv nv = { 0 };

    nv.name = (uint8_t *)(uintptr_t)name;
    nv.value = (uint8_t *)(uintptr_t)value;
    nv.namelen = strlen(name);
    nv.valuelen = strlen(value);
    return nv;
}

/* A header block in one frame or in several. */
static void
send_block(struct world *world, enum http2_side side, uint32_t stream, bool is_end, const nghttp2_nv *fields,
           size_t count)
{
    uint8_t bytes[4096];
    ssize_t len = nghttp2_hd_deflate_hd(world->deflaters[side], bytes, sizeof bytes, fields, count);
    struct str rest = { (const char *)bytes, (size_t)len };
    unsigned type = HEADERS, flags = is_end ? END_STREAM : 0;

    assert_true(len >= 0);
    do {
        struct str piece = str_slice(rest, 0, roll(world, 2) == 0 ? rest.len : roll(world, 40));

        rest = str_from_offset(rest, piece.len);
        if (type == HEADERS)
            send_content(world, side, type, flags | (rest.len == 0 ? END_HEADERS : 0u), stream, piece);
        else
            send_frame(world, side, type, rest.len == 0 ? END_HEADERS : 0, stream, piece);
        type = CONTINUATION;
    } while (rest.len > 0);
}

static void
send_body(struct world *world, enum http2_side side, uint32_t stream, struct buf *body, bool is_end)
{
    size_t len = roll(world, roll(world, 3) == 0 ? MAX_BODY : 20);
    char bytes[MAX_BODY];

    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)roll(world, 256);
    buf_add(body, bytes, len);
    send_content(world, side, DATA, is_end ? END_STREAM : 0, stream, (struct str){ bytes, len });
}

static void
send_request(struct world *world, unsigned i, bool is_end)
{
    struct told *told = &world->sent[i];
    char noise[30];
    nghttp2_nv fields[8];

    snprintf(told->path, sizeof told->path, "/%u?x=%%2f%u", i, roll(world, 9));
    strcpy(told->cookie, "a=1; b=2");
    snprintf(noise, sizeof noise, "%u", roll(world, 100000));
    fields[0] = field(":method", is_end ? "GET" : "POST");
    fields[1] = field(":scheme", "https");
    fields[2] = field(":path", told->path);
    fields[3] = field(":authority", "SP.test");
    fields[4] = field("cookie", "a=1");
    fields[5] = field("x-noise", noise);
    fields[6] = field("cookie", "b=2");
    send_block(world, HTTP2_CLIENT, 2 * i + 1, is_end, fields, 7);
}

static void
send_response(struct world *world, unsigned i, bool is_end)
{
    struct told *told = &world->sent[i];
    char status[8], noise[30];
    nghttp2_nv fields[3];

    fields[0] = field(":status", "103");
    fields[1] = field("link", "</a.css>");
    if (roll(world, 3) == 0) {
        told->interims++;
        send_block(world, HTTP2_SERVER, 2 * i + 1, false, fields, 2);
    }
    told->status = 200 + roll(world, 300);
    snprintf(status, sizeof status, "%u", told->status);
    snprintf(noise, sizeof noise, "made up %u", roll(world, 100000));
    fields[0] = field(":status", status);
    fields[1] = field("server", noise);
    send_block(world, HTTP2_SERVER, 2 * i + 1, is_end, fields, 2);
}

/* One side changes the HPACK table that it offers; the other one says ACK and uses it. */
static void
change_table(struct world *world, enum http2_side side)
{
    static const uint32_t sizes[] = { 0, 64, 4096, 65536, 300 };
    uint32_t size = sizes[roll(world, COUNT_OF(sizes))];
    struct buf setting;

    buf_init(&setting, 64);
    buf_add(&setting, "\0\1", 2);
    buf_add_u32(&setting, size);
    send_frame(world, side, SETTINGS, 0, 0, buf_str(&setting));
    send_frame(world, !side, SETTINGS, ACK, 0, STR(""));
    nghttp2_hd_deflate_change_table_size(world->deflaters[!side], size);
    buf_release(&setting);
}

static void
send_between(struct world *world)
{
    enum http2_side side = roll(world, 2);

    switch (roll(world, 12)) {
    case 0:
        change_table(world, side);
        break;
    case 1:
        send_frame(world, side, PING, 0, 0, STR("12345678"));
        break;
    case 2:
        send_frame(world, side, WINDOW_UPDATE, 0, 0, STR("\0\0\1\0"));
        break;
    case 3:
        send_frame(world, side, 0xbb, 0xff, 7, STR("who knows"));
        break;
    default:
        break;
    }
}

/* The next thing on stream i; returns false when it is over. Ids must rise, so streams begin in their order. */
static bool
advance(struct world *world, unsigned i)
{
    nghttp2_nv trailer = field("x-sum", "1");
    uint32_t stream = 2 * i + 1;

    switch (world->step[i]) {
    case 0:
        if (i > 0 && world->step[i - 1] == 0)
            return true;
        world->step[i] = roll(world, 2) == 0 ? 2 : 1;
        send_request(world, i, world->step[i] == 2);
        return true;
    case 1:
        world->step[i] = 1 + roll(world, 2);
        send_body(world, HTTP2_CLIENT, stream, &world->sent[i].body[HTTP2_CLIENT], world->step[i] == 2);
        return true;
    case 2:
        world->step[i] = roll(world, 4) == 0 ? 4 : 3;
        send_response(world, i, world->step[i] == 4);
        return true;
    case 3:
        world->step[i] = 3 + roll(world, 2);
        if (world->step[i] == 4 && roll(world, 3) == 0)
            send_block(world, HTTP2_SERVER, stream, true, &trailer, 1);
        else
            send_body(world, HTTP2_SERVER, stream, &world->sent[i].body[HTTP2_SERVER], world->step[i] == 4);
        return true;
    default:
        return false;
    }
}

/* --- tests ----------------------------------------------------------------------------------------- */

static void
world_open(struct world *world, uint32_t seed)
{
    *world = (struct world){ .connection = http2_new(), .random = seed * 2654435761u + 1 };
    assert_non_null(world->connection);
    for (int side = 0; side < 2; side++)
        assert_int_equal(nghttp2_hd_deflate_new(&world->deflaters[side], 4096), 0);
    for (unsigned i = 0; i < STREAMS; i++)
        for (int side = 0; side < 2; side++) {
            buf_init(&world->sent[i].body[side], 1 << 20);
            buf_init(&world->got[i].body[side], 1 << 20);
        }
    feed(world, HTTP2_CLIENT, STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    send_frame(world, HTTP2_CLIENT, SETTINGS, 0, 0, STR(""));
    send_frame(world, HTTP2_SERVER, SETTINGS, 0, 0, STR(""));
    send_frame(world, HTTP2_SERVER, SETTINGS, ACK, 0, STR(""));
    send_frame(world, HTTP2_CLIENT, SETTINGS, ACK, 0, STR(""));
}

static void
world_close(struct world *world)
{
    for (unsigned i = 0; i < STREAMS; i++)
        for (int side = 0; side < 2; side++) {
            buf_release(&world->sent[i].body[side]);
            buf_release(&world->got[i].body[side]);
        }
    for (int side = 0; side < 2; side++)
        nghttp2_hd_deflate_del(world->deflaters[side]);
    http2_free(world->connection);
}

static void
what_was_sent_is_read(void **state)
{
    struct world world;

    (void)state;
    for (uint32_t seed = 1; seed <= CASES; seed++) {
        unsigned over = 0;

        world_open(&world, seed);
        while (over < STREAMS) {
            over = 0;
            for (unsigned i = 0; i < STREAMS; i++)
                over += roll(&world, 2) == 0 && !advance(&world, i);
            send_between(&world);
        }
        if (world.is_opaque)
            fail_msg("seed %u: %s", seed, http2_error_text(http2_error(world.connection)));
        for (unsigned i = 0; i < STREAMS; i++) {
            const struct told *sent = &world.sent[i], *got = &world.got[i];

            assert_string_equal(got->path, sent->path);
            assert_string_equal(got->cookie, sent->cookie);
            assert_int_equal(got->status, sent->status);
            assert_int_equal(got->interims, sent->interims);
            assert_int_equal(got->ends, 2);
            for (int side = 0; side < 2; side++)
                assert_true(str_eq(buf_str(&got->body[side]), buf_str(&sent->body[side])));
        }
        assert_true(http2_idle(world.connection));
        world_close(&world);
    }
}

struct hostile {
    unsigned type, flags;
    uint32_t stream;
    struct str payload;
    enum http2_error error;
};

static void
broken_rules_end_the_reading(void **state)
{
    static const char big[16385] = { 0 };
    const struct hostile rows[] = {
        { DATA, 0, 1, { big, sizeof big }, HTTP2_BAD_FRAME_SIZE },
        { HEADERS, END_HEADERS, 1, STR_INIT("\xff\xff\xff\xff\xff\xff"), HTTP2_BAD_COMPRESSION },
        { HEADERS, END_HEADERS, 1, STR_INIT("\x40\x05:"), HTTP2_BAD_COMPRESSION },
        { HEADERS, END_HEADERS, 0, STR_INIT("\x82"), HTTP2_BAD_STREAM },
        { HEADERS, END_HEADERS, 2, STR_INIT("\x82"), HTTP2_BAD_STREAM },
        { HEADERS, END_HEADERS | PADDED, 1, STR_INIT("\x05\x82"), HTTP2_BAD_PADDING },
        { HEADERS, END_HEADERS | WITH_PRIORITY, 1, STR_INIT("\x05\x82"), HTTP2_BAD_FRAME_SIZE },
        { DATA, 0, 1, STR_INIT("x"), HTTP2_BAD_STREAM },
        { RST_STREAM, 0, 1, STR_INIT("\0\0\0\0"), HTTP2_BAD_STREAM },
        { CONTINUATION, END_HEADERS, 1, STR_INIT("\x82"), HTTP2_BAD_SEQUENCE },
        { SETTINGS, 0, 0, STR_INIT("\0\1\0\0\0"), HTTP2_BAD_FRAME_SIZE },
        { SETTINGS, ACK, 0, STR_INIT("\0\1\0\0\0\0"), HTTP2_BAD_FRAME_SIZE },
        { SETTINGS, 0, 0, STR_INIT("\0\5\0\0\0\1"), HTTP2_BAD_SETTING },
        { SETTINGS, 0, 1, STR_INIT(""), HTTP2_BAD_STREAM },
        { PING, 0, 0, STR_INIT(""), HTTP2_BAD_FRAME_SIZE },
        { PUSH_PROMISE, END_HEADERS, 1, STR_INIT("\0\0\0\2\x82"), HTTP2_BAD_STREAM },
    };
    struct world world;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world_open(&world, (uint32_t)i + 1);
        assert_int_equal(http2_error(world.connection), HTTP2_NO_ERROR);
        send_frame(&world, HTTP2_CLIENT, rows[i].type, rows[i].flags, rows[i].stream, rows[i].payload);
        if (http2_error(world.connection) != rows[i].error)
            fail_msg("row %zu: %s", i, http2_error_text(http2_error(world.connection)));
        world_close(&world);
    }
    world_open(&world, 1); /* pieces of a head without end */
    send_frame(&world, HTTP2_CLIENT, HEADERS, 0, 1, STR(""));
    for (int i = 0; i < 100 && !world.is_opaque; i++)
        send_frame(&world, HTTP2_CLIENT, CONTINUATION, 0, 1, STR(""));
    assert_int_equal(http2_error(world.connection), HTTP2_TOO_MANY_FRAMES);
    world_close(&world);
    world_open(&world, 1); /* settings that nobody acknowledges */
    for (int i = 0; i < 100 && !world.is_opaque; i++)
        send_frame(&world, HTTP2_CLIENT, SETTINGS, 0, 0, STR("\0\1\0\0\0\0"));
    assert_int_equal(http2_error(world.connection), HTTP2_TOO_MANY_FRAMES);
    world_close(&world);
}

/* What a GOAWAY refuses is told when it was read, whether more bytes come with it, later, or never. */
static void
refused_requests_are_told_with_the_goaway(void **state)
{
    struct http2_message message;
    struct world world;
    struct buf out;
    struct str input;

    (void)state;
    world_open(&world, 1);
    for (uint32_t stream = 1; stream <= 5; stream += 2)
        send_frame(&world, HTTP2_CLIENT, HEADERS, END_HEADERS, stream, STR("\x82\x87\x84\x41\x07SP.test"));
    buf_init(&out, 1 << 20);
    put_frame(&out, GOAWAY, 0, 0, STR("\0\0\0\1\0\0\0\0"));
    put_frame(&out, DATA, 0, 0, STR("on no stream"));
    input = buf_str(&out);
    for (uint32_t stream = 3; stream <= 5; stream += 2) {
        assert_int_equal(http2_next(world.connection, HTTP2_SERVER, &input, &message), HTTP2_RESET);
        assert_int_equal(message.stream, stream);
        assert_int_equal(message.code, 7);
    }
    assert_int_equal(http2_next(world.connection, HTTP2_SERVER, &input, &message), HTTP2_OPAQUE);
    buf_release(&out);
    world_close(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sent_is_read),
        cmocka_unit_test(broken_rules_end_the_reading),
        cmocka_unit_test(refused_requests_are_told_with_the_goaway),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
