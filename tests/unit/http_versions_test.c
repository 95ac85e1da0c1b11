/* SPDX-License-Identifier: MIT */
#include <nghttp2/nghttp2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "find.h"
#include "http1.h"
#include "http2.h"

/* The same exchange over HTTP/1.1 (with a length, in chunks, until the connection closes) and over HTTP/2. */
enum { ROOM = 1 << 20, MAX_FIELDS = 6 };
enum { DATA = 0, HEADERS = 1, SETTINGS = 4, END_STREAM = 1, END_HEADERS = 4, ACK = 1 };
enum framing { LENGTH, CHUNKS, UNTIL_CLOSE, HTTP_2, FRAMING_COUNT };

struct field {
    const char *name, *value;
};

/* Names are in lower case: HTTP/2 has no others. */
static const struct row {
    const char *what, *method, *path, *request_body, *status, *response_body;
    struct field request[MAX_FIELDS], response[MAX_FIELDS];
    size_t messages;
} rows[] = {
    { "a page",
      "GET",
      "/start?a=%2f&b=+",
      "",
      "200",
      "<html><p>hello</p></html>",
      { { "cookie", "a=b; c=d" } },
      { { "content-type", "text/html" }, { "set-cookie", "a=b" }, { "set-cookie", "c=d" } },
      0 },
    { "a posted message",
      "POST",
      "/acs",
      "SAMLResponse=PHg6UmVzcG9uc2UvPg%3D%3D&RelayState=a",
      "302",
      "",
      { { "content-type", "application/x-www-form-urlencoded" }, { "origin", "null" } },
      { { "location", "/home?x=%zz" } },
      1 },
    { "a message in the URL",
      "GET",
      "/sso?SAMLRequest=s6nQtwMA",
      "",
      "404",
      "none",
      { { "accept", "*/*" } },
      { { "content-type", "text/plain" } },
      1 },
    { "a page that posts",
      "GET",
      "/go",
      "",
      "200",
      "<form method=post action=https://sp.test/acs><input name=SAMLResponse value=PHg6UmVzcG9uc2UvPg==></form>",
      { { "accept", "text/html" } },
      { { "content-type", "text/html; charset=utf-8" } },
      1 },
    { "an empty answer",
      "POST",
      "/beacon",
      "{\"a\":1}",
      "200",
      "",
      { { "content-type", "application/json" } },
      { { "server", "x" } },
      0 },
    { "a message behind its coding",
      "GET",
      "/deflated",
      "",
      "200",
      "\x4b\xd4\x49\xd2\x49\x06\x00",
      { { "accept-encoding", "deflate" } },
      { { "content-encoding", "deflate" } },
      0 },
};

static struct str
body_of(const char *text)
{
    return str_from(text);
}

/* --- HTTP/1.1 --- */

static void
put_body(struct buf *out, struct str body, enum framing framing)
{
    if (framing == LENGTH && body.len > 0)
        buf_printf(out, "Content-Length: %zu\r\n", body.len);
    buf_add_c(out, framing == CHUNKS ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
    if (framing != CHUNKS) {
        buf_add_str(out, body);
        return;
    }
    for (size_t at = 0; at < body.len; at += 7) {
        struct str piece = str_slice(body, at, 7);

        buf_printf(out, "%zX;x=y\r\n", piece.len);
        buf_add_str(out, piece);
        buf_add_c(out, "\r\n");
    }
    buf_add_c(out, "0\r\nX-Trailer: 1\r\n\r\n");
}

static void
read_side(struct arena *arena, struct http1_pair *pair, enum http1_side side, struct str bytes, bool closes,
          struct exchange *exchange)
{
    struct body *body = side == HTTP1_REQUEST ? &exchange->request_body : &exchange->response_body;
    enum http1_event event;
    struct str slice;
    struct buf kept;

    buf_init(&kept, ROOM);
    while ((event = http1_pair_next(pair, side, &bytes, &slice)) != HTTP1_MORE && event != HTTP1_OPAQUE) {
        if (event == HTTP1_HEAD)
            assert_true(http1_copy_head(arena, side == HTTP1_REQUEST ? &pair->request : &pair->response, exchange));
        else if (event == HTTP1_BODY)
            buf_add_str(&kept, slice);
        else
            assert_int_equal(event, HTTP1_END);
    }
    if (closes)
        assert_int_equal(http1_pair_eof(pair, side), HTTP1_END);
    *body = (struct body){ arena_copy(arena, buf_str(&kept)), kept.len, false };
    buf_release(&kept);
}

static void
over_http1(struct arena *arena, const struct row *row, enum framing framing, struct exchange *exchange)
{
    struct http1_pair pair;
    struct buf request, response;

    http1_pair_init(&pair);
    buf_init(&request, ROOM);
    buf_init(&response, ROOM);
    buf_printf(&request, "%s %s HTTP/1.1\r\nhost: sp.test\r\n", row->method, row->path);
    for (const struct field *field = row->request; field->name != NULL; field++)
        buf_printf(&request, "%s: %s\r\n", field->name, field->value);
    put_body(&request, body_of(row->request_body), row->request_body[0] != '\0' && framing == CHUNKS ? CHUNKS : LENGTH);
    buf_printf(&response, "HTTP/1.1 %s Whatever\r\n", row->status);
    for (const struct field *field = row->response; field->name != NULL; field++)
        buf_printf(&response, "%s: %s\r\n", field->name, field->value);
    if (framing == LENGTH && row->response_body[0] == '\0')
        buf_add_c(&response, "Content-Length: 0\r\n");
    put_body(&response, body_of(row->response_body), framing);
    read_side(arena, &pair, HTTP1_REQUEST, buf_str(&request), false, exchange);
    read_side(arena, &pair, HTTP1_RESPONSE, buf_str(&response), framing == UNTIL_CLOSE, exchange);
    assert_true(framing == UNTIL_CLOSE || http1_pair_idle(&pair));
    http1_pair_release(&pair);
    buf_release(&request);
    buf_release(&response);
}

/* --- HTTP/2 --- */

struct connection {
    struct arena *arena;
    struct http2_connection *reader;
    struct exchange *exchange;
    struct buf body[2];
};

static void
feed(struct connection *connection, enum http2_side side, struct str bytes)
{
    struct http2_message message;
    enum http2_event event;

    while ((event = http2_next(connection->reader, side, &bytes, &message)) != HTTP2_MORE) {
        if (event == HTTP2_HEAD)
            assert_true(http2_copy_head(connection->arena, &message, connection->exchange));
        else if (event == HTTP2_BODY)
            buf_add_str(&connection->body[side], message.slice);
        else
            assert_int_equal(event, HTTP2_END);
    }
}

static void
send(struct connection *connection, enum http2_side side, unsigned type, unsigned flags, struct str payload)
{
    struct buf out;

    buf_init(&out, ROOM);
    buf_add_byte(&out, (char)(payload.len >> 16));
    buf_add_byte(&out, (char)(payload.len >> 8));
    buf_add_byte(&out, (char)payload.len);
    buf_add_byte(&out, (char)type);
    buf_add_byte(&out, (char)flags);
    buf_add_u32(&out, type == SETTINGS ? 0 : 1);
    buf_add_str(&out, payload);
    feed(connection, side, buf_str(&out));
    buf_release(&out);
}

static void
set(nghttp2_nv *nv, const char *name, const char *value)
{
    *nv = (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name,
                        .value = (uint8_t *)(uintptr_t)value,
                        .namelen = strlen(name),
                        .valuelen = strlen(value) };
}

static void
send_message(struct connection *connection, enum http2_side side, nghttp2_nv *fields, size_t count,
             const struct field *more, struct str body)
{
    nghttp2_hd_deflater *deflater;
    uint8_t block[2048];
    ssize_t length;

    for (; more->name != NULL; more++)
        set(&fields[count++], more->name, more->value);
    assert_int_equal(nghttp2_hd_deflate_new(&deflater, 4096), 0);
    length = nghttp2_hd_deflate_hd(deflater, block, sizeof(block), fields, count);
    nghttp2_hd_deflate_del(deflater);
    assert_true(length > 0);
    send(connection, side, HEADERS, END_HEADERS | (body.len == 0 ? END_STREAM : 0),
         (struct str){ (const char *)block, (size_t)length });
    for (size_t at = 0; at < body.len; at += 7)
        send(connection, side, DATA, at + 7 >= body.len ? END_STREAM : 0, str_slice(body, at, 7));
}

static void
over_http2(struct arena *arena, const struct row *row, struct exchange *exchange)
{
    struct connection connection = { .arena = arena, .reader = http2_new(), .exchange = exchange };
    nghttp2_nv fields[MAX_FIELDS + 4];

    assert_non_null(connection.reader);
    for (int side = 0; side < 2; side++)
        buf_init(&connection.body[side], ROOM);
    feed(&connection, HTTP2_CLIENT, STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    for (int side = 0; side < 2; side++)
        send(&connection, side, SETTINGS, 0, STR(""));
    for (int side = 0; side < 2; side++)
        send(&connection, side, SETTINGS, ACK, STR(""));
    set(&fields[0], ":method", row->method);
    set(&fields[1], ":scheme", "https");
    set(&fields[2], ":path", row->path);
    set(&fields[3], ":authority", "sp.test");
    send_message(&connection, HTTP2_CLIENT, fields, 4, row->request, body_of(row->request_body));
    set(&fields[0], ":status", row->status);
    send_message(&connection, HTTP2_SERVER, fields, 1, row->response, body_of(row->response_body));
    for (int side = 0; side < 2; side++) {
        struct str bytes = arena_copy(arena, buf_str(&connection.body[side]));

        *(side == HTTP2_CLIENT ? &exchange->request_body : &exchange->response_body) =
            (struct body){ bytes, bytes.len, false };
        buf_release(&connection.body[side]);
    }
    assert_true(http2_idle(connection.reader));
    http2_free(connection.reader);
}

/* --- comparing --- */

/* What belongs to the framing and not to the exchange. */
static void
drop_framing(struct headers *headers)
{
    size_t kept = 0;

    for (size_t i = 0; i < headers->count; i++)
        if (!str_eq_nocase(headers->items[i].name, STR("Content-Length")) &&
            !str_eq_nocase(headers->items[i].name, STR("Transfer-Encoding")))
            headers->items[kept++] = headers->items[i];
    headers->count = kept;
}

static struct str
tell(struct arena *arena, const struct row *row, enum framing framing)
{
    struct exchange exchange = { .scheme = STR("https"), .host = STR("sp.test"), .port = 443 };
    struct messages messages = { 0 };
    struct str told;
    struct buf out;

    if (framing == HTTP_2)
        over_http2(arena, row, &exchange);
    else
        over_http1(arena, row, framing, &exchange);
    assert_true(find_messages(arena, &exchange, NULL, &messages));
    if (messages.count != row->messages)
        fail_msg("%s, framing %d: %zu messages", row->what, (int)framing, messages.count);
    assert_true(str_eq_c(exchange.version, framing == HTTP_2 ? "HTTP/2" : "HTTP/1.1"));
    exchange.version = exchange.reason = (struct str){ 0 };
    drop_framing(&exchange.request_headers);
    drop_framing(&exchange.response_headers);
    buf_init(&out, ROOM);
    exchange_write(&out, &exchange);
    for (size_t i = 0; i < messages.count; i++)
        buf_printf(&out, "%d %.*s", (int)messages.items[i].binding, STR_ARG(messages.items[i].xml));
    told = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return told;
}

static void
framing_makes_no_difference(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(4 << 20);
        struct str wanted = tell(arena, &rows[i], LENGTH);

        for (enum framing framing = CHUNKS; framing < FRAMING_COUNT; framing++)
            if (!str_eq(tell(arena, &rows[i], framing), wanted))
                fail_msg("%s: framing %d gives another exchange", rows[i].what, (int)framing);
        arena_free(arena);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(framing_makes_no_difference) };
    const char *why;

    if (!saml_library_init(&why))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
