/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_FINDING_H
#define SAMLTAP_FINDING_H

#include <stdint.h>

#include "arena.h"
#include "attack.h"
#include "where.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };
enum owner { OWNER_IDP_ADMIN, OWNER_SP_ADMIN, OWNER_USER, OWNER_NETWORK, OWNER_SAMLTAP };
enum confidence { CONFIDENCE_POSSIBLE, CONFIDENCE_LIKELY, CONFIDENCE_PROVEN };

/* How two strings that should be equal differ (saml-verification 3.1). */
enum near_miss {
    NEAR_MISS_NONE, /* simply different */
    NEAR_MISS_CASE,
    NEAR_MISS_TRAILING_SLASH,
    NEAR_MISS_SCHEME, /* http against https */
    NEAR_MISS_DEFAULT_PORT,
    NEAR_MISS_WHITE_SPACE,
    NEAR_MISS_PERCENT_ENCODING,
    NEAR_MISS_WWW,
    NEAR_MISS_SPN_PREFIX,
    NEAR_MISS_QUERY,
    NEAR_MISS_PATH, /* same host, other path */
    NEAR_MISS_HOST, /* same path, other host */
    NEAR_MISS_REGION,
    NEAR_MISS_PARTITION,
    NEAR_MISS_FRAGMENT,
    NEAR_MISS_TYPO_URN,   /* urn:oasis:name:tc */
    NEAR_MISS_LOOK_ALIKE, /* characters that look the same */
    NEAR_MISS_COUNT,
};

struct check;

struct finding {
    const struct check *check;
    enum severity severity; /* effective, after overrides and demotion */
    enum confidence confidence;
    int rank;         /* 1 = root cause; 0 = not ranked yet */
    int message;      /* 1-based number of the message, 0: the whole input */
    struct str title; /* absent: check->title */
    struct str text;
    struct str expected; /* absent when it is no comparison */
    struct str received;
    struct str source;       /* where the expectation comes from */
    size_t first_difference; /* byte offset into received, SIZE_MAX: none */
    enum near_miss near_miss;
    struct str rewritten;        /* it is proven that somebody put this value in; absent: no such proof */
    const struct attack *attack; /* family whose shape it has; NULL: none */
    struct where where;
    const struct finding *follows_from; /* NULL: stands on its own */
};

struct not_checked {
    const struct check *check;
    struct str why;
};

enum { CHECKS_MAX = 1024 }; /* rows of all tables together; a test counts them */

struct findings {
    struct arena *arena;
    struct finding **items;
    size_t count;
    size_t capacity;
    struct not_checked *skipped;
    size_t skipped_count;
    size_t skipped_capacity;
    uint8_t ran[CHECKS_MAX / 8]; /* by number of the check: it looked at this input */
    bool incomplete;             /* memory ran out, or there were too many: something is missing */
    unsigned long refusals;      /* memory_refusals() when it was made */
    struct finding scratch;      /* takes what could not be added; never shown */
};

enum { FINDINGS_MAX = 1000 }; /* more than that in one report help nobody */

/* Makes an empty collection whose items will live in the arena. */
void findings_init(struct findings *findings, struct arena *arena);

/*
 * Memory was refused since the collection was made, perhaps inside a library that then said something
 * else: what is claimed from there on may be wrong, so nothing more is added.
 */
bool findings_short_of_memory(const struct findings *findings);

/* Adds an empty finding; gives the scratch one (and sets incomplete) when there is no room. Never NULL. */
struct finding *findings_add(struct findings *findings);

/* Records a check that was not made; the same check with the same reason counts once. */
void findings_skip(struct findings *findings, const struct check *check, struct str why);

/* Notes that the check of that number (check_number()) looked at the input. */
void findings_note_run(struct findings *findings, size_t number);
bool findings_did_run(const struct findings *findings, size_t number);

/* Classifies the difference; NEAR_MISS_NONE also when they are equal. */
enum near_miss near_miss_of(struct str expected, struct str received);
const char *near_miss_name(enum near_miss near_miss);  /* "trailing-slash" */
const char *near_miss_words(enum near_miss near_miss); /* "differs only by a trailing slash" */

/* Byte offset of the first difference, at a UTF-8 character boundary; SIZE_MAX when equal. */
size_t first_difference(struct str expected, struct str received);

#endif
