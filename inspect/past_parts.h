/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PAST_PARTS_H
#define SAMLTAP_PAST_PARTS_H

/* For past.c and past_record.c alone: what a memory is made of. */
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "past_sizes.h"

enum {
    PAST_KEY_BYTES = 16,
    PAST_TEXT_BYTES = 256,
    PAST_ID_BYTES = 64,
    PAST_USE_ASSERTIONS = 4, /* of one answer */
};

/* The beginning of SHA-256; all zero: nothing. */
struct seen_key {
    unsigned char bytes[PAST_KEY_BYTES];
};

/* A text that is kept; what is longer is not. */
struct seen_text {
    char bytes[PAST_TEXT_BYTES];
    size_t len;
};

struct seen_use {
    struct seen_key response, request, message, agent;
    struct seen_key assertions[PAST_USE_ASSERTIONS];
    struct seen_text url, client; /* where it was posted to, and by whom */
    struct seen_text file;        /* or: it was given in a file, and nobody knows whether it was posted */
    int64_t at_ms;
    unsigned status;
    bool accepted;
    bool recalled; /* another process noted it */
};

struct seen_request {
    struct seen_key id, sp;
    int64_t at_ms;
};

struct seen_sender {
    struct seen_key name; /* entity and kind of message */
    char id[PAST_ID_BYTES];
    size_t id_len;
};

struct seen_subject {
    struct seen_key session; /* SessionIndex */
    struct seen_key value;   /* NameID */
    struct seen_text texts[4];
};

struct past {
    struct seen_use uses[PAST_USES];
    struct seen_request requests[PAST_REQUESTS];
    struct seen_sender senders[PAST_SENDERS];
    struct seen_subject subjects[PAST_SUBJECTS];
    struct buf *log; /* what is noted is written down there; NULL: nowhere */
    size_t use_count, request_count, sender_count, subject_count; /* ever noted; the place is the rest */
};

/* Puts it into the place of the oldest. */
void past_add_use(struct past *past, const struct seen_use *use);
void past_add_request(struct past *past, const struct seen_request *request);

/* The sender of that name, or the place of the oldest one (*found: which of them). */
struct seen_sender *past_sender(struct past *past, const struct seen_key *name, bool *found);

/* Appends one record that past_recall() understands. */
void past_record_use(struct buf *log, const struct seen_use *use);
void past_record_request(struct buf *log, const struct seen_request *request);
void past_record_sender(struct buf *log, const struct seen_sender *sender, int64_t at_ms);

#endif
