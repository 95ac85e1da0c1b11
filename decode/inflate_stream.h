/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_INFLATE_STREAM_H
#define SAMLTAP_INFLATE_STREAM_H

#include "inflate.h"

/* Inflates piece by piece, in constant memory: for files that may unpack to any size. */
struct inflate_stream;

/* Gives a new stream, or NULL when memory is out. */
struct inflate_stream *inflate_stream_new(enum inflate_format format);
void inflate_stream_free(struct inflate_stream *stream); /* NULL is fine */

/*
 * Takes bytes off the front of *in and writes at most room bytes to out; *got says how many. INFLATE_OK: it
 * goes on, with more input when *in is used up. INFLATE_TRAILING: it has ended, *in is what follows. INFLATE_DAMAGED,
 * INFLATE_NO_MEMORY: no more comes. gzip members that follow one another are joined.
 */
enum inflate_result inflate_stream_next(struct inflate_stream *stream, struct str *in, char *out, size_t room,
                                        size_t *got);

/* True at the end of a member: the input may stop here. */
bool inflate_stream_may_end(const struct inflate_stream *stream);

#endif
