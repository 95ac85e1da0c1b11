/* SPDX-License-Identifier: MIT */
#include "pipe.h"

enum { LENGTH_BYTES = 4, TYPE_BYTES = 1 };

void
pipe_write(struct buf *out, enum pipe_type type, struct str payload)
{
    if (payload.len > PIPE_MAX_FRAME - TYPE_BYTES) {
        out->failed = true;
        return;
    }
    buf_add_u32(out, (uint32_t)(payload.len + TYPE_BYTES));
    buf_add_byte(out, (char)type);
    buf_add_str(out, payload);
}

static uint64_t
big_endian(const char *bytes, size_t count)
{
    uint64_t value = 0;

    for (size_t i = 0; i < count; i++)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}

int
pipe_next(const struct buf *in, enum pipe_type *type, struct str *payload, size_t *used)
{
    struct str bytes = buf_str(in);
    size_t length;
    int code;

    if (bytes.len < LENGTH_BYTES + TYPE_BYTES)
        return 0;
    length = (size_t)big_endian(bytes.ptr, LENGTH_BYTES);
    code = (unsigned char)bytes.ptr[LENGTH_BYTES];
    if (length < TYPE_BYTES || length > PIPE_MAX_FRAME || code < PIPE_EXCHANGE || code > PIPE_DROPPED)
        return -1;
    if (bytes.len < LENGTH_BYTES + length)
        return 0;
    *type = (enum pipe_type)code;
    *payload = str_slice(bytes, LENGTH_BYTES + TYPE_BYTES, length - TYPE_BYTES);
    *used = LENGTH_BYTES + length;
    return 1;
}

bool
pipe_cut_number(struct str *payload, uint64_t *number)
{
    if (payload->len < 8)
        return false;
    *number = big_endian(payload->ptr, 8);
    *payload = str_from_offset(*payload, 8);
    return true;
}

bool
pipe_cut_record(struct str *payload, struct str *record)
{
    size_t length;

    if (payload->len < LENGTH_BYTES)
        return false;
    length = (size_t)big_endian(payload->ptr, LENGTH_BYTES);
    if (length > payload->len - LENGTH_BYTES)
        return false;
    *record = str_slice(*payload, LENGTH_BYTES, length);
    *payload = str_from_offset(*payload, LENGTH_BYTES + length);
    return true;
}
