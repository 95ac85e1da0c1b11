/* SPDX-License-Identifier: MIT */
#include "pages.h"

/* RFC 9113: types and flags of frames. */
enum { DATA = 0, HEADERS = 1, SETTINGS = 4, GOAWAY = 7, END_STREAM = 1, ACK = 1, END_HEADERS = 4 };

/* The longest frame that every peer takes, and the status in HPACK's static table. */
enum { MAX_FRAME = 16384, STATUS_FIELD = 8, HEAD_CEILING = 8192 };

static void
add_number(struct buf *out, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_add_byte(out, (char)(number >> shift & 0xff));
}

static void
add_frame(struct buf *out, unsigned type, unsigned flags, uint32_t stream, struct str payload)
{
    buf_add_byte(out, (char)(payload.len >> 16 & 0xff));
    buf_add_byte(out, (char)(payload.len >> 8 & 0xff));
    buf_add_byte(out, (char)(payload.len & 0xff));
    buf_add_byte(out, (char)type);
    buf_add_byte(out, (char)flags);
    add_number(out, stream);
    buf_add_str(out, payload);
}

/* RFC 7541 section 5.2, not in Huffman's code; 127 and more go on in groups of seven bits. */
static void
add_string(struct buf *out, struct str text)
{
    size_t rest = text.len;

    if (rest < 127) {
        buf_add_byte(out, (char)rest);
    } else {
        buf_add_byte(out, 127);
        for (rest -= 127; rest >= 128; rest >>= 7)
            buf_add_byte(out, (char)(128 | (rest & 127)));
        buf_add_byte(out, (char)rest);
    }
    buf_add_str(out, text);
}

static void
add_name(struct buf *out, struct str name)
{
    size_t begin = out->len;

    add_string(out, name);
    for (size_t i = begin; i < out->len; i++)
        if (out->bytes[i] >= 'A' && out->bytes[i] <= 'Z')
            out->bytes[i] = (char)(out->bytes[i] - 'A' + 'a');
}

/* "HTTP/1.1 200 OK" and fields, as literals that change no table. */
static void
add_head(struct buf *out, struct str head)
{
    struct str line, name, value;

    str_cut(head, '\n', &line, &head);
    buf_add_byte(out, STATUS_FIELD);
    add_string(out, str_slice(line, sizeof "HTTP/1.1 " - 1, 3));
    while (str_cut(head, '\n', &line, &head)) {
        if (!str_cut(line, ':', &name, &value) || str_eq_nocase(name, STR("Connection")))
            continue;
        buf_add_byte(out, 0);
        add_name(out, name);
        add_string(out, str_trim(value));
    }
}

void
pages_http2(struct buf *out, struct str page, uint32_t stream)
{
    size_t end = str_find_c(page, "\r\n\r\n") + 2; /* behind the last field's line */
    struct str body = str_from_offset(page, end + 2);
    struct buf payload;

    add_frame(out, SETTINGS, 0, 0, (struct str){ "", 0 });
    add_frame(out, SETTINGS, ACK, 0, (struct str){ "", 0 }); /* the client's came before its request */
    buf_init(&payload, HEAD_CEILING);
    add_head(&payload, str_slice(page, 0, end));
    add_frame(out, HEADERS, END_HEADERS | (body.len == 0 ? END_STREAM : 0u), stream, buf_str(&payload));
    while (body.len > 0) {
        struct str piece = str_slice(body, 0, MAX_FRAME);

        body = str_from_offset(body, piece.len);
        add_frame(out, DATA, body.len == 0 ? END_STREAM : 0u, stream, piece);
    }
    buf_reset(&payload);
    add_number(&payload, stream); /* later requests were not looked at and may be sent again */
    add_number(&payload, 0);
    add_frame(out, GOAWAY, 0, 0, buf_str(&payload));
    buf_release(&payload);
}
