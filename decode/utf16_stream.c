/* SPDX-License-Identifier: MIT */
#include "utf16_stream.h"

enum { BYTE_ORDER_MARK = 0xfeff, REPLACEMENT = 0xfffd, LOOK_AT = 64 };

static uint32_t
unit_of(const struct utf16_stream *stream, unsigned char first, unsigned char second)
{
    return stream->big_endian ? (uint32_t)first << 8 | second : (uint32_t)second << 8 | first;
}

/* The first character that is neither mark nor blank; 0 when there is none in sight. */
static uint32_t
first_character(const struct utf16_stream *stream, struct str head)
{
    for (size_t i = 0; i + 1 < head.len && i < LOOK_AT; i += 2) {
        uint32_t unit = unit_of(stream, (unsigned char)head.ptr[i], (unsigned char)head.ptr[i + 1]);

        if (unit != BYTE_ORDER_MARK && unit != ' ' && unit != '\t' && unit != '\r' && unit != '\n')
            return unit;
    }
    return 0;
}

bool
utf16_stream_begins(struct utf16_stream *stream, struct str head)
{
    static const struct {
        struct str start;
        bool big_endian;
    } marks[] = { { STR_INIT("\xff\xfe"), false }, { STR_INIT("\xfe\xff"), true } };
    uint32_t character;

    *stream = (struct utf16_stream){ .at_start = true };
    if (head.len < 4)
        return false;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (str_starts(head, marks[i].start)) {
            stream->big_endian = marks[i].big_endian;
            character = first_character(stream, head);
            return character != '<' && character != 0; /* 0: that would be UTF-32 */
        }
    stream->big_endian = head.ptr[0] == 0;
    for (size_t i = 0; i < 4; i++)
        if ((head.ptr[i] == 0) != (i % 2 == (stream->big_endian ? 0 : 1)))
            return false;
    character = first_character(stream, head);
    return character > ' ' && character < 0x7f && character != '<';
}

static void
add_character(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_add_byte(out, (char)c);
    } else if (c < 0x800) {
        buf_add_byte(out, (char)(0xc0 | c >> 6));
        buf_add_byte(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        buf_add_byte(out, (char)(0xe0 | c >> 12));
        buf_add_byte(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_add_byte(out, (char)(0x80 | (c & 0x3f)));
    } else {
        buf_add_byte(out, (char)(0xf0 | c >> 18));
        buf_add_byte(out, (char)(0x80 | (c >> 12 & 0x3f)));
        buf_add_byte(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_add_byte(out, (char)(0x80 | (c & 0x3f)));
    }
}

static void
add_unit(struct utf16_stream *stream, struct buf *out, uint32_t unit)
{
    bool is_low = unit >= 0xdc00 && unit < 0xe000;
    uint32_t high = stream->high;

    if (stream->at_start && unit == BYTE_ORDER_MARK)
        unit = 0;
    stream->high = 0;
    if (high != 0 && is_low) {
        add_character(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
        return;
    }
    if (high != 0)
        add_character(out, REPLACEMENT);
    if (unit >= 0xd800 && unit < 0xdc00)
        stream->high = unit;
    else if (is_low)
        add_character(out, REPLACEMENT);
    else if (unit != 0 || !stream->at_start)
        add_character(out, unit);
    stream->at_start = false;
}

void
utf16_stream_next(struct utf16_stream *stream, struct str bytes, struct buf *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];

        if (stream->odd)
            add_unit(stream, out, unit_of(stream, stream->first, c));
        stream->first = c;
        stream->odd = !stream->odd;
    }
}
