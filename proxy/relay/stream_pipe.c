/* SPDX-License-Identifier: MIT */
#include "stream_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void
stream_pipe_close(struct stream *to)
{
    for (int i = 0; i < 2; i++) {
        if (to->pipe[i] >= 0)
            close(to->pipe[i]);
        to->pipe[i] = -1;
    }
    to->piped = 0;
}

#ifdef __linux__

/* Some time of the receiver's, so that it need not wake for each segment. */
enum { PIPE_BYTES = 256 * 1024 };

static bool
open_pipe(struct stream *to)
{
    if (to->pipe[0] >= 0)
        return true;
    if (pipe2(to->pipe, O_NONBLOCK | O_CLOEXEC) != 0) {
        to->pipe[0] = to->pipe[1] = -1;
        return false;
    }
    (void)fcntl(to->pipe[1], F_SETPIPE_SZ, PIPE_BYTES); /* refused past the user's limit: smaller steps then */
    return true;
}

static ssize_t
splice_some(int from, int to, size_t size)
{
    ssize_t moved;

    do
        moved = splice(from, NULL, to, NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    while (moved < 0 && errno == EINTR);
    return moved;
}

bool
stream_pipe_flush(struct stream *to)
{
    while (to->piped > 0) {
        ssize_t sent = splice_some(to->pipe[0], to->fd, to->piped);

        if (sent > 0) {
            to->piped -= (size_t)sent;
            continue;
        }
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return true;
        to->system_error = errno;
        to->output = STREAM_CUT;
        stream_pipe_close(to);
        return false;
    }
    return true;
}

ssize_t
stream_pipe_move(struct stream *from, struct stream *to)
{
    ssize_t got;

    if (!open_pipe(to))
        return STREAM_PIPE_NONE;
    got = splice_some(from->fd, to->pipe[1], PIPE_BYTES);
    if (got > 0) {
        to->piped += (size_t)got;
        stream_pipe_flush(to);
        return got;
    }
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    if (got < 0 && errno == EINVAL) /* a kind of socket that cannot */
        return STREAM_PIPE_NONE;
    if (got < 0)
        from->system_error = errno;
    from->input = got == 0 ? STREAM_ENDED : STREAM_CUT;
    return -1;
}

#else

bool
stream_pipe_flush(struct stream *to)
{
    (void)to;
    return true;
}

ssize_t
stream_pipe_move(struct stream *from, struct stream *to)
{
    (void)from;
    (void)to;
    return STREAM_PIPE_NONE;
}

#endif
