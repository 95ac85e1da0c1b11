/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CAPTURE_H
#define SAMLTAP_CAPTURE_H

#include "capture_split.h"
#include "exchange.h"

enum capture_result {
    CAPTURE_OK,
    CAPTURE_OTHER,  /* well-formed JSON, but no capture that we know */
    CAPTURE_BROKEN, /* not JSON, or a capture with a part that cannot be read: see problem */
    CAPTURE_NO_MEMORY,
};

/*
 * Reads a capture, HTTP Archive (har.h) or SAML-tracer export (saml_tracer.h), piece by piece in the
 * memory of its largest entry: feed the file, take what comes.
 *
 *     capture_reader_init(&reader, 64 << 20);
 *     for each piece of the file:
 *         while (capture_reader_next(&reader, arena, &piece, &exchange) == CAPTURE_EXCHANGE)
 *             …;                              // arena: a fresh one for each exchange, or one for all
 *     if (capture_reader_cut(&reader, arena, &exchange))
 *         …;                                  // the last exchange of a file that is cut off
 *     result = capture_reader_end(&reader, arena, &problem);
 *     capture_reader_release(&reader);
 */
enum capture_event {
    CAPTURE_MORE,     /* the piece is used up */
    CAPTURE_EXCHANGE, /* *exchange is one; its number is its place in the file, from 1 */
    CAPTURE_MEMORY,   /* the arena refused */
};

struct capture_reader {
    /* Private. */
    struct capture_split split;
    size_t left_out;
    size_t first_left_out;
    char why[160];
    size_t restored; /* SAML-tracer: masked messages that were put back */
    bool cut_used;   /* the entry in whose middle the file ends was used */
    bool is_chrome, has_headers, has_secrets;
};

/* An entry of more than max_entry_bytes is left out, which the end says. */
void capture_reader_init(struct capture_reader *reader, size_t max_entry_bytes);
void capture_reader_release(struct capture_reader *reader);

/* Reads on in *piece. The exchange lives in the arena. */
enum capture_event capture_reader_next(struct capture_reader *reader, struct arena *arena, struct str *piece,
                                       struct exchange *exchange);

/* What the file is, as soon as that can be told; CAPTURE_UNKNOWN before. */
enum capture_format capture_reader_format(const struct capture_reader *reader);

/*
 * There are no more bytes: gives the exchange of the entry in whose middle the file is cut off, with
 * EXCHANGE_CUT_SHORT, when its request is there in whole. To be called once, before capture_reader_end().
 */
bool capture_reader_cut(struct capture_reader *reader, struct arena *arena, struct exchange *exchange);

/*
 * There are no more bytes. *problem (in the arena): one line, absent when nothing is wrong; with CAPTURE_OK
 * it says what was left out, masked or taken away. A file that is cut off or damaged is CAPTURE_OK when an
 * exchange came before that, and *problem says at which byte it is.
 */
enum capture_result capture_reader_end(const struct capture_reader *reader, struct arena *arena, struct str *problem);

/*
 * The same for a text that is in memory: all its exchanges, in the arena. *format (may be NULL) says what it
 * is when the result is CAPTURE_OK.
 */
enum capture_result capture_read(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count,
                                 struct str *problem, enum capture_format *format);

#endif
