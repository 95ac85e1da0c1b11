/* SPDX-License-Identifier: MIT */
#include "http1.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/*
 * Both directions of a connection, cut at places that the input chooses. The same bytes in one piece
 * must give the same events: a reader that depends on how bytes arrive can be led astray.
 *
 * Input: size of the request part (14 bits of 2 bytes), cut width (1 byte), then requests, then responses.
 */
/* What a direction came to: enough to tell two readings apart. */
struct trace {
    uint64_t heads, interims, ends, body_bytes;
    uint64_t sum; /* over head and body content */
    bool opaque;
    enum http1_event eof;
};

static void
add(struct trace *trace, struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        trace->sum = (trace->sum ^ (unsigned char)s.ptr[i]) * UINT64_C(1099511628211);
}

static void
add_head(struct trace *trace, const struct http1_reader *reader)
{
    add(trace, reader->method);
    add(trace, reader->target);
    add(trace, reader->version);
    add(trace, reader->reason);
    for (size_t i = 0; i < reader->headers.count; i++) {
        add(trace, reader->headers.items[i].name);
        add(trace, reader->headers.items[i].value);
    }
    trace->sum += reader->deviations + reader->status + reader->number;
}

static void
play(struct http1_pair *pair, enum http1_side side, struct str bytes, size_t width, struct trace *trace)
{
    const struct http1_reader *reader = side == HTTP1_REQUEST ? &pair->request : &pair->response;

    while (!trace->opaque && bytes.len > 0) {
        struct str piece = str_slice(bytes, 0, width), slice;
        bool more = true;

        bytes = str_from_offset(bytes, piece.len);
        while (more) {
            switch (http1_pair_next(pair, side, &piece, &slice)) {
            case HTTP1_HEAD:
                trace->heads++;
                add_head(trace, reader);
                break;
            case HTTP1_INTERIM:
                trace->interims++;
                add_head(trace, reader);
                break;
            case HTTP1_BODY:
                trace->body_bytes += slice.len;
                add(trace, slice);
                break;
            case HTTP1_END:
                trace->ends++;
                break;
            case HTTP1_OPAQUE:
                trace->opaque = true;
                more = false;
                break;
            default:
                more = false;
            }
        }
    }
    trace->eof = http1_pair_eof(pair, side);
}

static void
play_both(struct str requests, struct str responses, size_t width, struct trace traces[2])
{
    struct http1_pair pair;

    memset(traces, 0, 2 * sizeof(traces[0]));
    http1_pair_init(&pair);
    play(&pair, HTTP1_REQUEST, requests, width, &traces[0]);
    play(&pair, HTTP1_RESPONSE, responses, width, &traces[1]);
    http1_pair_release(&pair);
}

static void
run(struct str input)
{
    struct trace whole[2], cut[2];
    const unsigned char *bytes = (const unsigned char *)input.ptr;
    struct str rest = str_from_offset(input, 3), requests;
    size_t split;

    if (input.len < 3)
        return;
    split = (bytes[0] & 0x3fu) << 8 | bytes[1];
    requests = str_slice(rest, 0, split);
    rest = str_from_offset(rest, requests.len);
    play_both(requests, rest, SIZE_MAX, whole);
    play_both(requests, rest, bytes[2] + 1u, cut);
    if (memcmp(whole, cut, sizeof(whole)) != 0)
        abort();
}

static void
seed_pair(struct fuzz_seeds *seeds, const char *requests, const char *responses, unsigned width)
{
    size_t len = str_from(requests).len;

    fuzz_seed(seeds, arena_printf(seeds->arena, "%c%c%c%s%s", (int)(len >> 8) | 0x40, (int)(len & 0xff), (int)width,
                                  requests, responses));
}

static void
seed(struct fuzz_seeds *seeds)
{
    static const char posted[] = "POST /saml/acs HTTP/1.1\r\nHost: sp.example.com\r\nContent-Length: 5\r\n\r\na=b&c"
                                 "GET / HTTP/1.1\nHost: x\n\nHEAD /h HTTP/1.0\r\n\r\n";
    static const char answered[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                   "3;a=b\r\nabc\r\n0\r\nTrailer: x\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /\r\n"
                                   "Content-Length: 0\r\n\r\nHTTP/1.0 204 No\r\n\r\n";

    seed_pair(seeds, posted, answered, 7);
    seed_pair(seeds, "CONNECT a.test:443 HTTP/1.1\r\n\r\nbytes", "HTTP/1.1 200\r\n\r\nbytes", 3);
    seed_pair(seeds, "POST /c HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
              "HTTP/1.1 200 OK\r\nConnection: close\r\nX: a\r\n folded\r\n\r\nuntil the end", 1);
}

FUZZ_TARGET(http1) = { .name = "http1", .max_len = 16384, .run = run, .seed = seed };
