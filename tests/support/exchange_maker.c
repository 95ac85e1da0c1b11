/* SPDX-License-Identifier: MIT */
#include "exchange_maker.h"

#include <string.h>
#include <zlib.h>

#include "base64.h"
#include "json_text.h"

enum { MAX_TEXT = 1 << 16 };

#define XML "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r%u\">\xc3\xa9</p:Response>"

static uint32_t
roll(struct exchange_maker *maker, uint32_t sides)
{
    maker->random ^= maker->random << 13;
    maker->random ^= maker->random >> 17;
    maker->random ^= maker->random << 5;
    return maker->random % sides;
}

#define PICK(maker, array) ((array)[roll(maker, COUNT_OF(array))])

static const struct str odd_texts[] = {
    STR_INIT("plain"),
    STR_INIT(""),
    STR_INIT("two words"),
    STR_INIT("\"quoted\\\" and \\u0041"),
    STR_INIT("h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x98\x80"),
    STR_INIT("latin \xe9\xff"),
    STR_INIT("nul \0 inside"),
    STR_INIT("\x01\x1f\x7f\t\r\n"),
    STR_INIT("\xed\xa0\x80 surrogate \xc0\xaf overlong"),
    STR_INIT("]}},{\"request\":{"),
    STR_INIT("a=b; c=\"d\"; e"),
    STR_INIT("%zz %C3%A9 %E9 100%"),
};

static struct str
odd_text(struct exchange_maker *maker)
{
    return PICK(maker, odd_texts);
}

/* --- messages and forms ------------------------------------------------------------------------------------ */

static void
add_deflated(struct buf *out, struct str text)
{
    unsigned char room[1024];
    z_stream stream = { 0 };

    if (deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return;
    stream.next_in = (unsigned char *)(uintptr_t)text.ptr;
    stream.avail_in = (uInt)text.len;
    stream.next_out = room;
    stream.avail_out = sizeof(room);
    deflate(&stream, Z_FINISH);
    buf_add(out, room, stream.total_out);
    deflateEnd(&stream);
}

/* The value of a SAMLResponse: right for one of the bindings, or wrong in some way. */
static struct str
message_value(struct exchange_maker *maker, struct arena *arena)
{
    struct str xml = arena_printf(arena, XML, roll(maker, 1000)), value;
    struct buf bytes, text;

    buf_init(&bytes, MAX_TEXT);
    buf_init(&text, MAX_TEXT);
    switch (roll(maker, 6)) {
    case 0:
        buf_add_str(&text, odd_text(maker));
        break;
    case 1:
        buf_add_str(&bytes, odd_text(maker));
        base64_encode(&text, buf_str(&bytes));
        break;
    case 2:
    case 3:
        add_deflated(&bytes, xml);
        base64_encode(&text, buf_str(&bytes));
        break;
    default:
        base64_encode(&text, xml);
        if (roll(maker, 4) == 0 && text.len > 0)
            text.bytes[roll(maker, (uint32_t)text.len)] = '*';
    }
    value = arena_copy(arena, buf_str(&text));
    buf_release(&bytes);
    buf_release(&text);
    return value;
}

static struct str
form(struct exchange_maker *maker, struct arena *arena)
{
    static const struct str names[] = { STR_INIT("SAMLResponse"), STR_INIT("SAMLRequest"), STR_INIT("RelayState"),
                                        STR_INIT("wresult"),      STR_INIT("a b"),         STR_INIT("\xc3\xa9") };
    struct str text;
    struct buf out;

    buf_init(&out, MAX_TEXT);
    for (uint32_t i = roll(maker, 4); i > 0; i--) {
        struct str name = PICK(maker, names);

        json_text_add_pair(&out, name, str_starts_c(name, "SAML") ? message_value(maker, arena) : odd_text(maker),
                           false);
    }
    text = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return text;
}

/* --- parts of an exchange ---------------------------------------------------------------------------------- */

static struct str
target(struct exchange_maker *maker, struct arena *arena)
{
    static const struct str paths[] = { STR_INIT("/"), STR_INIT("/acs"), STR_INIT("/a%2Fb/%e9"), STR_INIT("/x;p=%zz"),
                                        STR_INIT("/h\xc3\xa9") };
    static const struct str queries[] = { STR_INIT("?"),
                                          STR_INIT("?a=b&c"),
                                          STR_INIT("?q=100%"),
                                          STR_INIT("?x=%E9"),
                                          STR_INIT("?a=+%2f;b=%C3%A9?c"),
                                          STR_INIT("?=&&&=%"),
                                          STR_INIT("?u=https%3A%2F%2Fa%3Fb") };
    struct str path = PICK(maker, paths), query;

    switch (roll(maker, 4)) {
    case 0:
        return path;
    case 1:
        query = form(maker, arena);
        return arena_printf(arena, "%.*s?%.*s", STR_ARG(path), STR_ARG(query));
    default:
        query = PICK(maker, queries);
        return arena_printf(arena, "%.*s%.*s", STR_ARG(path), STR_ARG(query));
    }
}

static struct headers
headers(struct exchange_maker *maker, struct arena *arena, const char *type)
{
    static const struct str names[] = { STR_INIT("Cookie"),     STR_INIT("set-cookie"), STR_INIT("X-Odd"),
                                        STR_INIT("set-cookie"), STR_INIT("LOCATION"),   STR_INIT("Authorization") };
    struct headers list = { 0 };
    bool done = type == NULL || json_text_add_header(arena, &list, STR("Content-Type"), str_from(type));

    for (uint32_t i = roll(maker, 5); done && i > 0; i--)
        done = json_text_add_header(arena, &list, PICK(maker, names), odd_text(maker));
    return list;
}

static void
add_coding(struct exchange_maker *maker, struct arena *arena, struct exchange *exchange)
{
    struct buf packed;
    bool done;

    if (roll(maker, 2) == 0) {
        done = json_text_add_header(arena, &exchange->response_headers, STR("Content-Encoding"), STR("sdch"));
        exchange->response_body.cut = exchange->response_body.cut || !done;
        return;
    }
    buf_init(&packed, MAX_TEXT);
    add_deflated(&packed, exchange->response_body.bytes);
    exchange->response_body.bytes = arena_copy(arena, buf_str(&packed));
    buf_release(&packed);
    done = json_text_add_header(arena, &exchange->response_headers, STR("content-encoding"), STR("deflate"));
    exchange->response_body.cut = exchange->response_body.cut || !done;
}

static struct body
body(struct exchange_maker *maker, struct str bytes)
{
    struct body made = { bytes, bytes.len, false };

    if (roll(maker, 5) == 0)
        made = (struct body){ { 0 }, roll(maker, 3) * 1000, false };
    else if (roll(maker, 6) == 0)
        made = (struct body){ bytes, bytes.len + 100, true };
    return made;
}

bool
exchange_maker_next(struct exchange_maker *maker, struct arena *arena, struct exchange *exchange)
{
    static const struct str methods[] = { STR_INIT("GET"), STR_INIT("POST"), STR_INIT("PUT") };
    static const struct str versions[] = { STR_INIT("HTTP/1.1"), STR_INIT("HTTP/2"), STR_INIT("") };
    static const unsigned statuses[] = { 0, 101, 200, 302, 404, 599 };
    bool https = roll(maker, 3) > 0, has_form = roll(maker, 2) > 0;

    *exchange = (struct exchange){ .connection = roll(maker, 3), .number = ++maker->made, .host = STR("sp.test") };
    exchange->scheme = https ? STR("https") : STR("http");
    exchange->port = roll(maker, 2) > 0 ? 8443 : https ? 443 : 80;
    exchange->started_ms = roll(maker, 8) == 0 ? 0 : INT64_C(1767225600000) + roll(maker, 100000);
    exchange->finished_ms = exchange->started_ms + roll(maker, 3000);
    exchange->client = roll(maker, 2) > 0 ? STR("127.0.0.1") : (struct str){ 0 };
    exchange->method = PICK(maker, methods);
    exchange->version = PICK(maker, versions);
    exchange->target = target(maker, arena);
    exchange->request_headers = headers(maker, arena, has_form ? "application/x-www-form-urlencoded" : NULL);
    if (!str_eq_c(exchange->method, "GET"))
        exchange->request_body = body(maker, has_form ? form(maker, arena) : odd_text(maker));
    exchange->status = PICK(maker, statuses);
    exchange->reason = exchange->status == 0 ? (struct str){ 0 } : odd_text(maker);
    exchange->response_headers = headers(maker, arena, roll(maker, 2) > 0 ? "text/html" : NULL);
    exchange->response_body = body(maker, odd_text(maker));
    if (str_present(exchange->response_body.bytes) && roll(maker, 3) == 0)
        add_coding(maker, arena, exchange);
    if (roll(maker, 5) == 0) {
        exchange->problem = (enum exchange_problem)roll(maker, EXCHANGE_PROBLEM_COUNT);
        exchange->problem_text = odd_text(maker);
    }
    return !arena_failed(arena);
}
