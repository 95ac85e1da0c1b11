/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONTENT_CODING_H
#define SAMLTAP_CONTENT_CODING_H

#include "exchange.h"

enum content_result {
    CONTENT_OK,
    CONTENT_UNSUPPORTED, /* detail names the coding */
    CONTENT_DAMAGED,     /* out holds what could be read, perhaps nothing */
    CONTENT_TOO_LARGE,   /* out holds the beginning */
    CONTENT_NO_MEMORY,
};

enum { CONTENT_MAX_CODINGS = 3 };

/*
 * Takes the content codings of a body off (RFC 9110 8.4.1), as its Content-Encoding headers list them:
 * gzip, deflate (zlib, or raw as some servers send), br, zstd, identity; at most CONTENT_MAX_CODINGS
 * others than identity. *out borrows from body or lives in the arena. *detail: one line for people, absent when OK.
 */
enum content_result content_decode(struct arena *arena, struct str body, const struct headers *headers,
                                   size_t max_bytes, struct str *out, struct str *detail);

#endif
