/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TAP_EXCHANGE_H
#define SAMLTAP_TAP_EXCHANGE_H

#include "tap_rules.h"

/* The exchanges of a tap that are under way, whichever version of HTTP they are read from. Private to the tap. */

struct tap_body {
    struct buf bytes;
    size_t ceiling; /* 0: not kept */
    uint64_t size;
    bool cut;
};

struct tap_exchange {
    struct tap_exchange *next;
    uint64_t number;     /* of the request on this connection: as the HTTP/1.1 reader counts, or the HTTP/2 stream */
    struct arena *arena; /* NULL: no memory */
    struct exchange exchange;
    struct tap_body request, response;
    bool matters; /* may carry a sign-in */
    bool request_ended, response_ended;
};

enum { TAP_NOTE_SIZE = 600 };

/* See tap_note(). */
struct tap_note {
    enum exchange_problem problem;
    char text[TAP_NOTE_SIZE];
};

struct http2_connection;

struct tap {
    struct tap_rules *rules;
    const struct tap_origin *origin;
    struct http1_pair *pair;        /* NULL between messages, and over HTTP/2 */
    struct http2_connection *http2; /* NULL: HTTP/1.1 */
    struct tap_exchange *open;      /* oldest first */
    struct tap_note *note;
    uint64_t requests;
    bool is_off; /* nothing more can be read */
};

/* NULL: none of that number is open. */
struct tap_exchange *tap_exchange_find(const struct tap *tap, uint64_t number);

/* Opens one. Never NULL. */
struct tap_exchange *tap_exchange_start(struct tap *tap, uint64_t number);

/* Its request head is copied: decides what to keep of it. */
void tap_exchange_asked(struct tap *tap, struct tap_exchange *open);

/* Its response head is copied; length: of the body to come, 0 when it does not say. */
void tap_exchange_answered(struct tap *tap, struct tap_exchange *open, uint64_t length);

/* Body bytes of one side went by. */
void tap_exchange_body(struct tap *tap, struct tap_exchange *open, enum tap_side side, struct str slice);

/* One side is through, or was cut; tells and frees the exchange when that was all of it. */
void tap_exchange_ended(struct tap *tap, struct tap_exchange *open, enum tap_side side, enum exchange_problem problem);

/* Unlinks, tells and frees. problem is what is known beside what was read. */
void tap_exchange_finish(struct tap *tap, struct tap_exchange *open, enum exchange_problem problem);
void tap_exchange_finish_all(struct tap *tap, enum exchange_problem problem);

#endif
