/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CAPTURE_SPLIT_H
#define SAMLTAP_CAPTURE_SPLIT_H

#include "buf.h"

/* JSON captures that are read entry by entry. */
enum capture_format {
    CAPTURE_UNKNOWN,
    CAPTURE_HAR,         /* HTTP Archive: the elements of log.entries */
    CAPTURE_SAML_TRACER, /* export of the SAML-tracer extension: the elements of requests */
};

/*
 * Cuts the entries out of a capture, so that a file of any size is read in the memory of its largest
 * entry. Several captures of a kind may stand behind each other, or be the elements of an array; their entries
 * are counted through. Pure: the caller feeds bytes in pieces of any size, splits make no difference.
 *
 *     while ((event = capture_split_next(&split, &input, &part)) != CAPTURE_SPLIT_MORE) …
 *
 * and capture_split_end() when there are no more bytes.
 */
enum capture_split_event {
    CAPTURE_SPLIT_MORE,    /* input is used up */
    CAPTURE_SPLIT_ENTRY,   /* part: one element of log.entries or requests; split->index says which, from 1 */
    CAPTURE_SPLIT_SKIPPED, /* an element over the ceiling went by */
    CAPTURE_SPLIT_BROKEN,  /* element split->index has brackets that do not match, or a string that does not end
                              (line, column, offset); the next is looked for */
    CAPTURE_SPLIT_CREATOR, /* part: value of log.creator */
    CAPTURE_SPLIT_OTHER,   /* no JSON object, or brackets that do not match (line, column, offset); input is used up */
};

/* How a file ended. */
enum capture_split_end {
    CAPTURE_SPLIT_WHOLE,
    CAPTURE_SPLIT_CUT,        /* in the middle; split->in_entry: inside element split->index */
    CAPTURE_SPLIT_NO_ENTRIES, /* has "log", but no log.entries */
    CAPTURE_SPLIT_NO_LOG,     /* JSON, but no capture; also when it was cut before that can be told */
    CAPTURE_SPLIT_NO_OBJECT,  /* nothing, or CAPTURE_SPLIT_OTHER was said */
};

enum { CAPTURE_SPLIT_KEY = 16, CAPTURE_SPLIT_MAX_DEPTH = 512 };

struct capture_split {
    enum capture_format format; /* that of the first array of entries; known once it has begun */
    size_t index;               /* entries that have begun */
    bool in_entry;              /* one has begun and not ended */
    size_t line, column;        /* of the byte that was read last, from 1 */
    size_t offset;              /* bytes that were read */
    size_t entry_offset;        /* of the first byte of entry index */
    bool open_string;           /* CAPTURE_SPLIT_BROKEN is about a string that does not end on its line */

    /* Private. */
    size_t max_bytes;
    size_t depth;
    size_t base; /* depth outside of each capture: 1 when they are elements of an array */
    unsigned char brackets[CAPTURE_SPLIT_MAX_DEPTH / 8]; /* a bit a level: it is an array */
    bool in_string, escaped;
    char string[CAPTURE_SPLIT_KEY]; /* the beginning of the last string at depth 1 or 2 */
    size_t string_length;
    char key[CAPTURE_SPLIT_KEY]; /* the last string before a colon there */
    bool in_log, saw_log, saw_entries;
    size_t entries_depth; /* of the entries while inside their array, or 0 */
    bool started, failed;
    bool complete;            /* all brackets are closed */
    bool stopped;             /* what follows is no capture */
    bool capturing, skipping; /* inside a value that is handed over, or would be */
    bool is_creator;
    size_t capture_depth;
    bool lost;          /* behind a broken element: looks for the beginning of the next */
    char beginning[64]; /* what may be that */
    size_t beginning_length;
    struct buf kept; /* what earlier pieces of input held of it */
};

/* Prepares for a new file; an element larger than max_bytes is skipped. Allocates nothing. */
void capture_split_init(struct capture_split *split, size_t max_bytes);

void capture_split_release(struct capture_split *split);

/*
 * Reads on: takes bytes off the front of *input and reports one event. *part borrows from the input or
 * from split and is valid until the next call. A refused allocation shows as CAPTURE_SPLIT_SKIPPED.
 */
enum capture_split_event capture_split_next(struct capture_split *split, struct str *input, struct str *part);

enum capture_split_end capture_split_end(const struct capture_split *split);

/* What there is of an entry in whose middle the file was cut off; absent when there is none or it was too large. */
struct str capture_split_rest(const struct capture_split *split);

#endif
