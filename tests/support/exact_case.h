/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_EXACT_CASE_H
#define SAMLTAP_TESTS_EXACT_CASE_H

#include "buf.h"
#include "exchange.h"

/*
 * A request and its answer, made up from a number alone: who sends it, who gets it and who looks at the
 * exchange that was told each make it again and compare. All framings of HTTP/1.1, sizes from nothing up.
 */

enum exact_framing {
    EXACT_NO_BODY,
    EXACT_LENGTH,
    EXACT_CHUNKED,
    EXACT_UNTIL_CLOSE, /* responses only, and only for the last case of a connection */
};

struct exact_case {
    uint32_t number;
    char method[8], path[60];
    unsigned status;
    enum exact_framing framing[2]; /* of the request, of the response */
    struct buf body[2];
    unsigned interims; /* 1xx responses before */
    bool has_trailers;
    uint32_t random; /* for what is left to chance */
};

/* The largest body; is_last: of its connection. */
struct exact_limits {
    size_t max_body;
    bool is_last;
};

uint32_t exact_roll(uint32_t *random, uint32_t sides);

/* limits of a number are the caller's to remember. Release it. */
void exact_case_init(struct exact_case *exact, uint32_t number, struct exact_limits limits);
void exact_case_release(struct exact_case *exact);

/* Appends the request, the target behind origin ("" or "http://sp.test"), or the response, as HTTP/1.1. */
void exact_write_request(const struct exact_case *exact, const char *origin, const char *host, struct buf *out);
void exact_write_response(const struct exact_case *exact, struct buf *out);

/* The number in a target; 0: none. */
uint32_t exact_number_of(struct str target);

/* Compares what was told with the case. NULL, or what differs (static). *bodies: how many were kept and compared. */
const char *exact_differs(const struct exact_case *exact, const struct exchange *told, size_t *bodies);

#endif
