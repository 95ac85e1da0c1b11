/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TAP_H
#define SAMLTAP_TAP_H

#include "tap_rules.h"

/*
 * Reads a copy of the bytes of one connection as HTTP/1.1 or HTTP/2 and tells each exchange when it ended. It
 * never holds bytes up and never changes them; what it cannot read it lets go by. Holds memory only
 * while a message is under way.
 */
struct tap;

/* Frees the spare parts. */
void tap_rules_release(struct tap_rules *rules);

/* Never NULL. */
struct tap *tap_new(struct tap_rules *rules, const struct tap_origin *origin);

/* Takes the tap (NULL is fine); exchanges that are still open are told as cut short. */
void tap_free(struct tap *tap);

/* Bytes that went by, in the order in which they did. */
void tap_bytes(struct tap *tap, enum tap_side side, struct str bytes);

/* That side will say nothing more. is_cut: it was broken off, so that no message is complete by that. */
void tap_eof(struct tap *tap, enum tap_side side, bool is_cut);

/*
 * What is to be said about the next exchange that ends, and about every open one: in place of "cut
 * short", or beside a status of 400 and up. text is copied.
 */
void tap_note(struct tap *tap, enum exchange_problem problem, const char *text);

/* No request waits for the end of its response, or nothing of this connection can be read. */
bool tap_is_idle(const struct tap *tap);

/* Requests seen so far, complete or not. */
uint64_t tap_requests(const struct tap *tap);

/*
 * The oldest request whose response has not begun, NULL none; borrowed until the tap is called again.
 * *number: of its stream, over HTTP/2.
 */
const struct exchange *tap_awaited(const struct tap *tap, uint64_t *number);

#endif
