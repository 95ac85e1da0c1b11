/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LINK_QUEUE_H
#define SAMLTAP_LINK_QUEUE_H

#include <sys/uio.h>

#include "buf.h"

/*
 * Frames on their way to the desk, in order: sent ones that wait for their acknowledgement, then at
 * most one that is partly sent, then the others. Bounded by bytes.
 */
struct link_entry;

struct link_queue {
    struct link_entry *first, *last;
    struct link_entry *unsent; /* first that is not wholly sent, NULL when all are */
    size_t unsent_offset;      /* bytes of it that are sent */
    size_t count, bytes, max_bytes;
};

void link_queue_init(struct link_queue *queue, size_t max_bytes);
void link_queue_release(struct link_queue *queue);

/*
 * Appends a frame (its bytes are moved out of *frame). Returns how many of the oldest were dropped
 * to make room; a partly sent one never is, that would break the stream.
 */
size_t link_queue_add(struct link_queue *queue, uint64_t number, struct buf *frame);

/*
 * The next bytes to send, of up to max frames (borrowed until the queue changes). Returns how many
 * pieces there are, 0 when nothing is left.
 */
size_t link_queue_unsent(const struct link_queue *queue, struct iovec *pieces, size_t max);
void link_queue_sent(struct link_queue *queue, size_t bytes);

/* Removes a wholly sent frame. Returns false when there is none of that number. */
bool link_queue_acknowledge(struct link_queue *queue, uint64_t number);

/* The receiver is gone: everything is to be sent again. */
void link_queue_rewind(struct link_queue *queue);

/*
 * The receiver died over the first frame when it had any of it: to be called before link_queue_rewind
 * forgets that. Number 0 is no exchange, and never to blame. The second time the frame is replaced by a PIPE_QUARANTINE frame. Returns true then,
 * and its number.
 */
bool link_queue_blame(struct link_queue *queue, uint64_t *number);

#endif
