/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXCHANGE_FILE_H
#define SAMLTAP_EXCHANGE_FILE_H

#include "find.h"
#include "progress.h"

/*
 * Exchanges out of an input, one after the other: a HAR file, SAML-tracer export or samltap's own journal of any
 * size in the memory of its largest entry (from a file or standard input, gzip or not), or whatever else find_input()
 * takes exchanges from.
 */

/* Takes one exchange, which lives in the arena until the call returns. Returns false to stop. */
typedef bool exchange_taker(void *data, struct arena *arena, const struct exchange *exchange);

/* Takes all bytes (unpacked) of an input that is neither capture nor journal. */
typedef void whole_taker(void *data, struct str bytes);

struct exchange_file {
    const char *argument; /* file name, "-" or a pasted URL; borrowed */
    const struct saml_options *saml;
    exchange_taker *take;
    whole_taker *take_whole; /* NULL: find_input() reads it with saml, into input */
    void *data;
    struct progress *progress; /* in MiB of the file, or exchanges */

    /* Set by exchange_file_read. */
    const char *kind;    /* "har", "journal", …; static; NULL when it went to take_whole */
    size_t count;        /* exchanges handed over */
    struct input input;  /* kinds that hold bare messages: they, in whole_arena */
    struct arena *whole; /* freed by exchange_file_release */
    struct str bytes;    /* that find_input() read, in whole; absent: it read none */
    char *problem;       /* what is wrong with the container though it was read; NULL: nothing */
};

/*
 * Reads it all. Returns false and *why (malloc'd, one line) when it cannot be read or is none that we
 * know; then too what was taken before stays taken.
 */
bool exchange_file_read(struct exchange_file *file, char **why);
void exchange_file_release(struct exchange_file *file);

/*
 * head: the first bytes of a file, at least EXCHANGE_FILE_HEAD_BYTES where there are as many. False only when
 * it is neither capture nor journal, nor packed, nor UTF-16: exchange_file_read() would call take_whole.
 */
enum { EXCHANGE_FILE_HEAD_BYTES = 16 };
bool exchange_file_may_be_recording(struct str head);

#endif
