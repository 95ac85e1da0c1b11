/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_ANSWER_H
#define SAMLTAP_ANSWER_H

#include "exchange.h"

/*
 * What an HTTP answer says to the person in front of the browser. Pure; answers are hostile input,
 * so only the first MiB is read and what cannot be read says nothing.
 */

struct answer {
    struct str quote; /* one line, at most ANSWER_QUOTE_BYTES, untrusted; absent: nothing to quote */
    bool known;       /* the quote holds an error sentence of AWS or an identity provider that we know */
    bool error;       /* known, or title and headline speak of an error */
    bool role_choice; /* the page on which IAM lets the user choose a role */
};

enum { ANSWER_QUOTE_BYTES = 300 };

/* Reads body and content type of the response; texts live in the arena. */
struct answer answer_read(struct arena *arena, const struct exchange *exchange);

/* The lists with which the access portal of Identity Center answers. */
enum portal_list {
    PORTAL_LIST_NONE,
    PORTAL_LIST_APPS,     /* …/instance/appinstances */
    PORTAL_LIST_PROFILES, /* …/instance/appinstance/<id>/profiles */
    PORTAL_LIST_ACCOUNTS, /* …/assignment/accounts */
    PORTAL_LIST_ROLES,    /* …/assignment/roles */
};

/* Which list the URL asks for; decided by the path alone. */
enum portal_list portal_list_of(const struct exchange *exchange);

/* Entries of the list in the JSON answer; -1 when it was no success, not readable, or goes on elsewhere. */
int portal_list_count(const struct exchange *exchange);

/* True for an answer that a browser shows as a page. */
bool answer_is_page(const struct exchange *exchange);

#endif
