/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TAP_H
#define SAMLTAP_TAP_H

#include "exchange.h"
#include "signin_hosts.h"

/*
 * Reads a copy of the bytes of one connection as HTTP/1.1 and tells each exchange when it ended. It
 * never holds bytes up and never changes them; what it cannot read it lets go by. Holds memory only
 * while a message is under way.
 */
struct tap;
struct http1_pair;

/* What all taps of a relay share. */
struct tap_rules {
    size_t body_ceiling; /* bytes kept of one body */
    size_t budget;       /* bytes kept by all taps together: past it bodies are cut */
    size_t kept;         /* of it used now */
    struct signin_hosts *hosts;
    int64_t (*now_ms)(void *data); /* since 1970 */
    /* Gets every exchange; borrowed for the call. number is the callee's to set. */
    void (*emit)(void *data, struct exchange *exchange);
    void *data;
    /* What the last exchange needed, for the next one: most follow each other. NULL: none. */
    struct http1_pair *spare_pair;
    struct arena *spare_arena;
};

/* Frees the spare parts. */
void tap_rules_release(struct tap_rules *rules);

/* Whose connection it is: borrowed while the tap lives. */
struct tap_origin {
    uint64_t connection;
    struct str client;
    struct str scheme;
    struct str host; /* absent: the request names it (plain proxying) */
    unsigned port;
};

enum tap_side { TAP_REQUEST, TAP_RESPONSE };

/* Never NULL. */
struct tap *tap_new(struct tap_rules *rules, const struct tap_origin *origin);

/* Takes the tap (NULL is fine); exchanges that are still open are told as cut short. */
void tap_free(struct tap *tap);

/* Bytes that went by, in the order in which they did. */
void tap_bytes(struct tap *tap, enum tap_side side, struct str bytes);

/* That side will say nothing more. */
void tap_eof(struct tap *tap, enum tap_side side);

/*
 * What is to be said about the next exchange that ends, and about every open one: in place of "cut
 * short", or beside a status of 400 and up. text is copied.
 */
void tap_note(struct tap *tap, enum exchange_problem problem, const char *text);

/* Requests seen so far, complete or not, and whether one waits for the first byte of its response. */
uint64_t tap_requests(const struct tap *tap);
bool tap_awaits_response(const struct tap *tap);

#endif
