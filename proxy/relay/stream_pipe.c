/* SPDX-License-Identifier: MIT */
#include "stream_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct stream_pipe
stream_pipe_init(void)
{
    return (struct stream_pipe){ .ends = { -1, -1 } };
}

void
stream_pipe_close(struct stream_pipe *pipe)
{
    for (int i = 0; i < 2; i++)
        if (pipe->ends[i] >= 0)
            close(pipe->ends[i]);
    *pipe = stream_pipe_init();
}

#ifdef __linux__

/* Some time of the receiver's, so that it need not wake for each segment. */
enum { PIPE_BYTES = 256 * 1024 };

static bool
open_pipe(struct stream_pipe *pipe)
{
    if (pipe->ends[0] >= 0)
        return true;
    if (pipe2(pipe->ends, O_NONBLOCK | O_CLOEXEC) != 0) {
        *pipe = stream_pipe_init();
        return false;
    }
    (void)fcntl(pipe->ends[1], F_SETPIPE_SZ, PIPE_BYTES); /* refused past the user's limit: smaller steps then */
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

ssize_t
stream_pipe_fill(struct stream_pipe *pipe, int from)
{
    ssize_t got;

    if (!open_pipe(pipe))
        return STREAM_PIPE_NONE;
    got = splice_some(from, pipe->ends[1], PIPE_BYTES);
    if (got > 0)
        pipe->held += (size_t)got;
    return got < 0 && errno == EINVAL ? STREAM_PIPE_NONE : got; /* a kind of socket that cannot */
}

int
stream_pipe_drain(struct stream_pipe *pipe, int to)
{
    while (pipe->held > 0) {
        ssize_t sent = splice_some(pipe->ends[0], to, pipe->held);

        if (sent < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
        pipe->held -= (size_t)sent;
    }
    return 0;
}

#else

ssize_t
stream_pipe_fill(struct stream_pipe *pipe, int from)
{
    (void)pipe;
    (void)from;
    return STREAM_PIPE_NONE;
}

int
stream_pipe_drain(struct stream_pipe *pipe, int to)
{
    (void)pipe;
    (void)to;
    return 0;
}

#endif
