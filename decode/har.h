/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HAR_H
#define SAMLTAP_HAR_H

#include "exchange.h"
#include "har_split.h"

enum capture_result {
    CAPTURE_OK,
    CAPTURE_OTHER,  /* well-formed JSON, but not this format */
    CAPTURE_BROKEN, /* not JSON, or this format with a part that cannot be read: see problem */
    CAPTURE_NO_MEMORY,
};

/*
 * Reads an HTTP Archive 1.2 (Chrome, Firefox, Safari, mitmproxy, Fiddler; sanitised ones) into
 * exchanges in the arena. Bodies of responses are stored without content coding, so Content-Encoding
 * is left out of their headers; a Location that was taken out comes back from redirectURL. *problem:
 * one line, absent when nothing is wrong; with CAPTURE_OK it says what was left out.
 */
enum capture_result har_read(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count,
                             struct str *problem);

/*
 * The same piece by piece, in the memory of the largest entry: feed the file, take what comes.
 *
 *     har_reader_init(&reader, 64 << 20);
 *     for each piece of the file:
 *         while (har_reader_next(&reader, arena, &piece, &exchange) == HAR_EXCHANGE)
 *             …;                              // arena: a fresh one for each exchange, or one for all
 *     result = har_reader_end(&reader, arena, &problem);
 *     har_reader_release(&reader);
 */
enum har_event {
    HAR_MORE,     /* the piece is used up */
    HAR_EXCHANGE, /* *exchange is one; its number is its place in the file, from 1 */
    HAR_NO_MEMORY,
};

struct har_reader {
    /* Private. */
    struct har_split split;
    size_t left_out;
    size_t first_left_out;
    char why[160];
    bool is_chrome, has_headers, has_secrets;
};

/* An entry of more than max_entry_bytes is left out, which the end says. */
void har_reader_init(struct har_reader *reader, size_t max_entry_bytes);
void har_reader_release(struct har_reader *reader);

/* Reads on in *piece. The exchange lives in the arena. */
enum har_event har_reader_next(struct har_reader *reader, struct arena *arena, struct str *piece,
                               struct exchange *exchange);

/*
 * There are no more bytes. Results as of har_read; a file that is cut off is CAPTURE_OK when an entry came
 * before the cut, and *problem says where it is.
 */
enum capture_result har_reader_end(const struct har_reader *reader, struct arena *arena, struct str *problem);

#endif
