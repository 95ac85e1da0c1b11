/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CLOCKS_H
#define SAMLTAP_CLOCKS_H

#include "exchange.h"

/*
 * The clocks of the parties (saml-verification 3.11), as far as traffic shows them: the Date of HTTP answers and the
 * IssueInstant of messages, each held against the moment when it arrived here. A stamp is always older than its
 * arrival by what the way took (a user who reads, a slow network), so of several stamps of one party the one that took
 * least says most. Bounded: the last CLOCKS_STAMPS of CLOCKS_PARTIES parties of each kind. One thread.
 */
struct clocks;

enum { CLOCKS_PARTIES = 32, CLOCKS_STAMPS = 8 };

/* How far the clock of a party is ahead of this machine's. */
struct clock_reading {
    struct str party;  /* host or entity ID */
    int64_t ahead_ms;  /* less than 0: behind */
    unsigned stamps;   /* from how many messages; 0: nothing is known */
    bool by_date;      /* by Date headers; else by IssueInstant, which has the user's time in it */
    int64_t latest_ms; /* arrival of the newest one */
};

/* What the clocks say about one message. Lives in the arena of its report. */
struct clock_view {
    struct clock_reading idp;
    struct clock_reading sp;
    int64_t waited_ms; /* between its issue and its delivery, by clocks that are known; -1: not known */
    bool page_seen;    /* the page with it was seen: the time is between that and the delivery */
};

/* Gives an empty memory, or NULL. */
struct clocks *clocks_new(void);
void clocks_free(struct clocks *clocks); /* NULL is fine */

/* Notes the Date of the exchange's answer. An answer out of a cache (Age, 304) and one without Date say nothing. */
void clocks_note_answer(struct clocks *clocks, const struct exchange *exchange);

/* Notes that a message of that entity, issued at that time, arrived. */
void clocks_note_issue(struct clocks *clocks, struct str entity_id, int64_t issued_ms, int64_t arrived_ms);

/* Reads the clock of a host by its Date, or of an entity by its messages. Returns false when nothing is known. */
bool clocks_of_host(const struct clocks *clocks, struct str host, struct clock_reading *reading);
bool clocks_of_entity(const struct clocks *clocks, struct str entity_id, struct clock_reading *reading);

#endif
