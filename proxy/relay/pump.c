/* SPDX-License-Identifier: MIT */
#include "pump.h"

/* A record that is smaller than this most likely is the last one of a message: hand it on at once. */
enum { SMALL_READ = 4096, RECORD = 16 * 1024, ROUNDS = 8, MANY = 64 * 1024 };

/* Collects up to four records. Returns their bytes; *more says that reading on may give more now. */
static size_t
collect(struct stream *from, char *scratch, bool *more)
{
    size_t n = 0;

    *more = false;
    while (n + RECORD <= PUMP_SCRATCH) {
        ssize_t got = stream_read(from, scratch + n, PUMP_SCRATCH - n);

        if (got <= 0)
            return n;
        n += (size_t)got;
        if (got < SMALL_READ)
            break;
    }
    /* One read too few is repaired by the event loop; one too many is a system call for nothing. */
    *more = n >= RECORD || stream_has_buffered(from);
    return n;
}

/* What is read there is what the socket gives. */
static bool
is_bare(const struct stream *stream)
{
    return stream->ssl == NULL && stream->below == NULL;
}

/* Bytes that nobody looks at go through the kernel, once there are enough of them to pay for its pipe. */
static bool
is_for_kernel(const struct pump *pump, enum pump_end side)
{
    const struct stream *from = pump->end[side], *to = pump->end[!side];

    return pump->is_blind && pump->bytes[side] >= MANY && is_bare(from) && is_bare(to) && !stream_has_buffered(from) &&
           stream_pending(to) == 0;
}

/* Hands on what there is now; returns how many bytes. *more: reading on may give more now. */
static size_t
hand_on(struct pump *pump, enum pump_end side, char *scratch, bool *more)
{
    struct stream *from = pump->end[side], *to = pump->end[!side];
    struct str bytes = { scratch, 0 };

    if (is_for_kernel(pump, side)) {
        ssize_t moved = stream_move(from, to);

        if (moved != STREAM_PIPE_NONE) {
            *more = moved > 0;
            return moved > 0 ? (size_t)moved : 0;
        }
        pump->is_blind = false;
    }
    bytes.len = collect(from, scratch, more);
    if (bytes.len > 0)
        stream_write(to, bytes);
    return bytes.len;
}

static void
tell(struct pump *pump, enum pump_end from, struct str bytes)
{
    if (pump->seen != NULL)
        pump->seen(pump->data, from, bytes);
}

/* Moves what is readable. Returns true when it stopped for fairness and there is more. */
static bool
move(struct pump *pump, enum pump_end side, char *scratch)
{
    struct stream *from = pump->end[side], *to = pump->end[!side];
    bool more = true;

    for (int round = 0; more && round < ROUNDS; round++) {
        bool blind = pump->is_blind;
        size_t n = hand_on(pump, side, scratch, &more);

        if (n > 0) {
            pump->bytes[side] += n;
            tell(pump, side, blind ? STR("") : (struct str){ scratch, n });
        }
        if (from->input != STREAM_OPEN) {
            tell(pump, side, (struct str){ 0 });
            return false;
        }
        if (to->output != STREAM_OPEN)
            return false;
        pump->paused[side] = stream_pending(to) > PUMP_HIGH_WATER || to->pipe.held > 0;
        if (pump->paused[side])
            return false;
    }
    return more;
}

/* A direction is through when its source has ended and all was sent, or when its sink takes no more. */
static bool
is_through(const struct pump *pump, enum pump_end side)
{
    const struct stream *from = pump->end[side], *to = pump->end[!side];

    return to->output != STREAM_OPEN || (from->input != STREAM_OPEN && stream_pending(to) == 0);
}

bool
pump_run(struct pump *pump, unsigned ready, char *scratch)
{
    bool again[2] = { false, false };

    for (int i = 0; i < 2; i++)
        stream_flush(pump->end[i]);
    for (int i = 0; i < 2; i++) {
        enum pump_end side = i == 0 ? PUMP_CLIENT : PUMP_SERVER;
        struct stream *from = pump->end[side], *to = pump->end[!side];
        bool resumed = pump->paused[side] && stream_pending(to) < PUMP_LOW_WATER && to->pipe.held == 0;

        if (resumed)
            pump->paused[side] = false;
        if (from->input == STREAM_OPEN && to->output == STREAM_OPEN && !pump->paused[side] &&
            (resumed || (ready >> side & 1u) != 0 || stream_has_buffered(from)))
            again[side] = move(pump, side, scratch);
        if (pump->is_stopped)
            return false;
        if (from->input != STREAM_OPEN && stream_pending(to) == 0)
            stream_end(to, from->input == STREAM_ENDED);
    }
    if (is_through(pump, PUMP_CLIENT) && is_through(pump, PUMP_SERVER))
        return false;
    for (int i = 0; i < 2; i++) {
        stream_watch(pump->end[i], !pump->paused[i] && pump->end[!i]->output == STREAM_OPEN);
        if (again[i]) /* only now: libevent does not begin to watch for an event that is active already */
            event_active(&pump->end[i]->readable, EV_READ, 0);
    }
    return true;
}
