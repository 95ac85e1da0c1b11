/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HTTP1_HEAD_H
#define SAMLTAP_HTTP1_HEAD_H

#include "http1.h"

/* How the body of a message is framed (RFC 9112 6.3). */
enum http1_framing { HTTP1_FRAMING_LENGTH, HTTP1_FRAMING_CHUNKED, HTTP1_FRAMING_UNTIL_CLOSE };

/* What a response answers, as far as framing depends on it. */
enum http1_asked { HTTP1_ASKED_OTHER, HTTP1_ASKED_HEAD, HTTP1_ASKED_CONNECT };

void http1_deviate(struct http1_reader *reader, enum http1_deviation deviation);

/*
 * False when the bytes gathered so far (the beginning of a first line) cannot become a head of the
 * reader's side.
 */
bool http1_head_plausible(const struct http1_reader *reader);

/*
 * Parses the complete head in reader->head (with its empty line) into the public part of the reader.
 * Works in place. Returns false when the start line is none, or lengths contradict each other: the
 * deviation says which.
 */
bool http1_head_parse(struct http1_reader *reader);

/* Framing of the parsed head. asked counts for responses only. Sets content_length and has_body. */
enum http1_framing http1_head_framing(struct http1_reader *reader, enum http1_asked asked);

#endif
