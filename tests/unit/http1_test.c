/* SPDX-License-Identifier: MIT */
#include "http1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/*
 * A row is a conversation: what the client sent, what the server sent, whether each then closed, and
 * the transcript that must come out whatever the splits. Events: H head, I interim, B[bytes] body,
 * . end, C cut, O opaque (s: switched, e: error), followed by deviations in braces where there are any.
 */
struct row {
    const char *name;
    struct str request;
    struct str response;
    bool eof;
    const char *wanted;
};

#define BYTES(literal) STR_INIT(literal)
#define GET "GET /a?b=%2f HTTP/1.1\r\nHost: h.test\r\n\r\n"
#define GET_SEEN "H(GET /a?b=%2f 1)."

static const struct row rows[] = {
    { "get", BYTES(GET), BYTES("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"), false, GET_SEEN "|H(200 1)B[abc]." },
    { "post", BYTES("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab\r\n"), BYTES(""), false,
      "H(POST / 1)B[ab\r\n].|" },
    { "no reason", BYTES(GET), BYTES("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), false, GET_SEEN "|H(200 1)." },
    { "chunked", BYTES(GET),
      BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
            "chunked\r\n\r\n3\r\nabc\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n"),
      false, GET_SEEN "|H(200 1)B[abcabcdefghijklmnopqrstuvwxyz]." },
    { "chunk extension and trailers", BYTES(GET),
      BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\"b\"\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n"), false,
      GET_SEEN "|H(200 1)B[x].{chunk-extension,trailers}" },
    { "chunk blank", BYTES(GET), BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n0  \r\n\r\n"),
      false, GET_SEEN "|H(200 1)B[x].{chunk-blank}" },
    { "chunk size without digits", BYTES(GET), BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n"),
      false, GET_SEEN "|H(200 1)Oe{bad-chunk}" },
    { "chunk size with 0x", BYTES(GET), BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n"),
      false, GET_SEEN "|H(200 1)Oe{bad-chunk}" },
    { "chunk size with sign", BYTES(GET), BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\nx\r\n"),
      false, GET_SEEN "|H(200 1)Oe{bad-chunk}" },
    { "chunk size of 17 digits", BYTES(GET),
      BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000001\r\nx\r\n"), false,
      GET_SEEN "|H(200 1)Oe{bad-chunk}" },
    { "chunk size of 16 digits", BYTES(GET),
      BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0000000000000001\r\nx\r\n0\r\n\r\n"), false,
      GET_SEEN "|H(200 1)B[x]." },
    { "bare LF behind chunk size", BYTES(GET), BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n"),
      false, GET_SEEN "|H(200 1)Oe{bad-chunk}" },
    { "bare LF in extension", BYTES(GET), BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nx\r\n"),
      false, GET_SEEN "|H(200 1)Oe{chunk-extension,bad-chunk}" },
    { "chunk longer than said", BYTES(GET), BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n"),
      false, GET_SEEN "|H(200 1)B[x]Oe{bad-chunk}" },
    { "chunk cut", BYTES(GET), BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nxy"), true,
      GET_SEEN "|H(200 1)B[xy]C" },
    { "until close", BYTES(GET), BYTES("HTTP/1.0 200 OK\r\n\r\nabc"), true, GET_SEEN "|H(200 1)B[abc]." },
    { "until close, empty", BYTES(GET), BYTES("HTTP/1.0 200 OK\r\n\r\n"), true, GET_SEEN "|H(200 1)." },
    { "length cut", BYTES(GET), BYTES("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), true,
      GET_SEEN "|H(200 1)B[abc]C" },
    { "head cut", BYTES(GET), BYTES("HTTP/1.1 200 OK\r\nConte"), true, GET_SEEN "|C" },
    { "nothing", BYTES(""), BYTES(""), true, "|" },
    { "continue", BYTES("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx"),
      BYTES("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"),
      false, "H(POST / 1)B[x].|I(100 1)I(103 1)H(204 1)." },
    { "head method", BYTES("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"),
      BYTES("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nHTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n"), false,
      "H(HEAD / 1).|H(200 1).H(408 0).{unasked}" },
    { "304 with length", BYTES(GET), BYTES("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n"), false,
      GET_SEEN "|H(304 1)." },
    { "204 with chunked", BYTES(GET), BYTES("HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n"), false,
      GET_SEEN "|H(204 1)." },
    { "switching", BYTES(GET), BYTES("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x02hi"), false,
      GET_SEEN "|H(101 1).Os" },
    { "connect", BYTES("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"),
      BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\x16\x03\x01"), false, "H(CONNECT h:443 1).|H(200 1).Os" },
    { "connect refused", BYTES("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"),
      BYTES("HTTP/1.1 403 No\r\nContent-Length: 1\r\n\r\nx"), false, "H(CONNECT h:443 1).|H(403 1)B[x]." },
    { "pipeline", BYTES(GET "HEAD /b HTTP/1.1\r\nHost: h\r\n\r\n" GET),
      BYTES("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nHTTP/1.1 200 "
            "OK\r\nContent-Length: 1\r\n\r\n3"),
      false, GET_SEEN "H(HEAD /b 2).H(GET /a?b=%2f 3).|H(200 1)B[1].H(200 2).H(200 3)B[3]." },
    { "not http request", BYTES("\x16\x03\x01\x02"), BYTES(""), false, "Oe{not-http}|" },
    { "http2 preface", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), BYTES(""), false, "Oe{not-http}|" },
    { "not http response", BYTES(GET), BYTES("SSH-2.0-x\r\n"), false, GET_SEEN "|Oe{not-http}" },
    { "http 0.9", BYTES("GET /\r\n"), BYTES(""), false, "|" },
    { "http 0.9 with end", BYTES("GET /\r\n\r\n"), BYTES(""), false, "Oe{not-http}|" },
    { "leading empty line", BYTES("\r\n" GET), BYTES(""), false, "H(GET /a?b=%2f 1).{leading-empty-line}|" },
    { "bare LF", BYTES("GET / HTTP/1.1\nHost: h\n\n"), BYTES(""), false, "H(GET / 1).{bare-lf}|" },
    { "bare CR", BYTES("GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n"), BYTES(""), false, "H(GET / 1).{bare-cr}|" },
    { "control byte", BYTES("GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n"), BYTES(""), false,
      "H(GET / 1).{control-byte}|" },
    { "space before colon", BYTES("GET / HTTP/1.1\r\nHost : h\r\n\r\n"), BYTES(""), false,
      "H(GET / 1).{space-before-colon}|" },
    { "no colon", BYTES("GET / HTTP/1.1\r\nHost: h\r\nA\r\n\r\n"), BYTES(""), false, "H(GET / 1).{field-name}|" },
    { "bad name", BYTES("GET / HTTP/1.1\r\nHost: h\r\nA(: b\r\n\r\n"), BYTES(""), false, "H(GET / 1).{field-name}|" },
    { "blank in target", BYTES("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"), BYTES(""), false, "H(GET /a b 1).{target}|" },
    { "no host", BYTES("GET / HTTP/1.1\r\n\r\n"), BYTES(""), false, "H(GET / 1).{host-missing}|" },
    { "no host in 1.0", BYTES("GET / HTTP/1.0\r\n\r\n"), BYTES(""), false, "H(GET / 1).|" },
    { "two hosts", BYTES("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), BYTES(""), false,
      "H(GET / 1).{host-repeated}|" },
    { "length list", BYTES("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx"), BYTES(""), false,
      "H(POST / 1)B[x].{length-repeated}|" },
    { "lengths differ", BYTES("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"),
      BYTES(""), false, "Oe{bad-length}|" },
    { "length with sign", BYTES("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx"), BYTES(""), false,
      "Oe{bad-length}|" },
    { "length in hex", BYTES("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\nx"), BYTES(""), false,
      "Oe{bad-length}|" },
    { "length over 2^53", BYTES("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9007199254740992\r\n\r\nx"), BYTES(""),
      false, "Oe{bad-length}|" },
    { "folded length", BYTES("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n 2\r\n\r\nx"), BYTES(""), false,
      "Oe{obs-fold,bad-length}|" },
    { "length and chunked",
      BYTES("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      BYTES(""), false, "H(POST / 1).{length-and-chunked}|" },
    { "chunked not last", BYTES("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
      BYTES(""), false, "Oe{transfer-coding}|" },
    { "coding under chunked", BYTES("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
      BYTES(""), false, "H(POST / 1).{transfer-coding}|" },
    { "response coding without chunked", BYTES(GET), BYTES("HTTP/1.1 200 x\r\nTransfer-Encoding: gzip\r\n\r\nab"), true,
      GET_SEEN "|H(200 1)B[ab].{transfer-coding}" },
    { "chunked in 1.0", BYTES(GET), BYTES("HTTP/1.0 200 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), false,
      GET_SEEN "|H(200 1).{transfer-coding-in-1.0}" },
    { "unasked", BYTES(""), BYTES("HTTP/1.1 408 x\r\nContent-Length: 0\r\n\r\n"), false, "|H(408 0).{unasked}" },
};

static void
add_deviations(struct buf *out, const struct http1_reader *reader)
{
    const char *separator = "{";

    for (int i = 0; i < HTTP1_DEVIATION_COUNT; i++)
        if (reader->deviations >> i & 1) {
            buf_printf(out, "%s%s", separator, http1_deviation_name(i));
            separator = ",";
        }
    if (separator[0] == ',')
        buf_add_c(out, "}");
}

struct player {
    struct http1_pair pair;
    struct buf out;
    bool in_body; /* slices are joined in the transcript */
    bool opaque;
};

static void
add_event(struct player *player, const struct http1_reader *reader, enum http1_event event)
{
    struct buf *out = &player->out;

    if (player->in_body)
        buf_add_c(out, "]");
    player->in_body = false;
    if (event == HTTP1_END) {
        buf_add_c(out, ".");
        add_deviations(out, reader);
    } else if (event == HTTP1_OPAQUE) {
        buf_add_c(out, reader->opaque_reason == HTTP1_OPAQUE_SWITCHED ? "Os" : "Oe");
        if (reader->opaque_reason == HTTP1_OPAQUE_ERROR)
            add_deviations(out, reader);
        player->opaque = true;
    } else if (reader->side == HTTP1_REQUEST) {
        buf_printf(out, "H(%.*s %.*s %d)", STR_ARG(reader->method), STR_ARG(reader->target), (int)reader->number);
    } else {
        buf_printf(out, "%c(%u %d)", event == HTTP1_HEAD ? 'H' : 'I', reader->status, (int)reader->number);
    }
}

static void
play(struct player *player, enum http1_side side, struct str input)
{
    const struct http1_reader *reader = side == HTTP1_REQUEST ? &player->pair.request : &player->pair.response;
    struct str slice;

    while (!player->opaque) {
        enum http1_event event = http1_pair_next(&player->pair, side, &input, &slice);

        if (event == HTTP1_MORE)
            break;
        if (event != HTTP1_BODY) {
            add_event(player, reader, event);
            continue;
        }
        assert_true(slice.len > 0);
        if (!player->in_body)
            buf_add_c(&player->out, "B[");
        buf_add_str(&player->out, slice);
        player->in_body = true;
    }
    assert_int_equal(player->opaque ? 0 : input.len, 0);
}

static void
play_eof(struct player *player, enum http1_side side)
{
    enum http1_event event = player->opaque ? HTTP1_MORE : http1_pair_eof(&player->pair, side);
    const struct http1_reader *reader = side == HTTP1_REQUEST ? &player->pair.request : &player->pair.response;

    if (player->in_body)
        buf_add_c(&player->out, "]");
    player->in_body = false;
    if (event == HTTP1_END) {
        buf_add_c(&player->out, ".");
        add_deviations(&player->out, reader);
    } else if (event == HTTP1_CUT) {
        buf_add_c(&player->out, "C");
    }
}

/* Feeds bytes in pieces: at a given cut, or byte by byte (cut SIZE_MAX). */
static void
feed(struct player *player, enum http1_side side, struct str bytes, size_t cut)
{
    if (cut == SIZE_MAX) {
        for (size_t i = 0; i < bytes.len; i++)
            play(player, side, str_slice(bytes, i, 1));
        return;
    }
    play(player, side, str_slice(bytes, 0, cut));
    play(player, side, str_from_offset(bytes, cut));
}

static void
run_row(const struct row *row, size_t request_cut, size_t response_cut)
{
    struct player player = { .in_body = false };

    http1_pair_init(&player.pair);
    buf_init(&player.out, 1 << 20);
    feed(&player, HTTP1_REQUEST, row->request, request_cut);
    if (row->eof)
        play_eof(&player, HTTP1_REQUEST);
    buf_add_c(&player.out, "|");
    player.opaque = false;
    feed(&player, HTTP1_RESPONSE, row->response, response_cut);
    if (row->eof)
        play_eof(&player, HTTP1_RESPONSE);
    if (!str_eq_c(buf_str(&player.out), row->wanted))
        fail_msg("%s, cut at %ld and %ld:\n got %s\nwant %s", row->name, (long)request_cut, (long)response_cut,
                 buf_str(&player.out).ptr, row->wanted);
    buf_release(&player.out);
    http1_pair_release(&player.pair);
}

static void
every_framing_at_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t cut = 0; cut <= rows[i].request.len; cut++)
            run_row(&rows[i], cut, 0);
        for (size_t cut = 0; cut <= rows[i].response.len; cut++)
            run_row(&rows[i], 0, cut);
        run_row(&rows[i], SIZE_MAX, SIZE_MAX);
    }
}

static void
head_fields_are_as_received(void **state)
{
    struct http1_pair pair;
    struct str slice;
    struct str input = STR("GET /p HTTP/1.1\r\nHost:  Sp.Example.com:8443 \r\nX-Long: one\r\n\t two\r\nEmpty:\r\n\r\n");
    struct arena *arena = arena_new(1 << 16);
    struct exchange exchange = { .scheme = STR_INIT("https") };

    (void)state;
    http1_pair_init(&pair);
    assert_true(http1_pair_idle(&pair));
    assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_HEAD);
    assert_int_equal(pair.request.headers.count, 3);
    assert_true(str_eq_c(headers_get(&pair.request.headers, "x-long"), "one  \t two"));
    assert_true(str_present(headers_get(&pair.request.headers, "empty")));
    assert_true(http1_copy_head(arena, &pair.request, &exchange));
    http1_pair_release(&pair);
    assert_true(str_eq_c(exchange.host, "sp.example.com"));
    assert_int_equal(exchange.port, 8443);
    assert_true(str_eq_c(exchange_url(arena, &exchange), "https://sp.example.com:8443/p"));
    arena_free(arena);
}

static void
absolute_form_becomes_origin_form(void **state)
{
    static const struct {
        const char *target, *url;
    } table[] = {
        { "http://Sp.test/a?b", "http://sp.test/a?b" },
        { "http://sp.test:8080?x", "http://sp.test:8080/?x" },
        { "https://u:p@sp.test:443", "https://sp.test/" },
        { "http://[2001:db8::1]:81/", "http://[2001:db8::1]:81/" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct arena *arena = arena_new(1 << 16);
        struct exchange exchange = { 0 };
        struct http1_pair pair;
        struct str input = arena_printf(arena, "GET %s HTTP/1.1\r\nHost: other.test\r\n\r\n", table[i].target), slice;

        http1_pair_init(&pair);
        assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_HEAD);
        assert_true(http1_copy_head(arena, &pair.request, &exchange));
        assert_string_equal(exchange_url(arena, &exchange).ptr, table[i].url);
        http1_pair_release(&pair);
        arena_free(arena);
    }
}

static void
limits_hold(void **state)
{
    struct http1_pair pair;
    struct buf head;
    struct str input, slice;

    (void)state;
    buf_init(&head, 1 << 20);
    buf_add_c(&head, "GET /");
    for (int i = 0; i < 20000; i++)
        buf_add_c(&head, "a");
    buf_add_c(&head, " HTTP/1.1\r\nHost: h\r\n");
    for (int i = 0; i < 150; i++)
        buf_printf(&head, "F%d: x\r\n", i);
    buf_add_c(&head, "Content-Length: 2\r\n\r\n");
    http1_pair_init(&pair);
    input = buf_str(&head);
    assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_HEAD);
    assert_int_equal(pair.request.headers.count, HTTP1_MAX_FIELDS);
    assert_int_equal(pair.request.content_length, 2);
    assert_int_equal(pair.request.deviations, 1u << HTTP1_LINE_TOO_LONG | 1u << HTTP1_TOO_MANY_FIELDS);
    http1_pair_release(&pair);

    buf_reset(&head);
    buf_add_c(&head, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < 10000; i++)
        buf_add_c(&head, "Field: x\r\n");
    http1_pair_init(&pair);
    input = buf_str(&head);
    assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_OPAQUE);
    assert_int_equal(input.len, 0);
    assert_int_equal(pair.request.deviations, 1u << HTTP1_HEAD_TOO_BIG);
    assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_OPAQUE);
    http1_pair_release(&pair);
    buf_release(&head);
}

static void
pipeline_has_a_ceiling(void **state)
{
    struct http1_pair pair;
    struct str slice;

    (void)state;
    http1_pair_init(&pair);
    for (int i = 0; i < HTTP1_MAX_PIPELINE; i++) {
        struct str input = STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

        assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_HEAD);
        assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_END);
    }
    struct str last = STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &last, &slice), HTTP1_OPAQUE);
    assert_true(pair.request.deviations >> HTTP1_PIPELINE_FULL & 1);
    assert_false(http1_pair_idle(&pair));
    http1_pair_release(&pair);
}

static void
switching_makes_requests_opaque(void **state)
{
    struct http1_pair pair;
    struct str input = STR(GET), slice;

    (void)state;
    http1_pair_init(&pair);
    assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_HEAD);
    assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_END);
    input = STR("HTTP/1.1 101 x\r\n\r\n");
    assert_int_equal(http1_pair_next(&pair, HTTP1_RESPONSE, &input, &slice), HTTP1_HEAD);
    input = STR("GET / HTTP/1.1\r\n");
    assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_OPAQUE);
    assert_int_equal(pair.request.opaque_reason, HTTP1_OPAQUE_SWITCHED);
    http1_pair_release(&pair);
}

/* Deviations of a request with one byte of a field's value replaced. */
static uint32_t
deviations_with(char byte, size_t at)
{
    char head[] = "GET / HTTP/1.1\r\nHost: h\r\nA: 0123456789abcdefghijklmnop\r\n\r\n";
    struct http1_pair pair;
    struct str input = { head, sizeof head - 1 }, slice;
    uint32_t deviations;

    strchr(head, '0')[at] = byte;
    http1_pair_init(&pair);
    assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_HEAD);
    deviations = pair.request.deviations;
    http1_pair_release(&pair);
    return deviations;
}

static void
control_bytes_are_seen_wherever_they_are(void **state)
{
    (void)state;
    for (size_t at = 0; at < 26; at++)
        for (int byte = 0; byte < 256; byte++) {
            uint32_t wanted = (byte < 0x20 && byte != '\t') || byte == 0x7f ? 1u << HTTP1_CONTROL_BYTE : 0;

            if (byte == '\n') /* the rest of the value is a line without colon, at the end an empty one */
                wanted = 1u << HTTP1_BARE_LF | (at < 25 ? 1u << HTTP1_FIELD_NAME : 0);
            else if (byte == '\r')
                wanted = 1u << HTTP1_BARE_CR;
            assert_int_equal(deviations_with((char)byte, at), wanted);
        }
}

static void
reset_forgets_everything(void **state)
{
    struct http1_pair pair;
    struct str slice, begun = STR("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"), half = STR("\nGET"),
                      whole = STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), opaque = STR("\x16\x03\x01 \r\n");

    (void)state;
    http1_pair_init(&pair);
    for (int i = 0; i < 3; i++) {
        struct str first = i == 0 ? begun : i == 1 ? half : opaque, input = whole;

        while (first.len > 0)
            http1_pair_next(&pair, HTTP1_REQUEST, &first, &slice);
        http1_pair_reset(&pair);
        assert_true(http1_pair_idle(&pair));
        assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_HEAD);
        assert_int_equal(pair.request.number, 1);
        assert_int_equal(pair.request.deviations, 0);
        assert_int_equal(pair.request.headers.count, 1);
        assert_int_equal(http1_pair_next(&pair, HTTP1_REQUEST, &input, &slice), HTTP1_END);
    }
    http1_pair_release(&pair);
}

static void
every_deviation_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < HTTP1_DEVIATION_COUNT; i++)
        assert_string_not_equal(http1_deviation_name(i), "unknown");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_framing_at_every_split),
        cmocka_unit_test(head_fields_are_as_received),
        cmocka_unit_test(absolute_form_becomes_origin_form),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(pipeline_has_a_ceiling),
        cmocka_unit_test(switching_makes_requests_opaque),
        cmocka_unit_test(control_bytes_are_seen_wherever_they_are),
        cmocka_unit_test(reset_forgets_everything),
        cmocka_unit_test(every_deviation_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
