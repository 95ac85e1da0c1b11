/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_STREAM_PIPE_H
#define SAMLTAP_STREAM_PIPE_H

#include "tls_io.h"

/*
 * Moves bytes from one stream to another inside the kernel, by splice(2) and a pipe that belongs to the
 * one that sends: for blind tunnels, whose bytes nobody reads. Both streams are without TLS, nothing is
 * read ahead in from and nothing waits in to. The process must ignore SIGPIPE.
 */
enum { STREAM_PIPE_NONE = -2 };

/*
 * Moves what there is, up to some 256 KiB; what to does not take at once is held in the pipe and counts
 * as pending. Returns how many bytes; 0 when there are none now; -1 when there will be none any more
 * (see from->input); STREAM_PIPE_NONE, with nothing moved, when this system or the limit on descriptors
 * gives no pipe.
 */
ssize_t stream_pipe_move(struct stream *from, struct stream *to);

/* Sends what is held, as far as it goes. False when the stream is cut (output says so). */
bool stream_pipe_flush(struct stream *to);

/* Closes the pipe, with what it holds. */
void stream_pipe_close(struct stream *to);

#endif
