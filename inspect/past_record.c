/* SPDX-License-Identifier: MIT */
/* What a memory notes, as bytes that another process can recall. */
#include <string.h>

#include "past.h"
#include "past_parts.h"

/* The first byte of a record says what it is; other numbers are for other layouts to come. */
enum kind { KIND_USE = 1, KIND_REQUEST = 2, KIND_SENDER = 3 };

struct reader {
    struct str rest;
    bool failed;
};

/* --- writing ------------------------------------------------------------------------------------------------ */

static void
put_key(struct buf *log, const struct seen_key *key)
{
    buf_add(log, key->bytes, sizeof(key->bytes));
}

static void
put_text(struct buf *log, const char *bytes, size_t len)
{
    buf_add_u32(log, (uint32_t)len);
    buf_add(log, bytes, len);
}

void
past_record_use(struct buf *log, const struct seen_use *use)
{
    buf_add_byte(log, KIND_USE);
    buf_add_u64(log, (uint64_t)use->at_ms);
    buf_add_u32(log, use->status);
    buf_add_byte(log, (char)use->accepted);
    put_key(log, &use->response);
    put_key(log, &use->request);
    put_key(log, &use->message);
    put_key(log, &use->agent);
    for (size_t i = 0; i < PAST_USE_ASSERTIONS; i++)
        put_key(log, &use->assertions[i]);
    put_text(log, use->url.bytes, use->url.len);
    put_text(log, use->client.bytes, use->client.len);
}

void
past_record_request(struct buf *log, const struct seen_request *request)
{
    buf_add_byte(log, KIND_REQUEST);
    buf_add_u64(log, (uint64_t)request->at_ms);
    put_key(log, &request->id);
}

void
past_record_sender(struct buf *log, const struct seen_sender *sender, int64_t at_ms)
{
    buf_add_byte(log, KIND_SENDER);
    buf_add_u64(log, (uint64_t)at_ms);
    put_key(log, &sender->name);
    put_text(log, sender->id, sender->id_len);
}

/* --- reading ------------------------------------------------------------------------------------------------ */

/* Zeroes once something was missing. */
static void
take(struct reader *reader, void *bytes, size_t len)
{
    reader->failed = reader->failed || reader->rest.len < len;
    if (reader->failed) {
        memset(bytes, 0, len);
        return;
    }
    memcpy(bytes, reader->rest.ptr, len);
    reader->rest = str_from_offset(reader->rest, len);
}

static uint64_t
take_number(struct reader *reader, size_t len)
{
    unsigned char bytes[8];
    uint64_t number = 0;

    take(reader, bytes, len);
    for (size_t i = 0; i < len; i++)
        number = number << 8 | bytes[i];
    return number;
}

static size_t
take_text(struct reader *reader, char *bytes, size_t room)
{
    size_t len = (size_t)take_number(reader, 4);

    reader->failed = reader->failed || len > room;
    if (reader->failed)
        return 0;
    take(reader, bytes, len);
    return reader->failed ? 0 : len;
}

static void
take_key(struct reader *reader, struct seen_key *key)
{
    take(reader, key->bytes, sizeof(key->bytes));
}

static void
recall_use(struct past *past, struct reader *reader, int64_t at_ms, int64_t oldest_ms)
{
    struct seen_use use = { .at_ms = at_ms, .recalled = true };

    use.status = (unsigned)take_number(reader, 4);
    use.accepted = take_number(reader, 1) != 0;
    take_key(reader, &use.response);
    take_key(reader, &use.request);
    take_key(reader, &use.message);
    take_key(reader, &use.agent);
    for (size_t i = 0; i < PAST_USE_ASSERTIONS; i++)
        take_key(reader, &use.assertions[i]);
    use.url.len = take_text(reader, use.url.bytes, sizeof(use.url.bytes));
    use.client.len = take_text(reader, use.client.bytes, sizeof(use.client.bytes));
    if (!reader->failed && at_ms >= oldest_ms)
        past_add_use(past, &use);
}

static void
recall_request(struct past *past, struct reader *reader, int64_t at_ms, int64_t oldest_ms)
{
    struct seen_request request = { .at_ms = at_ms };

    /* Not for whom: who was not there for a while has no right to say that a request was never made. */
    take_key(reader, &request.id);
    if (!reader->failed && at_ms >= oldest_ms)
        past_add_request(past, &request);
}

static void
recall_sender(struct past *past, struct reader *reader, int64_t at_ms, int64_t oldest_ms)
{
    struct seen_sender read = { 0 }, *sender;
    bool found;

    take_key(reader, &read.name);
    read.id_len = take_text(reader, read.id, sizeof(read.id));
    if (reader->failed || at_ms < oldest_ms)
        return;
    sender = past_sender(past, &read.name, &found);
    *sender = read;
}

bool
past_recall(struct past *past, struct str log, int64_t oldest_ms)
{
    struct reader reader = { log, false };

    while (reader.rest.len > 0 && !reader.failed) {
        enum kind kind = (enum kind)take_number(&reader, 1);
        int64_t at_ms = (int64_t)take_number(&reader, 8);

        if (kind == KIND_USE)
            recall_use(past, &reader, at_ms, oldest_ms);
        else if (kind == KIND_REQUEST)
            recall_request(past, &reader, at_ms, oldest_ms);
        else if (kind == KIND_SENDER)
            recall_sender(past, &reader, at_ms, oldest_ms);
        else
            reader.failed = true;
    }
    return !reader.failed;
}
