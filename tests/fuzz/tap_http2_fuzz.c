/* SPDX-License-Identifier: MIT */
#include "tap.h"

#include <string.h>

#include "fuzz.h"

/*
 * The relay's tap over HTTP/2: both directions in turns, as they go by. However bytes are cut, the same
 * exchanges are told, each request once; memory stays within the budget and is all given back.
 *
 * Input: how the connection ends (1 byte, bits of enum tap_side), cut width (1 byte), then turns: side and
 * length (15 bits) in 2 bytes, and the bytes. The client's preface is there already.
 */
enum { BODY = 512, BUDGET = 1500, NOW_MS = 1000 };

struct trace {
    uint64_t told, problems, sum;
    uint64_t requests, unreadable, pushes, left_out;
};

static int64_t
now_ms(void *data)
{
    (void)data;
    return NOW_MS;
}

static void
add(struct trace *trace, struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        trace->sum = (trace->sum ^ (unsigned char)s.ptr[i]) * UINT64_C(1099511628211);
    trace->sum += s.len;
}

static void
add_headers(struct trace *trace, const struct headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        add(trace, headers->items[i].name);
        add(trace, headers->items[i].value);
    }
}

static void
on_told(void *data, struct exchange *exchange)
{
    struct trace *trace = data;

    trace->told++;
    trace->problems += exchange->problem != EXCHANGE_OK;
    add(trace, exchange->method);
    add(trace, exchange->target);
    add(trace, exchange->host);
    add(trace, exchange->problem_text);
    add_headers(trace, &exchange->request_headers);
    add_headers(trace, &exchange->response_headers);
    add(trace, exchange->request_body.bytes);
    add(trace, exchange->response_body.bytes);
    trace->sum += exchange->status + exchange->request_body.size + exchange->response_body.size;
    fuzz_promise(exchange->request_body.bytes.len <= BODY && exchange->response_body.bytes.len <= BODY);
}

static void
feed(struct tap *tap, const struct tap_rules *rules, enum tap_side side, struct str bytes, size_t width)
{
    while (bytes.len > 0) {
        struct str piece = str_slice(bytes, 0, width);

        bytes = str_from_offset(bytes, piece.len);
        tap_bytes(tap, side, piece);
        fuzz_promise(rules->kept <= BUDGET);
    }
}

static void
play(struct str input, size_t width, struct trace *trace)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    struct signin_hosts hosts = { 0 };
    struct tap_rules rules = {
        .body_ceiling = BODY, .budget = BUDGET, .hosts = &hosts, .now_ms = now_ms, .emit = on_told, .data = trace
    };
    const struct tap_origin origin = { .connection = 1,
                                       .client = STR("127.0.0.1"),
                                       .scheme = STR("https"),
                                       .host = STR("sp.test"),
                                       .port = 443,
                                       .is_http2 = true };
    const unsigned char ends = (unsigned char)input.ptr[0];
    struct tap *tap = tap_new(&rules, &origin);

    *trace = (struct trace){ 0 };
    feed(tap, &rules, TAP_REQUEST, STR(preface), width);
    for (input = str_from_offset(input, 2); input.len >= 2;) {
        unsigned head = (unsigned)(unsigned char)input.ptr[0] << 8 | (unsigned char)input.ptr[1];
        struct str turn = str_slice(input, 2, head & 0x7fff);

        feed(tap, &rules, head >> 15 == 0 ? TAP_REQUEST : TAP_RESPONSE, turn, width);
        input = str_from_offset(input, 2 + turn.len);
    }
    for (int side = TAP_REQUEST; side <= TAP_RESPONSE; side++)
        if ((ends >> side & 1) != 0)
            tap_eof(tap, (enum tap_side)side, false);
    trace->requests = tap_requests(tap);
    tap_free(tap);
    fuzz_promise(trace->told == trace->requests);
    fuzz_promise(rules.kept == 0);
    trace->unreadable = rules.unreadable;
    trace->pushes = rules.pushes;
    trace->left_out = rules.left_out;
    tap_rules_release(&rules);
}

static void
run(struct str input)
{
    struct trace whole, cut;

    if (input.len < 2)
        return;
    play(input, SIZE_MAX, &whole);
    play(input, (unsigned char)input.ptr[1] + 1u, &cut);
    fuzz_promise(memcmp(&whole, &cut, sizeof whole) == 0);
}

/* --- seeds ----------------------------------------------------------------------------------------- */

enum { DATA, HEADERS, RST_STREAM = 3, SETTINGS, PUSH_PROMISE, GOAWAY = 7, CONTINUATION = 9 };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4, PADDED = 8 };

/* A turn of one frame. */
static void
put_frame(struct buf *out, enum tap_side side, unsigned type, unsigned flags, uint32_t stream, struct str payload)
{
    size_t len = payload.len + 9;

    buf_add_byte(out, (char)((side == TAP_RESPONSE ? 0x80 : 0) | (len >> 8 & 0x7f)));
    buf_add_byte(out, (char)(len & 0xff));
    buf_add_byte(out, (char)(payload.len >> 16 & 0xff));
    buf_add_byte(out, (char)(payload.len >> 8 & 0xff));
    buf_add_byte(out, (char)(payload.len & 0xff));
    buf_add_byte(out, (char)type);
    buf_add_byte(out, (char)flags);
    buf_add_u32(out, stream);
    buf_add_str(out, payload);
}

/* A form that is posted, and a page; between them a request that is given up. */
static void
put_signin(struct buf *out)
{
    put_frame(out, TAP_REQUEST, SETTINGS, 0, 0, STR(""));
    put_frame(out, TAP_REQUEST, HEADERS, END_HEADERS, 1,
              STR("\x83\x87\x41\x07sp.test\x44\x09/saml/acs\x5f\x21"
                  "application/x-www-form-urlencoded"));
    put_frame(out, TAP_RESPONSE, SETTINGS, 0, 0, STR(""));
    put_frame(out, TAP_RESPONSE, SETTINGS, ACK, 0, STR(""));
    put_frame(out, TAP_REQUEST, DATA, PADDED, 1, STR("\x02SAMLResponse=x\0\0"));
    put_frame(out, TAP_REQUEST, HEADERS, END_STREAM, 3, STR("\x82\x87\x84"));
    put_frame(out, TAP_REQUEST, CONTINUATION, END_HEADERS, 3, STR("\x41\x07sp.test"));
    put_frame(out, TAP_REQUEST, DATA, END_STREAM, 1, STR("&RelayState=r"));
    put_frame(out, TAP_REQUEST, RST_STREAM, 0, 3, STR("\0\0\0\x08"));
    put_frame(out, TAP_RESPONSE, PUSH_PROMISE, END_HEADERS, 1, STR("\0\0\0\x02\x82\x87\x84\x41\x07sp.test"));
    put_frame(out, TAP_RESPONSE, HEADERS, END_HEADERS, 1,
              STR("\x48\x03"
                  "103"));
    put_frame(out, TAP_RESPONSE, HEADERS, END_HEADERS, 1, STR("\x88\x5f\x09text/html"));
    put_frame(out, TAP_RESPONSE, DATA, 0, 1, STR("<html>"));
    put_frame(out, TAP_RESPONSE, HEADERS, END_HEADERS | END_STREAM, 1, STR("\x40\x07trailer\x01x"));
    put_frame(out, TAP_RESPONSE, GOAWAY, 0, 0, STR("\0\0\0\3\0\0\0\0"));
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct buf out;

    buf_init(&out, 1 << 20);
    for (int ends = 0; ends < 4; ends++) {
        buf_add_byte(&out, (char)ends);
        buf_add_byte(&out, (char)(ends * 3));
        put_signin(&out);
        if (ends == 3)
            put_frame(&out, TAP_RESPONSE, DATA, 0, 0, STR("on no stream: the end of reading"));
        fuzz_seed(seeds, buf_str(&out));
        buf_reset(&out);
    }
    buf_release(&out);
}

FUZZ_TARGET(tap_http2) = { .name = "tap_http2", .max_len = 8192, .run = run, .seed = seed };
