/* SPDX-License-Identifier: MIT */
#include "buf.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory_watch.h"

void
buf_init(struct buf *buf, size_t max_bytes)
{
    *buf = (struct buf){ .max_bytes = max_bytes };
}

void
buf_release(struct buf *buf)
{
    free(buf->bytes);
    buf_init(buf, buf->max_bytes);
}

void
buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->bytes != NULL)
        buf->bytes[0] = '\0';
}

bool
buf_grow(struct buf *buf, size_t extra)
{
    size_t wanted, capacity;
    char *bytes;

    if (buf->failed || extra > buf->max_bytes - buf->len) {
        buf->failed = true;
        return false;
    }
    wanted = buf->len + extra + 1;
    if (wanted <= buf->capacity)
        return true;
    capacity = buf->capacity ? buf->capacity : 64;
    while (capacity < wanted)
        capacity = capacity > SIZE_MAX / 2 ? wanted : capacity * 2;
    bytes = realloc(buf->bytes, capacity);
    if (bytes == NULL) {
        memory_refused();
        buf->failed = true;
        return false;
    }
    buf->bytes = bytes;
    buf->capacity = capacity;
    return true;
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0 || !buf_reserve(buf, (size_t)length)) {
        buf->failed = true;
        return;
    }
    va_start(args, format);
    vsnprintf(buf->bytes + buf->len, (size_t)length + 1, format, args);
    va_end(args);
    buf->len += (size_t)length;
}

void
buf_add_u32(struct buf *buf, uint32_t value)
{
    uint32_t bytes = htobe32(value);

    buf_add(buf, &bytes, sizeof(bytes));
}

void
buf_add_u64(struct buf *buf, uint64_t value)
{
    uint64_t bytes = htobe64(value);

    buf_add(buf, &bytes, sizeof(bytes));
}

void
buf_set_u32(struct buf *buf, size_t at, uint32_t value)
{
    uint32_t bytes = htobe32(value);

    memcpy(buf->bytes + at, &bytes, sizeof(bytes));
}

void
buf_consume(struct buf *buf, size_t len)
{
    if (len > buf->len)
        len = buf->len;
    if (len == 0)
        return;
    buf->len -= len;
    memmove(buf->bytes, buf->bytes + len, buf->len);
    buf->bytes[buf->len] = '\0';
}

char *
buf_detach(struct buf *buf, size_t *len)
{
    char *bytes;

    buf_reserve(buf, 0);
    bytes = buf->failed ? NULL : buf->bytes;
    if (len != NULL)
        *len = bytes != NULL ? buf->len : 0;
    if (bytes != NULL) {
        bytes[buf->len] = '\0';
        buf->bytes = NULL;
    }
    buf_release(buf);
    return bytes;
}
