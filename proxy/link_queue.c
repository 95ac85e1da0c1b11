/* SPDX-License-Identifier: MIT */
#include "link_queue.h"

#include <stdlib.h>

#include "memory.h"
#include "pipe.h"

enum { DEATHS_TO_QUARANTINE = 2 };

struct link_entry {
    struct link_entry *next;
    uint64_t number;
    int deaths; /* receivers that died over it */
    bool quarantined;
    struct buf frame;
};

void
link_queue_init(struct link_queue *queue, size_t max_bytes)
{
    *queue = (struct link_queue){ .max_bytes = max_bytes };
}

/* Unlinks and frees the entry behind before (NULL: the first). */
static void
remove_after(struct link_queue *queue, struct link_entry *before)
{
    struct link_entry *entry = before ? before->next : queue->first;

    if (entry == NULL)
        return;
    if (before != NULL)
        before->next = entry->next;
    else
        queue->first = entry->next;
    if (queue->last == entry)
        queue->last = before;
    if (queue->unsent == entry)
        queue->unsent = entry->next;
    queue->count--;
    queue->bytes -= entry->frame.len;
    buf_release(&entry->frame);
    free(entry);
}

void
link_queue_release(struct link_queue *queue)
{
    while (queue->first != NULL)
        remove_after(queue, NULL);
}

static size_t
drop_oldest(struct link_queue *queue)
{
    size_t dropped = 0;

    while (queue->bytes > queue->max_bytes && queue->count > 1) {
        bool partly_sent = queue->first == queue->unsent && queue->unsent_offset > 0;

        if (partly_sent && queue->count == 2)
            break;
        remove_after(queue, partly_sent ? queue->first : NULL);
        dropped++;
    }
    return dropped;
}

size_t
link_queue_add(struct link_queue *queue, uint64_t number, struct buf *frame)
{
    struct link_entry *entry = xcalloc(1, sizeof(*entry));

    entry->number = number;
    entry->frame = *frame;
    buf_init(frame, frame->max_bytes);
    if (queue->last != NULL)
        queue->last->next = entry;
    else
        queue->first = entry;
    queue->last = entry;
    if (queue->unsent == NULL) {
        queue->unsent = entry;
        queue->unsent_offset = 0;
    }
    queue->count++;
    queue->bytes += entry->frame.len;
    return drop_oldest(queue);
}

size_t
link_queue_unsent(const struct link_queue *queue, struct iovec *pieces, size_t max)
{
    size_t count = 0, offset = queue->unsent_offset;

    for (const struct link_entry *entry = queue->unsent; entry != NULL && count < max; entry = entry->next) {
        pieces[count++] = (struct iovec){ entry->frame.bytes + offset, entry->frame.len - offset };
        offset = 0;
    }
    return count;
}

void
link_queue_sent(struct link_queue *queue, size_t bytes)
{
    while (queue->unsent != NULL && bytes > 0) {
        size_t left = queue->unsent->frame.len - queue->unsent_offset;

        if (bytes < left) {
            queue->unsent_offset += bytes;
            return;
        }
        bytes -= left;
        queue->unsent = queue->unsent->next;
        queue->unsent_offset = 0;
    }
}

bool
link_queue_acknowledge(struct link_queue *queue, uint64_t number)
{
    struct link_entry *before = NULL;

    for (struct link_entry *entry = queue->first; entry != queue->unsent; entry = entry->next) {
        if (entry->number == number) {
            remove_after(queue, before);
            return true;
        }
        before = entry;
    }
    return false;
}

void
link_queue_rewind(struct link_queue *queue)
{
    queue->unsent = queue->first;
    queue->unsent_offset = 0;
}

static void
make_quarantine_frame(struct link_queue *queue, struct link_entry *entry)
{
    struct buf payload;

    buf_init(&payload, 1024);
    buf_add_u64(&payload, entry->number);
    buf_printf(&payload,
               "exchange %llu stopped the analysis %d times and was set aside; its %zu bytes are in the journal",
               (unsigned long long)entry->number, entry->deaths, entry->frame.len);
    queue->bytes -= entry->frame.len;
    buf_reset(&entry->frame);
    pipe_write(&entry->frame, PIPE_QUARANTINE, buf_str(&payload));
    queue->bytes += entry->frame.len;
    entry->quarantined = true;
    buf_release(&payload);
}

bool
link_queue_blame(struct link_queue *queue, uint64_t *number)
{
    struct link_entry *first = queue->first;

    if (first == NULL || first->number == 0 || first->quarantined ||
        (first == queue->unsent && queue->unsent_offset == 0) || ++first->deaths < DEATHS_TO_QUARANTINE)
        return false;
    make_quarantine_frame(queue, first);
    queue->unsent_offset = queue->unsent == first ? 0 : queue->unsent_offset;
    *number = first->number;
    return true;
}
