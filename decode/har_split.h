/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HAR_SPLIT_H
#define SAMLTAP_HAR_SPLIT_H

#include "buf.h"

/*
 * Cuts the entries out of an HTTP Archive, so that a file of any size is read in the memory of its
 * largest entry. Pure: the caller feeds bytes in pieces of any size, splits make no difference.
 *
 *     while ((event = har_split_next(&split, &input, &part)) != HAR_SPLIT_MORE) …
 *
 * and har_split_end() when there are no more bytes.
 */
enum har_split_event {
    HAR_SPLIT_MORE,    /* input is used up */
    HAR_SPLIT_ENTRY,   /* part: one element of log.entries; split->index says which, from 1 */
    HAR_SPLIT_SKIPPED, /* an element over the ceiling went by */
    HAR_SPLIT_CREATOR, /* part: value of log.creator */
    HAR_SPLIT_OTHER,   /* no JSON object, or brackets that do not match (line, column); all input is used */
};

/* How a file ended. */
enum har_split_end {
    HAR_SPLIT_WHOLE,
    HAR_SPLIT_CUT,        /* in the middle; split->in_entry: inside element split->index */
    HAR_SPLIT_NO_ENTRIES, /* has "log", but no log.entries */
    HAR_SPLIT_NO_LOG,     /* JSON, but no HTTP Archive; also when it was cut before that can be told */
    HAR_SPLIT_NO_OBJECT,  /* nothing, or HAR_SPLIT_OTHER was said */
};

enum { HAR_SPLIT_KEY = 16, HAR_SPLIT_MAX_DEPTH = 512 };

struct har_split {
    size_t index;        /* elements of log.entries that have begun */
    bool in_entry;       /* one has begun and not ended */
    size_t line, column; /* of the byte that was read last, from 1 */

    /* Private. */
    size_t max_bytes;
    size_t depth;
    unsigned char brackets[HAR_SPLIT_MAX_DEPTH / 8]; /* a bit a level: it is an array */
    bool in_string, escaped;
    char string[HAR_SPLIT_KEY]; /* the beginning of the last string at depth 1 or 2 */
    size_t string_length;
    char key[HAR_SPLIT_KEY]; /* the last string before a colon there */
    bool in_log, saw_log, saw_entries, in_entries;
    bool started, failed, complete;
    bool capturing, skipping; /* inside a value that is handed over, or would be */
    bool is_creator;
    size_t capture_depth;
    struct buf kept; /* what earlier pieces of input held of it */
};

/* Prepares for a new file; an element larger than max_bytes is skipped. Allocates nothing. */
void har_split_init(struct har_split *split, size_t max_bytes);

void har_split_release(struct har_split *split);

/*
 * Reads on: takes bytes off the front of *input and reports one event. *part borrows from the input or
 * from split and is valid until the next call. A refused allocation shows as HAR_SPLIT_SKIPPED.
 */
enum har_split_event har_split_next(struct har_split *split, struct str *input, struct str *part);

enum har_split_end har_split_end(const struct har_split *split);

#endif
