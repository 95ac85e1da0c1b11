/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PIPE_H
#define SAMLTAP_PIPE_H

#include "buf.h"

/*
 * The one pipe between relay and desk: a stream socket pair. A frame is length (u32, of what
 * follows, big endian), type (u8) and payload.
 */
enum pipe_type {
    PIPE_EXCHANGE = 1,   /* relay → desk: number (u64), then exchange_write bytes */
    PIPE_ACK = 2,        /* desk → relay: number (u64): stored or examined, never to be sent again */
    PIPE_READY = 3,      /* desk → relay: version (u8): options are read, exchanges are welcome */
    PIPE_FINISH = 4,     /* relay → desk: finish open sign-ins, acknowledge, then close */
    PIPE_QUARANTINE = 5, /* relay → desk: number (u64), then text: an exchange that killed the desk twice */
    PIPE_BYSTANDERS = 6, /* relay → desk: number (u64) of the last, then records: length (u32), exchange_write bytes
                            without headers and bodies. Exchanges that have nothing to do with a sign-in */
    PIPE_REOPEN = 7,     /* relay → desk: number (u64, 0): somebody moved the logs, open them again */
    PIPE_LINE = 8,       /* relay → desk: number (u64, 0), then text for standard output, whole lines */
    PIPE_SIGNIN = 9,     /* desk → relay: verdict (u8, enum verdict) of a finished sign-in */
    PIPE_DROPPED = 10,   /* relay → desk: number (u64, 0), count (u64), text: so many exchanges never come */
};

enum { PIPE_MAX_FRAME = 16 * 1024 * 1024, PIPE_VERSION = 1 };

/* Appends one frame. */
void pipe_write(struct buf *out, enum pipe_type type, struct str payload);

/*
 * Takes one whole frame from the front of in. Returns 1 and type, payload (borrowed until in
 * changes; *used bytes are to be consumed afterwards), 0 when more bytes are needed, -1 when the
 * stream is broken.
 */
int pipe_next(const struct buf *in, enum pipe_type *type, struct str *payload, size_t *used);

/* Takes the first record off a PIPE_BYSTANDERS payload (behind its number). Returns false when there is none. */
bool pipe_cut_record(struct str *payload, struct str *record);

/* Takes the number (u64) from the front of a payload. Returns false when it is too short. */
bool pipe_cut_number(struct str *payload, uint64_t *number);

#endif
