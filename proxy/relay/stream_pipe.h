/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_STREAM_PIPE_H
#define SAMLTAP_STREAM_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Moves bytes from one socket to another inside the kernel, by splice(2) and a pipe: for blind tunnels,
 * whose bytes nobody reads. Both sockets are non-blocking. The process must ignore SIGPIPE.
 */
struct stream_pipe {
    int ends[2]; /* to read from, to write to; -1: none (yet) */
    size_t held; /* bytes that are in it */
};

enum { STREAM_PIPE_NONE = -2 };

/* An empty one, without descriptors. */
struct stream_pipe stream_pipe_init(void);

/*
 * Takes what there is at the socket from, up to some 256 KiB, into the empty pipe, which is made when it is
 * needed. Returns how many bytes; 0 at the end of the stream; -1 and errno (EAGAIN: none now); STREAM_PIPE_NONE,
 * with nothing taken, when this system or the limit on descriptors gives no pipe.
 */
ssize_t stream_pipe_fill(struct stream_pipe *pipe, int from);

/* Sends what is held to the socket to, as far as it goes. Returns 0, or what went wrong as errno. */
int stream_pipe_drain(struct stream_pipe *pipe, int to);

/* Closes it, with what it holds. */
void stream_pipe_close(struct stream_pipe *pipe);

#endif
