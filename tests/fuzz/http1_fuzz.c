/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "http1.h"

/*
 * Both directions of a connection, cut at places that the input chooses. The same bytes in one piece
 * must give the same events: a reader that depends on how bytes arrive can be led astray.
 *
 * Input: size of the request part (2 bytes), cut width (1 byte), then requests, then responses.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
run(struct str requests, struct str responses, size_t width, struct trace traces[2])
{
    struct http1_pair pair;

    memset(traces, 0, 2 * sizeof(traces[0]));
    http1_pair_init(&pair);
    play(&pair, HTTP1_REQUEST, requests, width, &traces[0]);
    play(&pair, HTTP1_RESPONSE, responses, width, &traces[1]);
    http1_pair_release(&pair);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace whole[2], cut[2];
    struct str bytes = { (const char *)data + 3, size - 3 }, requests;
    size_t split;

    if (size < 3)
        return 0;
    split = (size_t)data[0] << 8 | data[1];
    requests = str_slice(bytes, 0, split);
    bytes = str_from_offset(bytes, requests.len);
    run(requests, bytes, SIZE_MAX, whole);
    run(requests, bytes, (size_t)data[2] + 1, cut);
    if (memcmp(whole, cut, sizeof(whole)) != 0)
        abort();
    return 0;
}
