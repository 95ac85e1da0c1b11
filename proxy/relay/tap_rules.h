/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TAP_RULES_H
#define SAMLTAP_TAP_RULES_H

#include "exchange.h"
#include "signin_hosts.h"

struct http1_pair;

/* What all taps of a relay share. */
struct tap_rules {
    size_t body_ceiling;  /* bytes kept of one body */
    size_t budget;        /* bytes kept by all taps together: past it bodies are cut */
    size_t kept;          /* of it used now */
    uint64_t over_budget; /* bodies that were cut for it */
    struct signin_hosts *hosts;
    int64_t (*now_ms)(void *data); /* since 1970 */
    /* Gets every exchange; borrowed for the call. number is the callee's to set. */
    void (*emit)(void *data, struct exchange *exchange);
    void *data;
    uint64_t unreadable; /* connections that turned out not to be HTTP, or to break its rules */
    uint64_t pushes;     /* answers that HTTP/2 servers promised unasked */
    uint64_t left_out;   /* HTTP/2 requests of which nothing was told: too many at once */
    /* What the last exchange needed, for the next one: most follow each other. NULL: none. */
    struct http1_pair *spare_pair;
    struct arena *spare_arena;
};

/* Whose connection it is: borrowed while the tap lives. */
struct tap_origin {
    uint64_t connection;
    struct str client;
    struct str scheme;
    struct str host;    /* absent: the request names it (plain proxying) */
    struct str address; /* of requests that name no host; absent: none */
    unsigned port;
    bool is_http2; /* as both ends agreed */
};

enum tap_side { TAP_REQUEST, TAP_RESPONSE };

#endif
