/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_BUF_H
#define SAMLTAP_BUF_H

#include <stdint.h>
#include <string.h>

#include "attributes.h"
#include "str.h"

/*
 * Growable bytes with a ceiling and a sticky failure: after the first refused call every later one
 * does nothing, so a builder tests once, at the end. One thread at a time.
 */
struct buf {
    char *bytes; /* NULL until something is added; followed by a NUL that is not counted */
    size_t len;
    size_t capacity;
    size_t max_bytes;
    bool failed;
};

/* Makes an empty buffer that will hold at most max_bytes. Allocates nothing. */
void buf_init(struct buf *buf, size_t max_bytes);

/* Frees the bytes and makes the buffer empty and usable again. */
void buf_release(struct buf *buf);

/* Forgets the content, keeps memory and ceiling, clears the failure. */
void buf_reset(struct buf *buf);

/* The slow half of buf_reserve: allocates, or fails. */
bool buf_grow(struct buf *buf, size_t extra);

/* Makes room for extra bytes behind the content. Returns false (and fails) when refused. */
static inline bool
buf_reserve(struct buf *buf, size_t extra)
{
    /* capacity counts the NUL, too */
    return (!buf->failed && extra <= buf->max_bytes - buf->len && extra < buf->capacity - buf->len) ||
           buf_grow(buf, extra);
}

static inline void
buf_add(struct buf *buf, const void *bytes, size_t len)
{
    if (!buf_reserve(buf, len))
        return;
    if (len > 0)
        memcpy(buf->bytes + buf->len, bytes, len);
    buf->len += len;
    buf->bytes[buf->len] = '\0';
}

static inline void
buf_add_str(struct buf *buf, struct str s)
{
    buf_add(buf, s.ptr, s.len);
}

static inline void
buf_add_c(struct buf *buf, const char *c_string)
{
    buf_add(buf, c_string, strlen(c_string));
}

static inline void
buf_add_byte(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* Big-endian integers, for the message formats. */
void buf_add_u32(struct buf *buf, uint32_t value);
void buf_add_u64(struct buf *buf, uint64_t value);
/* Writes over the four bytes at offset at, which are there. */
void buf_set_u32(struct buf *buf, size_t at, uint32_t value);

/* Drops the first len bytes (at most all). */
void buf_consume(struct buf *buf, size_t len);

static inline bool
buf_failed(const struct buf *buf)
{
    return buf->failed;
}

/* Borrows the content: valid until the next call that changes the buffer. Present even when empty. */
static inline struct str
buf_str(const struct buf *buf)
{
    return (struct str){ buf->bytes ? buf->bytes : "", buf->len };
}

/* Gives the bytes (malloc'd, NUL-terminated, never NULL unless failed) and leaves the buffer empty. */
char *buf_detach(struct buf *buf, size_t *len);

#endif
